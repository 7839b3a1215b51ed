//! What can go wrong around a training run. Every message names the operation or the file, what
//! it got, and what would have fitted.

use std::io;
use std::path::{Path, PathBuf};

/// The result of an operation that some inputs make undefined.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a metric, a file or a picture could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operation on tensors failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// A differentiable operation failed.
    #[error(transparent)]
    Autograd(#[from] gradus_autograd::Error),
    /// A layer or a loss failed.
    #[error(transparent)]
    Nn(#[from] gradus_nn::Error),
    /// An optimizer failed.
    #[error(transparent)]
    Optim(#[from] gradus_optim::Error),
    /// Data could not be read or batched.
    #[error(transparent)]
    Data(#[from] gradus_data::Error),
    /// A checkpoint could not be written or read.
    #[error(transparent)]
    Serialize(#[from] gradus_serialize::Error),
    /// An argument is outside its domain.
    #[error("{op}: got {got}, wanted {wanted}")]
    Value {
        /// The operation that was asked for.
        op: &'static str,
        /// What it was given, with the argument's name.
        got: String,
        /// What would have fitted.
        wanted: String,
    },
    /// The system refused to read or write a file or a folder.
    #[error("cannot {doing} {}: {source}{}", .path.display(), hint(.source))]
    File {
        /// What was being done: "create the folder", "read", "write".
        doing: &'static str,
        /// The file or the folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}, line {line}: got {got}, wanted {wanted}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The line at fault, counted from 1.
        line: usize,
        /// What stands there.
        got: String,
        /// What would have fitted.
        wanted: String,
    },
    /// The drawing or encoding library refused a picture.
    #[error("{op}: the picture could not be drawn: {reason}")]
    Picture {
        /// The operation that was asked for.
        op: &'static str,
        /// The library's reason.
        reason: String,
    },
}

fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => " (choose a folder that you may write to)",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            " (a file stands where a folder is needed: choose another path)"
        }
        _ => "",
    }
}

impl Error {
    /// An argument outside its domain.
    pub fn value(op: &'static str, got: impl Into<String>, wanted: impl Into<String>) -> Self {
        Self::Value { op, got: got.into(), wanted: wanted.into() }
    }

    /// Names the file and the deed in an error from the system.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { doing, path, source }
    }

    /// A line of a file that does not hold what it should.
    pub(crate) fn format(
        path: &Path,
        line: usize,
        got: impl Into<String>,
        wanted: impl Into<String>,
    ) -> Self {
        Self::Format { path: path.to_path_buf(), line, got: got.into(), wanted: wanted.into() }
    }

    pub(crate) fn picture(op: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Picture { op, reason: reason.to_string() }
    }
}
