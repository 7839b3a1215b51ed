//! The same factor for every step: `factor(s) = c`.
//!
//! PyTorch's `ConstantLR` ends after some steps, and then the factor is 1: `Constant::new(1.0 / 3.0).until(5,
//! Constant::new(1.0))`.

use crate::{Settings, schedule};

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

schedule!(Constant, |self, _step| self.level);
