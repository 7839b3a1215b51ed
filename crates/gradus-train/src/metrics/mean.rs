//! A mean with weights: the loss per item, per token, or any number that a step computes.
//!
//! `m = Σ wᵢ xᵢ / Σ wᵢ`, where `xᵢ` is the mean of a batch and `wᵢ` how many items (tokens, pixels) it has. So it is
//! the mean over all items, however they were cut into batches. The sum is exact. Undefined for no weight.

use serde::{Deserialize, Serialize};

use super::sum::Sum;
use super::{Goal, Metric};
use crate::{Error, Result};

/// A number that stands for many, and for how many.
///
/// Made from a pair `(mean, count)`, the mean an `f32` or an `f64`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighted {
    /// The mean of a batch.
    pub mean: f64,
    /// How many it is the mean of.
    pub count: usize,
}

impl From<(f64, usize)> for Weighted {
    fn from((mean, count): (f64, usize)) -> Self {
        Self { mean, count }
    }
}

impl From<(f32, usize)> for Weighted {
    fn from((mean, count): (f32, usize)) -> Self {
        Self { mean: mean.into(), count }
    }
}

/// The mean of numbers that stand for many each, as the losses of batches do.
///
/// The name says of what: the mean over tokens of a loss, where a batch has as many as its texts are long. Smaller is
/// better unless [`higher`](Self::higher) says otherwise. A NaN or an infinity shows in the mean; a count of zero
/// adds nothing.
///
/// ```
/// use gradus_train::metrics::{Mean, Metric};
///
/// let mut loss = Mean::new("loss_per_token");
/// loss.add((2.0_f64, 300))?;  // of 300 tokens
/// loss.add((1.0_f64, 100))?;
/// assert_eq!((loss.value(), loss.count()), (1.75, 400));
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// Of a merge: [`Error::Value`] for a mean of another name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    name: String,
    higher: bool,
    sum: Sum,
    count: u64,
}

impl Mean {
    /// A mean of nothing yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), higher: false, sum: Sum::default(), count: 0 }
    }

    /// Larger values are better.
    pub fn higher(self) -> Self {
        Self { higher: true, ..self }
    }

    /// How many items (tokens, pixels) there were.
    pub fn count(&self) -> u64 {
        self.count
    }
}

impl Metric for Mean {
    type Batch<'a> = Weighted;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn goal(&self) -> Goal {
        if self.higher { Goal::Higher } else { Goal::Lower }
    }

    fn take(&mut self, batch: Weighted) -> Result<()> {
        if batch.count > 0 {
            self.sum.add_product(batch.mean, batch.count as f64);
            self.count = self.count.saturating_add(batch.count as u64);
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        let made =
            |mean: &Self| format!("the mean {:?}, of which {:?} is better", mean.name, mean.goal());
        if made(self) != made(other) {
            return Err(Error::value("Mean::merge", made(other), made(self)));
        }
        self.sum.merge(&other.sum);
        self.count = self.count.saturating_add(other.count);
        Ok(())
    }

    fn value(&self) -> f64 {
        self.sum.value() / self.count as f64
    }
}
