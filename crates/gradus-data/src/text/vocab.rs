//! A vocabulary: tokens, each a string of bytes, and their ids.
//!
//! Ids may leave holes (files in use do), but no more than [`Vocab::MAX_HOLES`] in all: a file that
//! gives a token the id 4,000,000,000 does not make a table of that length.

use super::TextError;
use super::hash::FastMap;

/// Tokens by id and ids by token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocab {
    tokens: Vec<Option<Box<[u8]>>>,
    ids: FastMap<Box<[u8]>, u32>,
}

impl Vocab {
    /// How many ids below the largest may be without a token.
    pub const MAX_HOLES: usize = 1 << 16;

    /// The tokens in the order of their ids, from 0.
    ///
    /// ```
    /// let vocab = gradus_data::text::Vocab::from_tokens(["[UNK]", "to", "be"])?;
    /// assert_eq!((vocab.id("be"), vocab.id("or")), (Some(2), None));
    /// assert_eq!(vocab.token(1), Some("to".as_bytes()));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`TextError::Vocab`] if a token occurs twice.
    pub fn from_tokens<T: AsRef<[u8]>>(
        tokens: impl IntoIterator<Item = T>,
    ) -> Result<Self, TextError> {
        Self::from_pairs(tokens.into_iter().zip(0..))
    }

    /// Tokens with their ids.
    ///
    /// # Errors
    /// [`TextError::Vocab`] if a token or an id occurs twice, or if the ids leave too many holes.
    pub fn from_pairs<T: AsRef<[u8]>>(
        pairs: impl IntoIterator<Item = (T, u32)>,
    ) -> Result<Self, TextError> {
        let mut vocab = Self::default();
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by_key(|pair| pair.1);
        for (token, id) in pairs {
            vocab.insert(token.as_ref(), id)?;
        }
        Ok(vocab)
    }

    /// Adds a token with its id.
    pub(crate) fn insert(&mut self, token: &[u8], id: u32) -> Result<(), TextError> {
        let text = || String::from_utf8_lossy(token).into_owned();
        if let Some(old) = self.ids.get(token) {
            let problem = format!("{:?} has the ids {old} and {id}; wanted one id a token", text());
            return Err(TextError::vocab(problem));
        }
        let at = id as usize;
        if at >= self.ids.len() + Self::MAX_HOLES {
            let problem = format!(
                "{:?} has the id {id} among {} tokens; ids may leave {} holes at most",
                text(),
                self.ids.len(),
                Self::MAX_HOLES
            );
            return Err(TextError::vocab(problem));
        }
        if at >= self.tokens.len() {
            self.tokens.resize(at + 1, None);
        }
        if let Some(old) = &self.tokens[at] {
            let old = String::from_utf8_lossy(old);
            let problem = format!("{old:?} and {:?} have the id {id}; wanted one each", text());
            return Err(TextError::vocab(problem));
        }
        self.tokens[at] = Some(token.into());
        self.ids.insert(token.into(), id);
        Ok(())
    }

    /// An error unless all tokens are text.
    pub(crate) fn check_text(&self) -> Result<(), TextError> {
        match self.iter().find(|(token, _)| std::str::from_utf8(token).is_err()) {
            None => Ok(()),
            Some((token, id)) => {
                let text = String::from_utf8_lossy(token);
                let problem = format!(
                    "token {id}, {text:?}, is not UTF-8; wanted text, or byte-pair encoding over bytes"
                );
                Err(TextError::vocab(problem))
            }
        }
    }

    /// The id of a token.
    pub fn id(&self, token: impl AsRef<[u8]>) -> Option<u32> {
        self.ids.get(token.as_ref()).copied()
    }

    /// The bytes of a token.
    pub fn token(&self, id: u32) -> Option<&[u8]> {
        self.tokens.get(id as usize)?.as_deref()
    }

    /// One more than the largest id: the rows that a table of embeddings needs.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Tokens and ids, by rising id.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.tokens.iter().zip(0..).filter_map(|(token, id)| Some((token.as_deref()?, id)))
    }
}

#[cfg(test)]
mod tests {
    use super::Vocab;

    #[test]
    fn tokens_and_ids_are_unique_and_dense() {
        let message = |pairs: &[(&str, u32)]| {
            Vocab::from_pairs(pairs.iter().copied()).unwrap_err().to_string()
        };
        assert_eq!(
            message(&[("a", 0), ("b", 1), ("a", 2)]),
            "vocabulary: \"a\" has the ids 0 and 2; wanted one id a token"
        );
        assert_eq!(
            message(&[("a", 0), ("b", 0)]),
            "vocabulary: \"a\" and \"b\" have the id 0; wanted one each"
        );
        assert!(message(&[("a", u32::MAX)]).contains("holes at most"));
        let holes = Vocab::from_pairs([("b", 9), ("a", 2)]).unwrap();
        assert_eq!((holes.len(), holes.token(3), holes.token(10)), (10, None, None));
        assert_eq!(holes.iter().collect::<Vec<_>>(), [(&b"a"[..], 2), (&b"b"[..], 9)]);
    }
}
