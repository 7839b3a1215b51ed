//! Half a wave of the cosine, from 1 down to a final factor `f` after `n` steps, and `f` from then
//! on:
//!
//! ```text
//! factor(s) = f + (1 − f) · (1 + cos(π s / n)) / 2        for s ≤ n
//! ```
//!
//! Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts*, 2017, equation 5,
//! without the restarts. PyTorch's `CosineAnnealingLR` rises again after the `n` steps.

use super::along_cosine;
use crate::{Settings, schedule};

/// Falls from 1 to a final factor along a cosine.
///
/// ```
/// use gradus_optim::{Cosine, Schedule};
/// let schedule = Cosine::new(100).final_factor(0.1);
/// assert_eq!(schedule.factor(0), 1.0);
/// assert!((schedule.factor(50) - 0.55).abs() < 1e-12);
/// assert_eq!([100, 5000].map(|step| schedule.factor(step)), [0.1, 0.1]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(
    torch = "optim.lr_scheduler.CosineAnnealingLR",
    source = "Loshchilov and Hutter, 2017, equation 5"
)]
pub struct Cosine {
    /// How many steps it takes.
    #[at_least(1)]
    #[unit("step")]
    total: u64,
    /// Where it ends.
    #[at_least(0)]
    #[default(0.0)]
    final_factor: f64,
}

schedule!(Cosine, |self, step| match step < self.total {
        true => along_cosine(1.0, self.final_factor, step as f64 / self.total as f64),
        false => self.final_factor,
    });
