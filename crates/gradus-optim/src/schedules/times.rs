//! The product of two schedules: `factor(s) = a(s) · b(s)`.
//!
//! PyTorch's `ChainedScheduler`.

use crate::{Result, Schedule};

/// Two schedules at once.
///
/// ```
/// use gradus_optim::{Exponential, Schedule, Warmup};
/// let schedule = Warmup::new(2).times(Exponential::new(0.5));
/// assert_eq!([0, 1, 2].map(|step| schedule.factor(step)), [0.5, 0.5, 0.25]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Times<A, B> {
    a: A,
    b: B,
}

impl<A: Schedule, B: Schedule> Times<A, B> {
    /// The product of the two.
    pub fn new(a: A, b: B) -> Self {
        Self { a, b }
    }
}

impl<A: Schedule, B: Schedule> Schedule for Times<A, B> {
    fn factor(&self, step: u64) -> f64 {
        self.a.factor(step) * self.b.factor(step)
    }

    fn validate(&self) -> Result<()> {
        self.a.validate()?;
        self.b.validate()
    }

    /// What the one remembers, then the other.
    fn memory(&self) -> Vec<f64> {
        [self.a.memory(), self.b.memory()].concat()
    }

    fn observe(&self, memory: &mut [f64], step: u64, value: f64) {
        let (a, b) = memory.split_at_mut(self.a.memory().len().min(memory.len()));
        self.a.observe(a, step, value);
        self.b.observe(b, step, value);
    }

    fn recall(&self, memory: &[f64], step: u64) -> f64 {
        let (a, b) = memory.split_at(self.a.memory().len().min(memory.len()));
        self.a.recall(a, step) * self.b.recall(b, step)
    }
}
