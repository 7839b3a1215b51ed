//! What one batch gives: a loss, and how many of its items were right.

use gradus_autograd::Var;
use gradus_nn::cross_entropy;
use gradus_tensor::Tensor;

use crate::Result;
use crate::metrics::count_correct;

/// The outcome of a batch, in training or in evaluation.
#[derive(Debug)]
pub struct Step {
    /// The mean loss over the batch, one number.
    pub loss: Var,
    /// How many items the batch has.
    pub items: usize,
    /// How many of them were predicted right, where that can be said.
    pub correct: Option<usize>,
}

impl Step {
    /// A loss over a number of items.
    pub fn new(loss: Var, items: usize) -> Self {
        Self { loss, items, correct: None }
    }

    /// The usual step of a classifier: cross-entropy between scores `[N, C]` and labels `[N]`, and
    /// the number of rows whose largest score is at the label.
    ///
    /// # Errors
    /// If the shapes do not fit or a label is outside the classes.
    pub fn classification(scores: &Var, labels: &Tensor<i64>) -> Result<Self> {
        let loss = cross_entropy(scores, labels)?;
        let correct = count_correct(scores.value(), labels)?;
        Ok(Self { loss, items: labels.len(), correct: Some(correct) })
    }
}
