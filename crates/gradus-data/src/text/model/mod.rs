//! From a word to tokens: byte-pair encoding, WordPiece, or one token a word.

mod bpe;
mod cache;
mod merge;
mod word_level;
mod word_piece;

use std::ops::Range;

pub use bpe::Bpe;
pub(crate) use cache::{Pool, Scratch};
pub use word_level::WordLevel;
pub use word_piece::WordPiece;

use super::Vocab;

/// What makes tokens of words.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Model {
    /// Byte-level byte-pair encoding: GPT-2 and its kin.
    Bpe(Bpe),
    /// Longest pieces first: BERT and its kin.
    WordPiece(WordPiece),
    /// One token a word: words, or characters.
    WordLevel(WordLevel),
}

impl Model {
    /// The tokens and their ids.
    pub fn vocab(&self) -> &Vocab {
        match self {
            Self::Bpe(model) => model.vocab(),
            Self::WordPiece(model) => model.vocab(),
            Self::WordLevel(model) => model.vocab(),
        }
    }

    /// Calls `emit` with the id and the range of each token of a word; the range of what has no token
    /// is the error.
    pub(crate) fn word(
        &self,
        word: &str,
        scratch: &mut Scratch,
        emit: impl FnMut(u32, Range<usize>),
    ) -> Result<(), Range<usize>> {
        match self {
            Self::Bpe(model) => model.word(word.as_bytes(), scratch, emit),
            Self::WordPiece(model) => {
                model.word(word, &mut scratch.pieces, emit);
                Ok(())
            }
            Self::WordLevel(model) => model.word(word, emit),
        }
    }
}

impl From<Bpe> for Model {
    fn from(model: Bpe) -> Self {
        Self::Bpe(model)
    }
}

impl From<WordPiece> for Model {
    fn from(model: WordPiece) -> Self {
        Self::WordPiece(model)
    }
}

impl From<WordLevel> for Model {
    fn from(model: WordLevel) -> Self {
        Self::WordLevel(model)
    }
}
