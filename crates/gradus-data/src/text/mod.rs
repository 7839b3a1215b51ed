//! Text to ids and back: tokenizers.
//!
//! | kind | splits | a word becomes |
//! |---|---|---|
//! | characters, words ([`WordLevelTrainer`]) | characters; words by Unicode's rules | one token |
//! | byte-level BPE ([`BpeTrainer`], GPT-2) | GPT-2's pattern | bytes, joined by ranked pairs |
//! | WordPiece ([`WordPieceTrainer`], BERT) | white space, punctuation | longest pieces first |
//!
//! A [`Tokenizer`] is made by a trainer, read from a `tokenizer.json` of these kinds
//! ([`Tokenizer::open`]) or from ranks of tiktoken ([`Tokenizer::open_tiktoken`]), or put together of a
//! [`Normalizer`], a [`Splitter`], a [`Model`], a [`Template`] and a [`Decoder`].
//!
//! ```
//! use gradus_data::text::{Truncation, WordPieceTrainer};
//! let plays = ["To be, or not to be", "that is the question"];
//! let tokenizer = WordPieceTrainer::new(80).train(plays)?.truncation(Truncation::new(12));
//! let batch = tokenizer.encode_batch(&["To be!", "not that"])?;
//! assert_eq!(batch[0].len(), batch[1].len());
//! assert_eq!(&plays[0][..5], "To be");
//! assert_eq!(&"To be!"[batch[0].offsets[1].clone()], "To");
//! # Ok::<(), gradus_data::Error>(())
//! ```

mod added;
mod aligned;
mod bytes;
mod decode;
mod decoder;
mod encode;
mod encoding;
mod error;
mod hash;
mod json;
mod length;
mod model;
mod normalizer;
mod splitter;
mod template;
mod tiktoken;
mod tokenizer;
mod train;
mod trie;
mod unicode;
mod utf8;
mod vocab;

pub use added::AddedToken;
pub use decoder::Decoder;
pub use encoding::Encoding;
pub use error::TextError;
pub use length::{Cut, Padding, Side, Target, Truncation};
pub use model::{Bpe, Model, WordLevel, WordPiece};
pub use normalizer::{Form, Normalizer};
#[cfg(feature = "jieba")]
pub use splitter::Jieba;
pub use splitter::Splitter;
pub use template::{Slot, Template};
pub use tokenizer::Tokenizer;
pub use train::{BpeTrainer, WordLevelTrainer, WordPieceTrainer};
pub use utf8::{Invalid, utf8};
pub use vocab::Vocab;
