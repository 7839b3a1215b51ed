//! Accuracy: the share of examples whose predicted class is the true one.
//!
//! `accuracy = (1/N) Σᵢ [argmax_c scores(i, c) = label(i)]`, scores `[N, C]`, labels `[N]`;
//! or `[N, C, …]` and `[N, …]`. Undefined for no examples. A row with a NaN predicts the class of the first NaN (as `argmax`
//! does), and equal scores the first of their classes.

use gradus_tensor::{Number, Tensor};
use serde::{Deserialize, Serialize};

use super::classes::{check_classes, chosen, largest};
use super::{Goal, Labelled, Metric, Unit};
use crate::{Error, Result};

/// The share of examples whose predicted class is the true one, from 0 to 1.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Accuracy, Metric};
///
/// let scores: Tensor = Tensor::from_vec(vec![2.0, 1.0, 0.0, 3.0, 0.1, 0.2], [3, 2])?;
/// let accuracy = Accuracy::new().of((&scores, &Tensor::vector([0, 1, 0])))?;
/// assert_eq!(accuracy.value(), 2.0 / 3.0);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// Of a batch: [`gradus_tensor::Error::Shape`] for scores that are not `[N, C, …]` where the labels are
/// `[N, …]`, [`Error::Value`] for a label outside `0..C`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accuracy {
    right: u64,
    all: u64,
}

impl Accuracy {
    /// The accuracy over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many examples were predicted right.
    pub fn right(&self) -> u64 {
        self.right
    }

    /// How many examples there were.
    pub fn all(&self) -> u64 {
        self.all
    }
}

impl Metric for Accuracy {
    type Batch<'a> = Labelled<'a>;

    fn name(&self) -> String {
        "accuracy".into()
    }

    fn goal(&self) -> Goal {
        Goal::Higher
    }

    fn unit(&self) -> Unit {
        Unit::Percent
    }

    fn take(&mut self, batch: Labelled<'_>) -> Result<()> {
        let (predictions, labels) = chosen("Accuracy", None, batch)?;
        let right = predictions.iter().zip(&labels).filter(|(p, l)| p == l).count();
        self.merge(&Self { right: right as u64, all: labels.len() as u64 })
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        // Sums that were read from a file may be anything.
        self.right = self.right.saturating_add(other.right);
        self.all = self.all.saturating_add(other.all);
        Ok(())
    }

    fn value(&self) -> f64 {
        self.right as f64 / self.all as f64
    }
}

/// The share of rows whose largest score stands at the label, from 0 to 1.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::accuracy;
///
/// let scores = Tensor::<f32>::from_vec(vec![2.0, 1.0, 0.0, 3.0, 0.1, 0.2], [3, 2])?;
/// let labels = Tensor::vector([0, 1, 0]);
/// assert_eq!(accuracy(&scores, &labels)?, 2.0 / 3.0);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// As [`count_correct`], and [`Error::Value`] for no examples.
pub fn accuracy<T: Number>(scores: &Tensor<T>, labels: &Tensor<i64>) -> Result<f64> {
    let correct = count_correct(scores, labels)?;
    match labels.len() {
        0 => Err(Error::value("accuracy", "no examples", "at least one")),
        n => Ok(correct as f64 / n as f64),
    }
}

/// The number of rows of `scores` (`[N, C]`, or `[N, C, …]`) whose largest score stands at the label (`[N]`,
/// or `[N, …]`).
///
/// # Errors
/// [`gradus_tensor::Error::Shape`] if the shapes do not fit, [`Error::Value`] for a label outside
/// `0..C`.
pub fn count_correct<T: Number>(scores: &Tensor<T>, labels: &Tensor<i64>) -> Result<usize> {
    let (predictions, classes) = largest("accuracy", scores, labels)?;
    let labels = labels.to_vec();
    check_classes("accuracy", "label", &labels, classes.unwrap_or(0), None)?;
    Ok(predictions.iter().zip(&labels).filter(|(p, l)| p == l).count())
}
