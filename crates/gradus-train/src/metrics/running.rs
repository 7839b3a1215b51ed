//! A weighted mean that grows example by example: `m = Σ wᵢ xᵢ / Σ wᵢ`.
//!
//! Batches of unequal size are weighted by their number of examples, so that the mean over a data
//! set does not depend on how it was cut. Undefined before the first example.

/// A running mean.
///
/// ```
/// use gradus_train::metrics::RunningMean;
///
/// let mut loss = RunningMean::new();
/// loss.add(2.0, 3);   // a batch of three
/// loss.add(1.0, 1);   // a batch of one
/// assert_eq!(loss.mean(), Some(1.75));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RunningMean {
    sum: f64,
    weight: u64,
}

impl RunningMean {
    /// A mean of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value that stands for `weight` examples. A NaN or infinite value shows in the mean:
    /// it is not skipped. A weight of zero adds nothing.
    pub fn add(&mut self, value: f64, weight: usize) {
        if weight > 0 {
            self.sum += value * weight as f64;
            self.weight += weight as u64;
        }
    }

    /// The mean of what was added, or `None` before the first example.
    pub fn mean(&self) -> Option<f64> {
        (self.weight > 0).then(|| self.sum / self.weight as f64)
    }

    /// The number of examples.
    pub fn weight(&self) -> u64 {
        self.weight
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
