//! What can go wrong in a layer.

use gradus_tensor::settings::BadSetting;

/// The result of something that some inputs make undefined.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a layer, a loss or an initialisation has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operation on tensors is undefined.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// An operation on variables is undefined.
    #[error(transparent)]
    Autograd(gradus_autograd::Error),
    /// A layer cannot be built with these settings.
    #[error("{layer}: got {got}, wanted {wanted}")]
    Setting {
        /// The layer.
        layer: String,
        /// The setting at fault.
        got: String,
        /// What would have fitted.
        wanted: String,
    },
    /// A layer inside a container failed.
    #[error("in layer {path}: {source}")]
    Inside {
        /// Where the layer stands, such as `3` or `encoder.0`.
        path: String,
        /// What went wrong there.
        source: Box<Error>,
    },
}

/// An error of a tensor is found under [`Error::Tensor`], whatever it came through.
impl From<gradus_autograd::Error> for Error {
    fn from(error: gradus_autograd::Error) -> Self {
        match error {
            gradus_autograd::Error::Tensor(error) => Self::Tensor(error),
            other => Self::Autograd(other),
        }
    }
}

impl From<BadSetting> for Error {
    fn from(BadSetting { of, got, wanted }: BadSetting) -> Self {
        Self::Setting { layer: of, got, wanted }
    }
}

impl Error {
    /// A setting that a layer cannot be built with.
    pub fn setting(
        layer: impl Into<String>,
        got: impl Into<String>,
        wanted: impl Into<String>,
    ) -> Self {
        Self::Setting { layer: layer.into(), got: got.into(), wanted: wanted.into() }
    }
}
