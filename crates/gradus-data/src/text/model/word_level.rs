//! One token a word, or a token for the unknown. With [`Splitter::Words`](crate::text::Splitter) that is
//! a tokenizer of words, with [`Splitter::Characters`](crate::text::Splitter) one of characters.

use std::ops::Range;

use crate::text::{TextError, Vocab};

/// A vocabulary of whole words.
#[derive(Debug, Clone)]
pub struct WordLevel {
    vocab: Vocab,
    unknown: Option<u32>,
}

impl WordLevel {
    /// The words, and the token for all others; without one they are an error.
    ///
    /// ```
    /// use gradus_data::text::{Splitter, Tokenizer, Vocab, WordLevel};
    /// let vocab = Vocab::from_tokens(["a", "b", "?"])?;
    /// let tokenizer = Tokenizer::new(WordLevel::new(vocab, Some("?"))?, Splitter::Characters);
    /// assert_eq!(tokenizer.ids("abc")?, [0, 1, 2]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`TextError::Vocab`] if the unknown token is not in the vocabulary, or a token is not UTF-8.
    pub fn new(vocab: Vocab, unknown: Option<&str>) -> Result<Self, TextError> {
        vocab.check_text()?;
        let find = |token: &str| {
            let problem =
                || format!("the unknown token {token:?} is not in the vocabulary; add it");
            vocab.id(token).ok_or_else(|| TextError::vocab(problem()))
        };
        let unknown = unknown.map(find).transpose()?;
        Ok(Self { vocab, unknown })
    }

    /// The tokens and their ids.
    pub fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    pub(crate) fn unknown_id(&self) -> Option<u32> {
        self.unknown
    }

    pub(super) fn word(
        &self,
        word: &str,
        mut emit: impl FnMut(u32, Range<usize>),
    ) -> Result<(), Range<usize>> {
        match self.vocab.id(word).or(self.unknown) {
            Some(id) => emit(id, 0..word.len()),
            None => return Err(0..word.len()),
        }
        Ok(())
    }
}
