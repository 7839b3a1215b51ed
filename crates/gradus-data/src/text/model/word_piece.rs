//! WordPiece: a word is cut into the longest pieces of the vocabulary, from left to right.
//!
//! 1. The longest token that the word begins with is taken;
//! 2. from there the longest token among those that begin with the prefix (`##`), which marks pieces
//!    within a word; and so on to the end.
//! 3. If somewhere no token fits, or if the word has more characters than allowed, the whole word is one
//!    unknown token.
//!
//! The tokens are a trie and the second step begins at the node of the prefix, so a piece costs one walk.
//! Sources: M. Schuster, K. Nakajima, *Japanese and Korean Voice Search*, 2012; Y. Wu and others,
//! *Google's Neural Machine Translation System*, 2016; the greedy cut: BERT (Devlin and others, 2018).

use std::ops::Range;

use crate::text::trie::Trie;
use crate::text::{TextError, Vocab};

/// A vocabulary of words and pieces of words.
#[derive(Debug, Clone)]
pub struct WordPiece {
    vocab: Vocab,
    unknown: u32,
    prefix: String,
    max_chars: usize,
    trie: Trie,
    /// Where the pieces within a word begin, if there are any.
    inner: Option<u32>,
}

impl WordPiece {
    /// The pieces, those within a word with `##` before them, and the token for words that they do not
    /// make. Words of more than 100 characters are unknown.
    ///
    /// ```
    /// use gradus_data::text::{Splitter, Tokenizer, Vocab, WordPiece};
    /// let vocab = Vocab::from_tokens(["[UNK]", "un", "##aff", "##able"])?;
    /// let tokenizer = Tokenizer::new(WordPiece::new(vocab, "[UNK]")?, Splitter::Bert);
    /// assert_eq!(tokenizer.ids("unaffable table")?, [1, 2, 3, 0]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`TextError::Vocab`] if the unknown token is not in the vocabulary, or a token is not UTF-8.
    pub fn new(vocab: Vocab, unknown: &str) -> Result<Self, TextError> {
        let problem = || format!("the unknown token {unknown:?} is not in the vocabulary; add it");
        let unknown = vocab.id(unknown).ok_or_else(|| TextError::vocab(problem()))?;
        vocab.check_text()?;
        let mut trie = Trie::new();
        for (token, id) in vocab.iter() {
            trie.insert(token, id);
        }
        let made =
            Self { vocab, unknown, prefix: String::new(), max_chars: 100, trie, inner: None };
        Ok(made.prefix("##"))
    }

    /// What the pieces within a word begin with.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self.inner = self.trie.node(self.prefix.as_bytes());
        self
    }

    /// The characters of the longest word that is cut; longer ones are unknown.
    #[must_use]
    pub fn max_chars(mut self, chars: usize) -> Self {
        self.max_chars = chars;
        self
    }

    /// The tokens and their ids.
    pub fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    pub(crate) fn parts(&self) -> (u32, &str, usize) {
        (self.unknown, &self.prefix, self.max_chars)
    }

    pub(super) fn word(
        &self,
        word: &str,
        pieces: &mut Vec<(u32, Range<usize>)>,
        mut emit: impl FnMut(u32, Range<usize>),
    ) {
        pieces.clear();
        let fits = word.len() <= self.max_chars || word.chars().count() <= self.max_chars;
        if fits && self.cut(word.as_bytes(), pieces).is_some() {
            pieces.drain(..).for_each(|(id, range)| emit(id, range));
        } else {
            emit(self.unknown, 0..word.len());
        }
    }

    fn cut(&self, word: &[u8], pieces: &mut Vec<(u32, Range<usize>)>) -> Option<()> {
        let (mut at, mut node) = (0, Some(Trie::ROOT));
        while at < word.len() {
            let (len, id) = self.trie.longest(node?, &word[at..])?;
            pieces.push((id, at..at + len));
            at += len;
            node = self.inner;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use crate::text::{Splitter, Tokenizer, Vocab, WordPiece};

    #[test]
    fn longest_first_and_all_or_nothing() {
        let vocab = ["?", "a", "ab", "##c", "##cd", "##", "é", "##b"];
        let model = WordPiece::new(Vocab::from_tokens(vocab).unwrap(), "?").unwrap();
        let tokenizer = Tokenizer::new(model.clone().max_chars(4), Splitter::WhiteSpace);
        for (text, wanted) in [
            ("abc", &[2, 3][..]),
            ("abcd", &[2, 4]),
            ("acdb", &[1, 4, 7]),
            ("abx", &[0]),
            ("c", &[0]),
            ("ébbb", &[6, 7, 7, 7]),
            ("ébbbb", &[0]),
            ("", &[]),
        ] {
            assert_eq!(tokenizer.ids(text).unwrap(), wanted, "{text}");
        }
        let other = Tokenizer::new(model.prefix("@"), Splitter::WhiteSpace);
        assert_eq!(other.ids("ab abc").unwrap(), [2, 0]);
    }
}
