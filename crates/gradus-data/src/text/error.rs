//! What can go wrong between text and ids. Every message says what was given, what was wanted, and
//! what to do.

/// Why text has no ids, ids have no text, or a tokenizer cannot be built.
///
/// It reaches the caller as [`Error::Text`](crate::Error::Text).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Bytes that are not UTF-8, and the caller chose to refuse them.
    #[error(
        "byte {offset} begins a sequence that is not UTF-8; convert the text, or pass \
         `Invalid::Replace` to have U+FFFD in its place"
    )]
    Utf8 {
        /// The first byte that does not fit.
        offset: usize,
    },
    /// A text longer than the offsets that are kept for normalized text.
    #[error("a text of {len} bytes; at most {max} at once: encode it in parts")]
    TooLong {
        /// The length of the text in bytes.
        len: usize,
        /// What is held at most.
        max: usize,
    },
    /// A piece of text has no token and the vocabulary has none for the unknown.
    #[error(
        "{piece:?} at byte {offset} has no token and the vocabulary names no token for the unknown; \
         train with it, or name an unknown token"
    )]
    NoToken {
        /// The piece, invalid UTF-8 replaced.
        piece: String,
        /// Where it begins in the text.
        offset: usize,
    },
    /// An id that no token has.
    #[error("id {id} at position {position}; the vocabulary has {len} entries, numbered from 0")]
    Id {
        /// The id.
        id: u32,
        /// Its position among the ids given.
        position: usize,
        /// One more than the largest id.
        len: usize,
    },
    /// A vocabulary that is no one-to-one table of tokens and ids.
    #[error("vocabulary: {problem}")]
    Vocab {
        /// What is wrong with it, and what was wanted.
        problem: String,
    },
    /// A merge that cannot be used.
    #[error("merge {index} ({left:?}, {right:?}): {problem}")]
    Merge {
        /// Its number, from 0.
        index: usize,
        /// The left part.
        left: String,
        /// The right part.
        right: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A truncation that leaves nothing to cut.
    #[error("truncation: {problem}")]
    Truncation {
        /// What was asked and what would work.
        problem: String,
    },
    /// Text that is not what its format says.
    #[error("{name}: {problem}")]
    Format {
        /// The file, or what stands for it.
        name: String,
        /// Where it differs, and what was wanted.
        problem: String,
    },
    /// A part of a tokenizer file that is not known here.
    #[error("{name}: {part} is {got}, which is not supported; supported: {supported}")]
    Unsupported {
        /// The file, or what stands for it.
        name: String,
        /// The part, as a path in the file.
        part: String,
        /// What stands there.
        got: String,
        /// What could stand there.
        supported: String,
    },
}

impl TextError {
    pub(crate) fn vocab(problem: impl Into<String>) -> Self {
        Self::Vocab { problem: problem.into() }
    }

    pub(crate) fn format(name: &str, problem: impl Into<String>) -> Self {
        Self::Format { name: name.into(), problem: problem.into() }
    }
}
