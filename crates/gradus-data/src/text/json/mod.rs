//! The file `tokenizer.json` of the library `tokenizers`, as far as it describes the kinds of this
//! module: BERT's (BertNormalizer, BertPreTokenizer, WordPiece, TemplateProcessing or BertProcessing),
//! GPT-2's (ByteLevel, BPE), and one token a word (WordLevel).
//!
//! What is not known is an error that names the part and what is supported there; nothing is passed
//! over. Two entries are our own: the pre-tokenizer `UnicodeWords` (words by Unicode's rules), and
//! `unk_token` may be empty in a WordLevel model.

mod fields;
mod model;
mod read;
mod unique;
mod write;

use std::fs;
use std::path::Path;

use super::Tokenizer;
use crate::{Error, Result};

impl Tokenizer {
    /// Reads a file `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read; otherwise as [`Tokenizer::from_json`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::File { path: path.into(), source })?;
        Self::from_json(&bytes, &path.display().to_string())
    }

    /// Reads the content of a file `tokenizer.json`; `name` stands for it in errors.
    ///
    /// ```
    /// use gradus_data::text::{Tokenizer, WordPieceTrainer};
    /// let tokenizer = WordPieceTrainer::new(30).train(["to be or not to be"])?;
    /// let again = Tokenizer::from_json(tokenizer.to_json()?.as_bytes(), "memory")?;
    /// assert_eq!(again.encode("not to be")?, tokenizer.encode("not to be")?);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Text`] with [`TextError::Format`](super::TextError::Format) if it is not what it should
    /// be, [`TextError::Unsupported`](super::TextError::Unsupported) if a part of it is not known here,
    /// and those of the parts: [`TextError::Vocab`](super::TextError::Vocab),
    /// [`TextError::Merge`](super::TextError::Merge), [`TextError::Id`](super::TextError::Id).
    pub fn from_json(bytes: &[u8], name: &str) -> Result<Self> {
        read::tokenizer(bytes, name)
    }

    /// The content of a file `tokenizer.json`. Whether special tokens are found in texts
    /// ([`Tokenizer::special_in_text`]) is no part of it.
    ///
    /// # Errors
    /// [`Error::Text`] with [`TextError::Unsupported`](super::TextError::Unsupported) if the file has
    /// no word for a combination, such as a byte-pair model split into words by Unicode's rules.
    pub fn to_json(&self) -> Result<String> {
        write::tokenizer(self)
    }

    /// Writes a file `tokenizer.json`: beside the name first, which it gets once it is whole.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be written; otherwise as [`Tokenizer::to_json`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let text = self.to_json()?;
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, path))
            .map_err(|source| Error::File { path: path.into(), source })
    }
}
