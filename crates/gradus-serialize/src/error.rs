//! What can go wrong between a model and its file. Every message names the file or the tensor,
//! what was found there, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::{Dtype, LoadReport};

/// The result of an operation that some inputs make undefined.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be saved or loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operation on tensors has no result.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// The state of an optimizer does not fit.
    #[error(transparent)]
    Optim(#[from] gradus_optim::Error),
    /// The system refused to read or write.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried: "read" or "write".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file of another kind.
    #[error(
        "{file} is not a Gradus checkpoint: it begins with {found}. Weights in the safetensors \
         format are read by gradus_serialize::safetensors::read"
    )]
    NotCheckpoint {
        /// What was read.
        file: String,
        /// Its first bytes, as text.
        found: String,
    },
    /// A checkpoint of a format that did not exist when this crate was built.
    #[error(
        "{file} was written by gradus-serialize {writer} in format version {found}; this is \
         gradus-serialize {}, which reads format versions up to {known}. Use gradus-serialize \
         {writer} or newer",
        env!("CARGO_PKG_VERSION")
    )]
    NewerVersion {
        /// What was read.
        file: String,
        /// The version of the file's format.
        found: u32,
        /// The newest version of the format that this crate reads.
        known: u32,
        /// The version of this crate that wrote the file.
        writer: String,
    },
    /// The end of a checkpoint is missing.
    #[error(
        "{file} is truncated: it has {got} bytes where a whole checkpoint needs {wanted}. Copy it \
         again, or use an older checkpoint"
    )]
    Truncated {
        /// What was read.
        file: String,
        /// The size of the file.
        got: u64,
        /// The least size that it should have.
        wanted: u64,
    },
    /// A checkpoint whose bytes are not those that were written.
    #[error("{file} is corrupted: {reason}. Copy it again, or use an older checkpoint")]
    Corrupted {
        /// What was read.
        file: String,
        /// Which part is damaged, and how that shows.
        reason: String,
    },
    /// A checkpoint of an optimizer that works in another precision.
    #[error(
        "the checkpoint's optimizer holds {got}, wanted {wanted}; a model of {got} is loaded with \
         Checkpoint::<{got}>::load_as"
    )]
    OptimizerDtype {
        /// The type in the file.
        got: Dtype,
        /// The type that was asked for.
        wanted: &'static str,
    },
    /// A checkpoint without the state of an optimizer.
    #[error(
        "the checkpoint holds no optimizer state, so training cannot go on from it; for the \
         weights alone, load(&mut model, &checkpoint.model)"
    )]
    NoOptimizer,
    /// The weights belong to another model.
    #[error("the weights are of another model: {0}")]
    OtherModel(Box<LoadReport>),
    /// A file that breaks the rules of the safetensors format.
    #[error("{file} is not a safetensors file that can be read: {reason}")]
    Safetensors {
        /// What was read.
        file: String,
        /// Which rule it breaks.
        reason: String,
    },
    /// A safetensors file with elements that a tensor cannot hold.
    #[error(
        "{file}: tensor `{name}` has elements of type {dtype}, wanted BOOL, or one of I, U and F with \
         8, 16, 32 or 64 bits (F8 excepted), or BF16; convert it in the program that wrote it"
    )]
    UnknownDtype {
        /// What was read.
        file: String,
        /// The tensor.
        name: String,
        /// The type of its elements.
        dtype: String,
    },
    /// A name that cannot be written to a safetensors file.
    #[error(
        "a tensor cannot be called `{name}`, a name that the safetensors format keeps for itself"
    )]
    ReservedName {
        /// The name.
        name: String,
    },
    /// Two tensors with the same name.
    #[error(
        "two tensors are called `{name}`, so that one of them would be lost; a module that visits \
         its fields by hand must give each of them its own name"
    )]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A tensor that was asked for by name and type.
    #[error("wanted the tensor `{name}` of {dtype}: {reason}")]
    NoTensor {
        /// The name that was asked for.
        name: String,
        /// The type that was asked for.
        dtype: &'static str,
        /// What is there.
        reason: String,
    },
    /// Bytes that are not a tensor of the stated type and shape.
    #[error("from_le_bytes: wanted {dtype} in shape {shape:?}, but {reason}")]
    Bytes {
        /// The type of the elements.
        dtype: Dtype,
        /// The shape.
        shape: Vec<usize>,
        /// Why the bytes do not fit.
        reason: String,
    },
    /// A checkpoint with a structure that cannot be written.
    #[error("the checkpoint cannot be encoded: {reason}")]
    Encode {
        /// The encoder's reason.
        reason: String,
    },
}

impl Error {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.into(), source }
    }

    pub(crate) fn corrupted(file: &str, reason: impl Into<String>) -> Self {
        Self::Corrupted { file: file.into(), reason: reason.into() }
    }
}
