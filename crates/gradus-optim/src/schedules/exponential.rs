//! A factor that falls by the same part in every step: `factor(s) = γˢ`.
//!
//! PyTorch's `ExponentialLR`.

use crate::{Settings, schedule};

/// Multiplies the learning rate by `gamma` after every step.
///
/// ```
/// use gradus_optim::{Exponential, Schedule};
/// assert_eq!([0, 1, 3].map(|step| Exponential::new(0.5).factor(step)), [1.0, 0.5, 0.125]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.lr_scheduler.ExponentialLR")]
pub struct Exponential {
    /// What is left after one step.
    #[at_least(0)]
    #[label("factor")]
    gamma: f64,
}

schedule!(Exponential, |self, step| self.gamma.powf(step as f64));
