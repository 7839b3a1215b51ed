//! One schedule after another: `factor(s) = a(s)` for `s < n`, and `b(s − n)` from then on.

use super::some_steps;
use crate::{Result, Schedule};

/// One schedule for the first steps, then another, which counts its steps from there.
///
/// ```
/// use gradus_optim::{Constant, Schedule, StepDecay, Then};
/// let schedule = Then::new(Constant::new(1.0), 50, StepDecay::new(10, 0.5));
/// assert_eq!([0, 49, 50, 60].map(|step| schedule.factor(step)), [1.0, 1.0, 1.0, 0.5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
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
        some_steps("Then", "steps", self.steps)
    }
}
