//! What can go wrong around a training run. Every message names the operation or the file, what
//! it got, and what would have fitted.

use std::io;
use std::path::{Path, PathBuf};

/// The result of an operation that some inputs make undefined.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a program has no result: the one error that meets it, whatever crate it came from.
///
/// What a lower crate only passes on is taken out of it: a shape that does not fit is an
/// [`Error::Tensor`], whether it arose in an operation, a layer, an optimizer or a data set. Errors of the
/// system and of others convert, so that `?` works on them:
///
/// ```
/// use gradus_train::{Error, Result};
///
/// fn first_number(path: &str) -> Result<f32> {
///     let text = std::fs::read_to_string(path)?;
///     text.trim().parse().map_err(Error::other)
/// }
/// assert!(matches!(first_number("no such file"), Err(Error::Io(_))));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operation on tensors failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// A differentiable operation failed.
    #[error(transparent)]
    Autograd(gradus_autograd::Error),
    /// A layer or a loss failed.
    #[error(transparent)]
    Nn(gradus_nn::Error),
    /// An optimizer failed.
    #[error(transparent)]
    Optim(gradus_optim::Error),
    /// Data could not be read or batched.
    #[error(transparent)]
    Data(gradus_data::Error),
    /// A checkpoint could not be written or read.
    #[error(transparent)]
    Serialize(gradus_serialize::Error),
    /// The system refused something.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// An error of somebody else's; made with [`Error::other`].
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
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
    /// A loss or a gradient is NaN or infinite. The step changed nothing.
    #[error(
        "step {step}: {what}; nothing was changed by it{kept}. A lower learning rate or clip_norm may help, and \
         gradus::autograd::checked names the operation at fault"
    )]
    NotFinite {
        /// The step, counted from 1.
        step: u64,
        /// The loss, and the first gradient at fault.
        what: String,
        /// Which file has the run as it was before, if one has.
        kept: String,
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

impl From<gradus_autograd::Error> for Error {
    fn from(error: gradus_autograd::Error) -> Self {
        match error {
            gradus_autograd::Error::Tensor(error) => error.into(),
            other => Self::Autograd(other),
        }
    }
}

impl From<gradus_nn::Error> for Error {
    fn from(error: gradus_nn::Error) -> Self {
        match error {
            gradus_nn::Error::Tensor(error) => error.into(),
            gradus_nn::Error::Autograd(error) => error.into(),
            other => Self::Nn(other),
        }
    }
}

impl From<gradus_optim::Error> for Error {
    fn from(error: gradus_optim::Error) -> Self {
        match error {
            gradus_optim::Error::Tensor(error) => error.into(),
            gradus_optim::Error::Autograd(error) => error.into(),
            gradus_optim::Error::Nn(error) => error.into(),
            other => Self::Optim(other),
        }
    }
}

impl From<gradus_data::Error> for Error {
    fn from(error: gradus_data::Error) -> Self {
        match error {
            gradus_data::Error::Tensor(error) => error.into(),
            gradus_data::Error::Autograd(error) => error.into(),
            gradus_data::Error::Other(error) => Self::Other(error),
            other => Self::Data(other),
        }
    }
}

impl From<gradus_serialize::Error> for Error {
    fn from(error: gradus_serialize::Error) -> Self {
        match error {
            gradus_serialize::Error::Tensor(error) => error.into(),
            gradus_serialize::Error::Optim(error) => error.into(),
            other => Self::Serialize(other),
        }
    }
}

impl Error {
    /// An error of somebody else's, such as that of a parser, or a text.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_found_whatever_it_came_through() {
        let cause = || gradus_tensor::Error::shape("add", &[2], "another shape");
        let autograd = || gradus_autograd::Error::from(cause());
        let nn = || gradus_nn::Error::Autograd(autograd());
        let ways: [Error; 9] = [
            cause().into(),
            autograd().into(),
            nn().into(),
            gradus_optim::Error::Nn(nn()).into(),
            gradus_optim::Error::Autograd(autograd()).into(),
            gradus_data::Error::Autograd(autograd()).into(),
            gradus_data::Error::from(cause()).into(),
            gradus_serialize::Error::Optim(gradus_optim::Error::Nn(nn())).into(),
            gradus_serialize::Error::Tensor(cause()).into(),
        ];
        for error in ways {
            assert!(matches!(&error, Error::Tensor(found) if *found == cause()), "{error:?}");
        }
    }

    #[test]
    fn errors_of_others_convert_and_keep_their_text() {
        assert_eq!(Error::other("no such column").to_string(), "no such column");
        let from_data = gradus_data::Error::other("a bad line");
        assert!(
            matches!(Error::from(from_data), Error::Other(text) if text.to_string() == "a bad line")
        );
        let io = io::Error::new(io::ErrorKind::NotFound, "gone");
        assert!(matches!(Error::from(io), Error::Io(error) if error.to_string() == "gone"));
    }
}
