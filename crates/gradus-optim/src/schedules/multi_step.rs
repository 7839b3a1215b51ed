//! A factor that falls at given steps: `factor(s) = γ^k`, where `k` is how many of the milestones are `s` or less.
//!
//! PyTorch's `MultiStepLR`.

use crate::{Settings, schedule};

/// Multiplies the learning rate by `gamma` at each milestone.
///
/// ```
/// use gradus_optim::{MultiStep, Schedule};
/// let schedule = MultiStep::new([30, 80], 0.5);
/// assert_eq!([0, 29, 30, 80].map(|step| schedule.factor(step)), [1.0, 1.0, 0.5, 0.25]);
/// ```
#[derive(Settings, Debug, Clone, PartialEq)]
#[settings(torch = "optim.lr_scheduler.MultiStepLR")]
pub struct MultiStep {
    /// The steps at which it falls, in any order.
    milestones: Vec<u64>,
    /// By what it is multiplied there.
    #[at_least(0)]
    #[label("factor")]
    gamma: f64,
}

schedule!(MultiStep, |self, step| {
    let passed = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
    self.gamma.powf(passed as f64)
});
