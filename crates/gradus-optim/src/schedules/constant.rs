//! The same factor for every step: `factor(s) = c`.
//!
//! PyTorch's `ConstantLR` ends after some steps, and then the factor is 1: `Constant::new(1.0 / 3.0).until(5,
//! Constant::new(1.0))`.

use crate::{Schedule, Settings};

/// The same factor for every step.
///
/// ```
/// use gradus_optim::{Constant, Schedule};
/// assert_eq!(Constant::new(0.5).factor(1_000_000), 0.5);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.lr_scheduler.ConstantLR")]
pub struct Constant {
    /// The factor.
    #[at_least(0)]
    #[label("factor")]
    level: f64,
}

impl Schedule for Constant {
    fn factor(&self, _step: u64) -> f64 {
        self.level
    }

    fn settings(&self) -> Option<&dyn Settings> {
        Some(self)
    }
}
