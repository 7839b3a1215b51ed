//! What a metric is: sums that take in batches and can be merged, and a value computed from them.
//!
//! A mean of batch means is not the mean over the data, and neither is an F1 of batches; so a metric
//! keeps what can be added (counts, sums, or all pairs where the order of all matters) and computes
//! its value from that at the end. Merged in any parts, it says what it says of everything at once.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Result;

/// Which direction is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Goal {
    /// Greater values are better.
    Higher,
    /// Smaller values are better.
    Lower,
}

impl Goal {
    /// Whether `value` is better than `than`. A NaN is better than nothing, and worse than any number.
    ///
    /// ```
    /// use gradus_train::metrics::Goal;
    ///
    /// assert!(Goal::Higher.better(0.9, 0.8) && Goal::Lower.better(0.8, 0.9));
    /// assert!(!Goal::Higher.better(f64::NAN, 0.8) && Goal::Lower.better(0.8, f64::NAN));
    /// ```
    pub fn better(self, value: f64, than: f64) -> bool {
        match self {
            _ if than.is_nan() => !value.is_nan(),
            Self::Higher => value > than,
            Self::Lower => value < than,
        }
    }
}

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Unit {
    /// The number itself, with four decimals.
    #[default]
    Plain,
    /// A share, in hundredths: 0.9312 is `93.12 %`.
    Percent,
}

impl Unit {
    /// The value as text.
    ///
    /// ```
    /// use gradus_train::metrics::Unit;
    ///
    /// assert_eq!(Unit::Percent.show(0.9312), "93.12 %");
    /// assert_eq!(Unit::Plain.show(0.25), "0.2500");
    /// ```
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Plain => format!("{value:.4}"),
            Self::Percent => format!("{:.2} %", 100.0 * value),
        }
    }
}

/// Sums over batches, and a value of them.
///
/// A metric of your own is a struct of its sums that is `Clone`, `Serialize` and `Deserialize`:
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Goal, Metric, Unit};
/// use gradus_train::{Error, Result};
/// use serde::{Deserialize, Serialize};
///
/// /// The share of predictions that are off by less than a tolerance.
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Within {
///     tolerance: f32,
///     inside: u64,
///     all: u64,
/// }
///
/// impl Metric for Within {
///     type Batch<'a> = (&'a Tensor<f32>, &'a Tensor<f32>);
///
///     fn name(&self) -> String {
///         "within".into()
///     }
///
///     fn goal(&self) -> Goal {
///         Goal::Higher
///     }
///
///     fn unit(&self) -> Unit {
///         Unit::Percent
///     }
///
///     fn take(&mut self, (predictions, targets): Self::Batch<'_>) -> Result<()> {
///         let off = predictions.sub(targets)?.abs().to_vec();
///         self.inside += off.iter().filter(|&&x| x < self.tolerance).count() as u64;
///         self.all += off.len() as u64;
///         Ok(())
///     }
///
///     fn merge(&mut self, other: &Self) -> Result<()> {
///         if self.tolerance != other.tolerance {
///             let got = format!("a tolerance of {}", other.tolerance);
///             return Err(Error::value("within", got, format!("{}", self.tolerance)));
///         }
///         self.inside += other.inside;
///         self.all += other.all;
///         Ok(())
///     }
///
///     fn value(&self) -> f64 {
///         self.inside as f64 / self.all as f64
///     }
/// }
///
/// let (predictions, targets) = (Tensor::vector([1.0, 2.5, 3.0]), Tensor::vector([1.1, 2.0, 3.0]));
/// let within = Within { tolerance: 0.2, inside: 0, all: 0 }.of((&predictions, &targets))?;
/// assert_eq!(within.value(), 2.0 / 3.0);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub trait Metric: Clone + Serialize + DeserializeOwned + Send + 'static {
    /// What is taken in at once, such as scores and labels.
    type Batch<'a>;

    /// What its column is called: small letters, digits and underscores, as `f1_macro`.
    fn name(&self) -> String;

    /// Which direction is better.
    fn goal(&self) -> Goal;

    /// How its value is shown.
    fn unit(&self) -> Unit {
        Unit::Plain
    }

    /// Takes a batch in.
    ///
    /// # Errors
    /// If the batch does not fit; the metric is then what it was before.
    fn take(&mut self, batch: Self::Batch<'_>) -> Result<()>;

    /// Takes in what another metric of this kind took in, as if it had been taken in here, after
    /// what was here before.
    ///
    /// # Errors
    /// If the two are not made alike (other classes, another `k`); the metric is then what it was
    /// before.
    fn merge(&mut self, other: &Self) -> Result<()>;

    /// The value for all that was taken in; NaN where that says nothing.
    fn value(&self) -> f64;

    /// Takes in whatever makes a batch: `metric.add((&scores, &labels))?`.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    fn add<'a>(&mut self, batch: impl Into<Self::Batch<'a>>) -> Result<()> {
        self.take(batch.into())
    }

    /// This metric with one batch taken in: `Accuracy::new().of((&scores, &labels))?`.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    fn of<'a>(mut self, batch: impl Into<Self::Batch<'a>>) -> Result<Self> {
        self.take(batch.into())?;
        Ok(self)
    }
}
