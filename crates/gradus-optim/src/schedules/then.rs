//! One schedule after another: `factor(s) = a(s)` for `s < n`, and `b(s − n)` from then on.

use crate::settings::BadSetting;
use crate::{Result, Schedule};

/// One schedule for the first steps, then another, which counts its steps from there.
///
/// ```
/// use gradus_optim::{Constant, Schedule, StepDecay, Then};
/// let schedule = Then::new(Constant::new(1.0), 50, StepDecay::new(10, 0.5));
/// assert_eq!([0, 49, 50, 60].map(|step| schedule.factor(step)), [1.0, 1.0, 1.0, 0.5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Then<A, B> {
    first: A,
    steps: u64,
    next: B,
}

impl<A: Schedule, B: Schedule> Then<A, B> {
    /// `first` for so many steps, at least 1, then `next`.
    pub fn new(first: A, steps: u64, next: B) -> Self {
        Self { first, steps, next }
    }
}

impl<A: Schedule, B: Schedule> Schedule for Then<A, B> {
    fn factor(&self, step: u64) -> f64 {
        match step.checked_sub(self.steps) {
            None => self.first.factor(step),
            Some(since) => self.next.factor(since),
        }
    }

    fn validate(&self) -> Result<()> {
        self.first.validate()?;
        self.next.validate()?;
        match self.steps {
            0 => Err(BadSetting::new("Then", "steps 0", "at least 1 step").into()),
            _ => Ok(()),
        }
    }

    /// What the first remembers, then the next.
    fn memory(&self) -> Vec<f64> {
        [self.first.memory(), self.next.memory()].concat()
    }

    /// The one whose turn it is is told.
    fn observe(&self, memory: &mut [f64], step: u64, value: f64) {
        let (first, next) = memory.split_at_mut(self.first.memory().len().min(memory.len()));
        match step.checked_sub(self.steps) {
            None => self.first.observe(first, step, value),
            Some(since) => self.next.observe(next, since, value),
        }
    }

    fn recall(&self, memory: &[f64], step: u64) -> f64 {
        let (first, next) = memory.split_at(self.first.memory().len().min(memory.len()));
        match step.checked_sub(self.steps) {
            None => self.first.recall(first, step),
            Some(since) => self.next.recall(next, since),
        }
    }
}
