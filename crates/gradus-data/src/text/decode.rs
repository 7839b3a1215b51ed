//! Ids to text: the methods of [`Tokenizer`] that go this way.

use std::collections::HashSet;

use super::{TextError, Tokenizer};
use crate::Result;

impl Tokenizer {
    /// The text of ids, special tokens left out. Byte-level tokens that end within a character give
    /// U+FFFD there.
    ///
    /// # Errors
    /// [`TextError::Id`] for an id that no token has.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        let special: HashSet<u32> = self.added.iter().filter(|t| t.special).map(|t| t.id).collect();
        let kept = ids.iter().copied().enumerate().filter(|(_, id)| !special.contains(id));
        Ok(text(self.joined(ids.len(), kept)?))
    }

    /// The text of ids, special tokens too.
    ///
    /// # Errors
    /// As [`Tokenizer::decode`].
    pub fn decode_all(&self, ids: &[u32]) -> Result<String> {
        Ok(text(self.decode_bytes(ids)?))
    }

    /// The bytes of ids, special tokens too. For byte-level byte-pair encoding they are those of the
    /// text that the ids were made of.
    ///
    /// ```
    /// use gradus_data::text::BpeTrainer;
    /// let tokenizer = BpeTrainer::new(256).train([""])?;
    /// let ids = tokenizer.ids("Ὀδυσσεύς 👩‍🚀\r\n")?;
    /// assert_eq!(tokenizer.decode_bytes(&ids)?, "Ὀδυσσεύς 👩‍🚀\r\n".as_bytes());
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tokenizer::decode`].
    pub fn decode_bytes(&self, ids: &[u32]) -> Result<Vec<u8>> {
        Ok(self.joined(ids.len(), ids.iter().copied().enumerate())?)
    }

    fn joined(
        &self,
        len: usize,
        ids: impl Iterator<Item = (usize, u32)>,
    ) -> Result<Vec<u8>, TextError> {
        let mut tokens = Vec::with_capacity(len);
        for (position, id) in ids {
            tokens.push(self.known(position, id)?);
        }
        let mut out = Vec::new();
        self.decoder.decode(tokens.into_iter(), &mut out);
        Ok(out)
    }

    /// The bytes of a token, or the error.
    pub(super) fn known(&self, position: usize, id: u32) -> Result<&[u8], TextError> {
        self.token(id).ok_or_else(|| TextError::Id { id, position, len: self.vocab_size() })
    }
}

/// Text of bytes; what is not UTF-8 becomes U+FFFD.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}
