//! A factor that falls in stairs: `factor(s) = γ^⌊s / n⌋`.
//!
//! PyTorch's `StepLR`, which counts epochs where it is stepped once an epoch; this counts steps, and
//! [`epochs`](crate::Schedule::epochs) changes that.

use crate::{Settings, schedule};

/// Multiplies the learning rate by `gamma` after every `every` steps.
///
/// ```
/// use gradus_optim::{Schedule, StepDecay};
/// let schedule = StepDecay::new(100, 0.5);
/// assert_eq!([0, 99, 100, 200].map(|step| schedule.factor(step)), [1.0, 1.0, 0.5, 0.25]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.lr_scheduler.StepLR")]
pub struct StepDecay {
    /// How many steps a stair is long.
    #[at_least(1)]
    #[unit("step")]
    every: u64,
    /// How high a stair is, as a part of the one before.
    #[at_least(0)]
    #[label("factor")]
    gamma: f64,
}

schedule!(StepDecay, |self, step| self.gamma.powf((step / self.every.max(1)) as f64));
