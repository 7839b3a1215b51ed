//! What one batch gives: a loss, and metrics.

use gradus_autograd::Var;
use gradus_nn::cross_entropy;
use gradus_tensor::{Float, Tensor, concrete};

use crate::Result;
use crate::metrics::{Accuracy, AnyMetric, Labelled, Metric as _};

/// The outcome of a batch, in training or in evaluation.
///
/// ```
/// # use gradus_autograd::Var;
/// # use gradus_tensor::Tensor;
/// use gradus_nn::cross_entropy;
/// use gradus_train::Step;
/// use gradus_train::metrics::{Metric, TopK};
///
/// let scores = Var::from(Tensor::from_vec(vec![0.1_f32, 0.7, 0.2, 0.5, 0.1, 0.4], [2, 3])?);
/// let labels = Tensor::vector([1, 2]);
/// let step = Step::new(cross_entropy(&scores, &labels)?, 2)
///     .with(TopK::new(2).of((&scores, &labels))?);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub struct Step<T: Float = f32> {
    /// The mean loss over the batch, one number.
    pub loss: Var<T>,
    /// How many items the batch has: the weight of its loss in the mean over an epoch.
    pub items: usize,
    pub(super) metrics: Vec<AnyMetric>,
}

impl<T: Float> Step<T> {
    /// A mean loss over a number of items.
    pub fn new(loss: Var<T>, items: usize) -> Self {
        Self { loss, items, metrics: Vec::new() }
    }

    /// Adds what a metric found in this batch. Over an epoch the trainer merges what has the same name.
    #[must_use]
    pub fn with(mut self, metric: impl Into<AnyMetric>) -> Self {
        self.metrics.push(metric.into());
        self
    }

    /// The usual step of a classifier: cross-entropy between scores `[N, C]` and labels `[N]`, and accuracy. Rows with the
    /// label -100 count for nothing.
    ///
    /// # Errors
    /// If the shapes do not fit or a label is outside the classes.
    pub fn classification(scores: &Var<T>, labels: &Tensor<i64>) -> Result<Self> {
        let loss = cross_entropy(scores, labels)?;
        concrete!(classified: fn(Var<T>, &Var<T>, &Tensor<i64>) -> Result<Step<T>>)(
            loss, scores, labels,
        )
    }
}

/// The label that cross-entropy ignores.
const IGNORED: i64 = -100;

fn classified<T: Float>(loss: Var<T>, scores: &Var<T>, labels: &Tensor<i64>) -> Result<Step<T>> {
    let classes = scores.value().argmax(1)?;
    let labelled = Labelled::new((&classes, labels)).ignoring(IGNORED);
    let accuracy = Accuracy::new().of(labelled)?;
    Ok(Step::new(loss, accuracy.all() as usize).with(accuracy))
}
