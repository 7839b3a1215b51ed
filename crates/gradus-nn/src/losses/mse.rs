//! Mean squared error, the loss of regression: the mean of `(x - t)²`.
//!
//! Its minimum is the mean of the targets; it is the negative log-likelihood, up to constants, of a
//! normal distribution of fixed variance.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::Float;

use crate::Result;

/// The mean squared difference between predictions and targets of the same shape.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::mse_loss;
/// use gradus_tensor::Tensor;
/// let x: Var = Var::constant(Tensor::vector([1.0, 2.0]));
/// let t = Var::constant(Tensor::vector([1.0, 4.0]));
/// assert_eq!(mse_loss(&x, &t)?.item()?, 2.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
///
/// # Errors
/// If the shapes differ.
pub fn mse_loss<T: Float>(predictions: &Var<T>, targets: &Var<T>) -> Result<Var<T>> {
    Ok(predictions.mse_loss(targets, Reduction::Mean)?)
}
