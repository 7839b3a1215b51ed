//! The confusion matrix: `M[t, p]` is the number of examples of true class `t` that were predicted
//! as class `p`. Counts are `i64`; rows are true classes, columns predicted ones.

use std::fmt;

use gradus_tensor::{Number, Tensor};
use serde::{Deserialize, Serialize};

use super::classes::{check_classes, chosen, largest};
use super::{ClassificationReport, Goal, Labelled, Metric, Unit};
use crate::text::{cut, pad, width};
use crate::{Error, Result};

/// Counts of true against predicted classes.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::ConfusionMatrix;
///
/// let mut matrix = ConfusionMatrix::with_names(["cat", "dog"])?;
/// let predictions = Tensor::vector([0, 1, 1, 1]);
/// let labels = Tensor::vector([0, 0, 1, 1]);
/// matrix.add(&predictions, &labels)?;
/// assert_eq!(matrix.counts().to_vec(), [1, 1, 0, 2]);
/// assert_eq!(matrix.accuracy()?, 0.75);
/// println!("{matrix}\n{}", matrix.report()?);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// As a [`Metric`] it is called `confusion_accuracy`, and its value is the share of right predictions. Where a
/// training loop holds it, [`AnyMetric::get`](super::AnyMetric::get) gives the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(Vec<String>, Vec<i64>)", into = "(Vec<String>, Vec<i64>)")]
pub struct ConfusionMatrix {
    names: Vec<String>,
    counts: Vec<i64>,
}

impl ConfusionMatrix {
    /// The largest number of classes; its counts take 800 MB.
    pub const MOST_CLASSES: usize = 10_000;

    /// A matrix of zeros whose classes are called by their numbers.
    ///
    /// # Errors
    /// [`Error::Value`] for no classes or more than [`MOST_CLASSES`](Self::MOST_CLASSES).
    pub fn new(classes: usize) -> Result<Self> {
        if classes == 0 || classes > Self::MOST_CLASSES {
            return Err(Error::value(
                "ConfusionMatrix::new",
                format!("{classes} classes"),
                format!("1 to {}", Self::MOST_CLASSES),
            ));
        }
        let names = (0..classes).map(|c| c.to_string()).collect();
        Ok(Self { names, counts: vec![0; classes * classes] })
    }

    /// A matrix of zeros with one class for each name.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_names(names: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        Ok(Self { counts: Self::new(names.len())?.counts, names })
    }

    /// Counts a batch of predicted classes `[N]` with their labels `[N]`. Nothing is counted if
    /// anything is wrong.
    ///
    /// # Errors
    /// [`gradus_tensor::Error::Shape`] if the shapes differ or are not `[N]`, [`Error::Value`] for
    /// a class that the matrix does not have.
    pub fn add(&mut self, predictions: &Tensor<i64>, labels: &Tensor<i64>) -> Result<()> {
        let op = "ConfusionMatrix::add";
        let &[n] = labels.shape() else {
            return Err(gradus_tensor::Error::shape(op, labels.shape(), "labels [N]").into());
        };
        if predictions.shape() != [n] {
            let wanted = format!("predictions [{n}], one for each label");
            return Err(gradus_tensor::Error::shape(op, predictions.shape(), wanted).into());
        }
        self.count_pairs(op, &predictions.to_vec(), &labels.to_vec())
    }

    /// Counts a batch of scores `[N, C]`, the largest of each row being the prediction, with their
    /// labels `[N]`. Nothing is counted if anything is wrong.
    ///
    /// # Errors
    /// [`gradus_tensor::Error::Shape`] if the scores are not `[N, C]` with the matrix's `C`, or the
    /// labels not `[N]`; [`Error::Value`] for a label outside `0..C`.
    pub fn add_logits<T: Number>(
        &mut self,
        scores: &Tensor<T>,
        labels: &Tensor<i64>,
    ) -> Result<()> {
        let op = "ConfusionMatrix::add_logits";
        let (predictions, classes) = largest(op, scores, labels)?;
        if classes != Some(self.classes()) {
            let wanted = format!("[N, {}], a score for each class", self.classes());
            return Err(gradus_tensor::Error::shape(op, scores.shape(), wanted).into());
        }
        self.count_pairs(op, &predictions, &labels.to_vec())
    }

    fn count_pairs(&mut self, op: &'static str, predictions: &[i64], labels: &[i64]) -> Result<()> {
        let classes = self.classes();
        check_classes(op, "label", labels, classes, None)?;
        check_classes(op, "prediction", predictions, classes, None)?;
        for (&p, &t) in predictions.iter().zip(labels) {
            let count = &mut self.counts[t as usize * classes + p as usize];
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// Adds the counts of another matrix, of another part of the data, say.
    ///
    /// # Errors
    /// [`Error::Value`] if the classes are not the same.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.names != other.names {
            return Err(Error::value(
                "ConfusionMatrix::merge",
                format!("a matrix of the {} classes {:?}", other.classes(), brief(&other.names)),
                format!("the {} classes {:?}", self.classes(), brief(&self.names)),
            ));
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a = a.saturating_add(*b));
        Ok(())
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// The names of the classes.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The counts, `[C, C]`: rows are true classes, columns predicted ones.
    pub fn counts(&self) -> Tensor<i64> {
        Tensor::filled_by([self.classes(); 2], |out| out.copy_from_slice(&self.counts))
    }

    /// One row: how the examples of true class `class` were predicted. Empty if there is no such
    /// class.
    pub fn row(&self, class: usize) -> &[i64] {
        self.counts.chunks_exact(self.classes()).nth(class).unwrap_or_default()
    }

    /// The number of examples.
    pub fn total(&self) -> i64 {
        sum(&self.counts)
    }

    /// The number of examples whose prediction was right: the sum of the diagonal.
    pub fn correct(&self) -> i64 {
        sum(self.counts.iter().step_by(self.classes() + 1))
    }

    /// The share of examples whose prediction was right, from 0 to 1.
    ///
    /// # Errors
    /// [`Error::Value`] if nothing was counted.
    pub fn accuracy(&self) -> Result<f64> {
        match self.total() {
            0 => Err(Error::value("ConfusionMatrix::accuracy", "no examples", "at least one")),
            n => Ok(self.correct() as f64 / n as f64),
        }
    }

    /// Precision, recall, F1 and support of each class, and their averages.
    ///
    /// # Errors
    /// [`Error::Value`] if nothing was counted.
    pub fn report(&self) -> Result<ClassificationReport> {
        ClassificationReport::new(self)
    }
}

impl Metric for ConfusionMatrix {
    type Batch<'a> = Labelled<'a>;

    fn name(&self) -> String {
        "confusion_accuracy".into()
    }

    fn goal(&self) -> Goal {
        Goal::Higher
    }

    fn unit(&self) -> Unit {
        Unit::Percent
    }

    fn take(&mut self, batch: Labelled<'_>) -> Result<()> {
        let op = "ConfusionMatrix::take";
        let (predictions, labels) = chosen(op, Some(self.classes()), batch)?;
        self.count_pairs(op, &predictions, &labels)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        ConfusionMatrix::merge(self, other)
    }

    fn value(&self) -> f64 {
        self.accuracy().unwrap_or(f64::NAN)
    }
}

impl From<ConfusionMatrix> for (Vec<String>, Vec<i64>) {
    fn from(matrix: ConfusionMatrix) -> Self {
        (matrix.names, matrix.counts)
    }
}

/// What was read may be anything.
impl TryFrom<(Vec<String>, Vec<i64>)> for ConfusionMatrix {
    type Error = &'static str;

    fn try_from((names, counts): (Vec<String>, Vec<i64>)) -> Result<Self, Self::Error> {
        let fits = (1..=Self::MOST_CLASSES).contains(&names.len())
            && counts.len() == names.len().pow(2)
            && counts.iter().all(|&count| count >= 0);
        if fits { Ok(Self { names, counts }) } else { Err("not a matrix of counts") }
    }
}

/// A sum that stays at the largest number instead of running over it.
pub(super) fn sum<'a>(counts: impl IntoIterator<Item = &'a i64>) -> i64 {
    counts.into_iter().fold(0, |sum, &count| sum.saturating_add(count))
}

/// The first few names, for a message.
fn brief(names: &[String]) -> &[String] {
    &names[..names.len().min(5)]
}

/// A table with a row for each true class; zeros are dots, so that errors catch the eye.
impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads: Vec<String> = self.names.iter().map(|n| cut(n, 5)).collect();
        let sides: Vec<String> = self.names.iter().map(|n| cut(n, 16)).collect();
        let digits = self.counts.iter().max().map_or(1, |m| m.to_string().len());
        let cell = heads.iter().map(|h| width(h)).max().unwrap_or(1).max(digits) + 2;
        let corner = "true \\ predicted";
        let side = sides.iter().map(|s| width(s)).max().unwrap_or(1).max(width(corner));
        write!(f, "{}", pad(corner, side, false))?;
        for head in &heads {
            write!(f, "{}", pad(head, cell, true))?;
        }
        for (class, name) in sides.iter().enumerate() {
            write!(f, "\n{}", pad(name, side, true))?;
            for &count in self.row(class) {
                let count = if count == 0 { "·".into() } else { count.to_string() };
                write!(f, "{}", pad(&count, cell, true))?;
            }
        }
        Ok(())
    }
}
