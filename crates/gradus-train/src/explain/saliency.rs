//! Saliency: the gradient of a class's score by the input.
//!
//! ```text
//! y_c(x + d) ≈ y_c(x) + w · d,     w = ∂y_c / ∂x
//! ```
//!
//! Where `w` is large, a small change matters. For a picture the map shown is the largest `|w|` over the channels of each
//! pixel. Take scores before the softmax: a probability also falls because another class rises.
//!
//! Source: K. Simonyan, A. Vedaldi, A. Zisserman, *Deep inside convolutional networks*, 2013 (arXiv 1312.6034), section 3.

use gradus_autograd::{Var, grad};
use gradus_tensor::{Float, Tensor};

use super::{samples_of, scores_of, tracked};
use crate::{Error, Result};

/// The gradient of each sample's score for its class by the sample, in the shape of the input `[N, …]`.
///
/// `forward` gives scores `[N, C]`, in which each row depends on its own sample alone; `classes` are `[N]`.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_tensor::Tensor;
/// use gradus_train::explain::saliency;
///
/// // Two scores of three numbers: their gradients are the columns of the weights.
/// let weights = Var::from(Tensor::from_vec(vec![1.0_f32, -1.0, 2.0, 0.5, 0.0, 3.0], [3, 2])?);
/// let x = Tensor::from_vec(vec![0.3, 0.1, 0.9], [1, 3])?;
/// let gradient = saliency(&x, &Tensor::vector([1]), |x| Ok(x.matmul(&weights)?))?;
/// assert_eq!(gradient.to_vec(), [-1.0, 0.5, 3.0]);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] if the scores are no `[N, C]` or are constants, or a class is none of theirs; those of
/// `forward`.
pub fn saliency<T: Float>(
    input: &Tensor<T>,
    classes: &Tensor<i64>,
    forward: impl FnOnce(&Var<T>) -> Result<Var<T>>,
) -> Result<Tensor<T>> {
    const OP: &str = "saliency";
    let samples = samples_of(OP, input)?;
    let x = Var::leaf(input.clone());
    let scores = forward(&x)?;
    tracked(OP, "scores", &scores)?;
    let score = scores_of(OP, &scores, classes, samples)?.sum();
    let [gradient] = grad(&score, [&x], None)?;
    Ok(gradient.into_value())
}

/// The largest absolute value over the channels of each pixel, `[N, H, W]` of a gradient `[N, C, H, W]`: what a saliency map
/// shows. Any number of axes after the channels will do.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::explain::magnitude;
/// let gradient = Tensor::from_vec(vec![1.0_f32, -2.0, -3.0, 0.0], [1, 2, 1, 2])?;
/// assert_eq!(magnitude(&gradient)?.to_vec(), [3.0, 2.0]);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] if there is no axis of channels, or nothing in it.
pub fn magnitude<T: Float>(gradient: &Tensor<T>) -> Result<Tensor<T>> {
    if gradient.rank() < 2 || gradient.is_empty() {
        let got = format!("a gradient of shape {:?}", gradient.shape());
        return Err(Error::value("magnitude", got, "[samples, channels, …]"));
    }
    Ok(gradient.abs().max_axes(&[1], false)?)
}
