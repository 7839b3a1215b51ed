//! A factor that falls in stairs: `factor(s) = γ^⌊s / n⌋`.
//!
//! PyTorch's `StepLR`.

use super::some_steps;
use crate::error::not_negative;
use crate::{Result, Schedule};

/// Multiplies the learning rate by `factor` after every `every` steps.
///
/// ```
/// use gradus_optim::{Schedule, StepDecay};
/// let schedule = StepDecay::new(100, 0.5);
/// assert_eq!([0, 99, 100, 200].map(|step| schedule.factor(step)), [1.0, 1.0, 0.5, 0.25]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepDecay {
    every: u64,
    factor: f64,
}

impl StepDecay {
    /// A stair after every `every` steps (at least 1), each `factor` (0 or more) times as high as
    /// the one before.
    pub fn new(every: u64, factor: f64) -> Self {
        Self { every, factor }
    }
}

impl Schedule for StepDecay {
    fn factor(&self, step: u64) -> f64 {
        self.factor.powf((step / self.every.max(1)) as f64)
    }

    fn validate(&self) -> Result<()> {
        some_steps("StepDecay", "every", self.every)?;
        not_negative("StepDecay", "factor", self.factor)
    }
}
