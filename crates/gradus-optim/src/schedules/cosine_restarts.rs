//! Cosines one after another, each from 1 down to a final factor `f`; the first takes `n` steps, and each is `k` times as
//! long as the one before:
//!
//! ```text
//! factor(s) = f + (1 − f) · (1 + cos(π t / T)) / 2        t steps into a period of T
//! ```
//!
//! Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts*, 2017, equation 5.

use super::along_cosine;
use crate::{Settings, schedule};

/// Falls along a cosine, and begins again.
///
/// ```
/// use gradus_optim::{CosineRestarts, Schedule};
/// let schedule = CosineRestarts::new(4).longer(2);
/// let near = |step, want: f64| (schedule.factor(step) - want).abs() < 1e-12;
/// assert!(near(0, 1.0) && near(2, 0.5) && near(4, 1.0) && near(8, 0.5) && near(12, 1.0));
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(
    torch = "optim.lr_scheduler.CosineAnnealingWarmRestarts",
    source = "Loshchilov and Hutter, 2017, equation 5"
)]
pub struct CosineRestarts {
    /// How many steps the first period takes.
    #[at_least(1)]
    #[unit("step")]
    first: u64,
    /// How many times as long each period is as the one before.
    #[at_least(1)]
    #[default(1)]
    longer: u64,
    /// Where each period ends.
    #[at_least(0)]
    #[default(0.0)]
    final_factor: f64,
}

schedule!(CosineRestarts, |self, step| {
    let (mut since, mut period) = (step, self.first.max(1));
    if self.longer <= 1 {
        since %= period;
    }
    while since >= period {
        since -= period;
        period = period.saturating_mul(self.longer);
    }
    along_cosine(1.0, self.final_factor, since as f64 / period as f64)
});
