//! A straight line from one factor to another over `n` steps, and the other from then on:
//! `factor(s) = a + (b − a) · min(1, s / n)`.
//!
//! PyTorch's `LinearLR`.

use super::between;
use crate::{Settings, schedule};

/// Goes from one factor to another along a line.
///
/// ```
/// use gradus_optim::{Ramp, Schedule};
/// let schedule = Ramp::new(1.0, 0.0, 4);
/// assert_eq!([0, 1, 4, 9].map(|step| schedule.factor(step)), [1.0, 0.75, 0.0, 0.0]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.lr_scheduler.LinearLR")]
pub struct Ramp {
    /// Where it begins.
    #[at_least(0)]
    from: f64,
    /// Where it ends.
    #[at_least(0)]
    to: f64,
    /// How many steps it takes.
    #[at_least(1)]
    #[unit("step")]
    steps: u64,
}

schedule!(Ramp, |self, step| between(self.from, self.to, step.min(self.steps) as f64 / self.steps as f64));
