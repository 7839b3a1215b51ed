//! A linear rise over the first `n` steps, and 1 from then on: `factor(s) = min(1, (s + 1) / n)`.
//!
//! So the first step already learns, at `1 / n` of the rate, and step `n − 1` is the first at the
//! full rate. Goyal et al., *Accurate, large minibatch SGD*, 2017, section 2.2.

use super::{Then, some_steps};
use crate::{Result, Schedule};

/// Rises linearly to 1.
///
/// ```
/// use gradus_optim::{Schedule, Warmup};
/// let schedule = Warmup::new(4);
/// assert_eq!([0, 1, 3, 4].map(|step| schedule.factor(step)), [0.25, 0.5, 1.0, 1.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Warmup {
    steps: u64,
}

impl Warmup {
    /// Over so many steps, at least 1.
    pub fn new(steps: u64) -> Self {
        Self { steps }
    }

    /// Follows another schedule after the rise. That one counts its steps from there.
    pub fn then<S: Schedule>(self, next: S) -> Then<Self, S> {
        Then::new(self, self.steps, next)
    }
}

impl Schedule for Warmup {
    fn factor(&self, step: u64) -> f64 {
        match step < self.steps {
            true => (step + 1) as f64 / self.steps as f64,
            false => 1.0,
        }
    }

    fn validate(&self) -> Result<()> {
        some_steps("Warmup", "steps", self.steps)
    }
}
