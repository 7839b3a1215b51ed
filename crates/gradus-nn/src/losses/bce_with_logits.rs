//! Binary cross-entropy of scores: `-t ln σ(x) - (1 - t) ln(1 - σ(x))`, for questions with the
//! answers yes (1) and no (0), computed as `max(x, 0) - x t + ln(1 + e^-|x|)`, which never
//! overflows.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Float, Tensor};

use crate::Result;

/// The mean binary cross-entropy between scores and answers of the same shape.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::bce_with_logits;
/// use gradus_tensor::Tensor;
/// let scores: Var = Var::constant(Tensor::vector([0.0, 1000.0]));
/// let answers = Var::constant(Tensor::vector([1.0, 1.0]));
/// assert_eq!(bce_with_logits(&scores, &answers)?.item()?, 2.0_f32.ln() / 2.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
///
/// # Errors
/// If the shapes differ.
pub fn bce_with_logits<T: Float>(scores: &Var<T>, answers: &Var<T>) -> Result<Var<T>> {
    BceWithLogits::new().forward(scores, answers)
}

/// Binary cross-entropy with options.
#[derive(Debug, Clone, Default)]
pub struct BceWithLogits<T: Float = f32> {
    pos_weight: Option<Tensor<T>>,
    reduction: Reduction,
}

impl<T: Float> BceWithLogits<T> {
    /// The mean, without weights.
    pub fn new() -> Self {
        Self { pos_weight: None, reduction: Reduction::Mean }
    }

    /// What a yes weighs compared to a no; broadcast to the scores.
    pub fn pos_weight(self, weight: Tensor<T>) -> Self {
        Self { pos_weight: Some(weight), ..self }
    }

    /// Mean, sum, or the loss of each element.
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
    }

    /// The loss.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn forward(&self, scores: &Var<T>, answers: &Var<T>) -> Result<Var<T>> {
        Ok(scores.bce_with_logits(answers, self.pos_weight.as_ref(), self.reduction)?)
    }
}
