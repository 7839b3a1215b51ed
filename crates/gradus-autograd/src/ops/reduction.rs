//! What becomes of the losses of the elements or samples of a batch.

use gradus_tensor::{Float, Tensor};

use crate::{Result, Var};

/// How the losses of a batch are made into one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Reduction {
    /// Their mean; NaN if there are none.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// They stay as they are.
    None,
}

impl Reduction {
    /// Its name, as PyTorch has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Sum => "sum",
            Self::None => "none",
        }
    }

    /// What each loss is multiplied by on its way into the result, given how many there are (or
    /// what they weigh together).
    pub(crate) fn factor<T: Float>(self, count: f64) -> T {
        match self {
            Self::Mean => T::from_f64(1.0 / count),
            Self::Sum | Self::None => T::ONE,
        }
    }

    /// The losses, or their sum times `factor`.
    pub(crate) fn reduce<T: Float>(self, losses: Tensor<T>, factor: T) -> Tensor<T> {
        match self {
            Self::Mean => &losses.sum() * factor,
            Self::Sum => losses.sum(),
            Self::None => losses,
        }
    }

    /// The same for variables.
    pub(crate) fn reduce_var<T: Float>(self, losses: &Var<T>) -> Result<Var<T>> {
        Ok(match self {
            Self::Mean => losses.mean(),
            Self::Sum => losses.sum(),
            Self::None => losses.clone(),
        })
    }
}
