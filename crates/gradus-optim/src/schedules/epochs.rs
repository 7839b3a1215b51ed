//! A schedule that is counted in epochs: `factor(s) = a(⌊s / n⌋)`, with `n` steps an epoch.

use crate::settings::BadSetting;
use crate::{Result, Schedule};

/// A schedule counted in epochs; made by [`Schedule::epochs`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Epochs<S> {
    of: S,
    steps: u64,
}

impl<S: Schedule> Epochs<S> {
    /// The schedule, with so many steps an epoch, at least 1.
    pub fn new(of: S, steps_per_epoch: u64) -> Self {
        Self { of, steps: steps_per_epoch }
    }

    fn epoch(&self, step: u64) -> u64 {
        step / self.steps.max(1)
    }
}

impl<S: Schedule> Schedule for Epochs<S> {
    fn factor(&self, step: u64) -> f64 {
        self.of.factor(self.epoch(step))
    }

    fn validate(&self) -> Result<()> {
        self.of.validate()?;
        match self.steps {
            0 => Err(BadSetting::new("Epochs", "steps per epoch 0", "at least 1 step").into()),
            _ => Ok(()),
        }
    }

    fn memory(&self) -> Vec<f64> {
        self.of.memory()
    }

    fn observe(&self, memory: &mut [f64], step: u64, value: f64) {
        self.of.observe(memory, self.epoch(step), value);
    }

    fn recall(&self, memory: &[f64], step: u64) -> f64 {
        self.of.recall(memory, self.epoch(step))
    }
}
