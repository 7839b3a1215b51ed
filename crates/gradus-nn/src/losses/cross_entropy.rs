//! Cross-entropy, the loss of classifiers: `-ln p_y`, with `p = softmax(scores)` and `y` the right
//! class, averaged over the batch.
//!
//! It is 0 where the network is sure and right, and `ln C` where it finds all `C` classes equally
//! likely.

use gradus_autograd::{CrossEntropyOptions, Reduction, Var};
use gradus_tensor::{Float, Tensor};

use crate::Result;

/// The mean cross-entropy between scores `[N, C]` (or `[N, C, …]`) and labels `[N]` (or `[N, …]`).
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::cross_entropy;
/// use gradus_tensor::Tensor;
/// let scores: Var = Var::constant(Tensor::zeros([2, 10]));
/// let loss = cross_entropy(&scores, &Tensor::vector([3, 7]))?;
/// assert!((loss.item()? - 10.0_f32.ln()).abs() < 1e-6);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
///
/// # Errors
/// If the shapes do not fit, or a label is not below the number of classes.
pub fn cross_entropy<T: Float>(scores: &Var<T>, labels: &Tensor<i64>) -> Result<Var<T>> {
    CrossEntropy::new().forward(scores, labels)
}

/// Cross-entropy with options.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::CrossEntropy;
/// use gradus_tensor::Tensor;
/// let loss = CrossEntropy::new().label_smoothing(0.1).ignore_index(0);
/// let scores: Var = Var::constant(Tensor::zeros([2, 3]));
/// assert!(loss.forward(&scores, &Tensor::vector([0, 2]))?.item()? > 0.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CrossEntropy<T: Float = f32> {
    options: CrossEntropyOptions<T>,
}

impl<T: Float> CrossEntropy<T> {
    /// The mean over the batch, without smoothing or weights.
    pub fn new() -> Self {
        Self { options: CrossEntropyOptions::new() }
    }

    /// The share, from 0 to 1, of the target that is spread evenly over all classes, so that the
    /// network does not strive for certainty (Szegedy and others, *Rethinking the Inception
    /// architecture*, 2016, section 7).
    pub fn label_smoothing(self, share: f64) -> Self {
        Self { options: self.options.label_smoothing(share) }
    }

    /// Samples with this label do not count: padding, say. -100 by default.
    pub fn ignore_index(self, label: i64) -> Self {
        Self { options: self.options.ignore_index(label) }
    }

    /// A weight for each class, of shape `[C]`: to make up for classes that are rare.
    pub fn weight(self, weight: Tensor<T>) -> Self {
        Self { options: self.options.weight(weight) }
    }

    /// Mean, sum, or the loss of each sample.
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { options: self.options.reduction(reduction) }
    }

    /// The loss.
    ///
    /// # Errors
    /// If the shapes do not fit, a label is not below the number of classes, or an option is
    /// outside its domain.
    pub fn forward(&self, scores: &Var<T>, labels: &Tensor<i64>) -> Result<Var<T>> {
        Ok(scores.cross_entropy(labels, &self.options)?)
    }
}
