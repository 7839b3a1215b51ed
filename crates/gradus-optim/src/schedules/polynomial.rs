//! A power of what is left of `n` steps, and the final factor `f` from then on:
//! `factor(s) = f + (1 − f) · (1 − min(1, s / n))^p`.
//!
//! With `f = 0` it is PyTorch's `PolynomialLR`.

use super::between;
use crate::{Settings, schedule};

/// Falls from 1 to a final factor along a power of the steps that are left.
///
/// ```
/// use gradus_optim::{Polynomial, Schedule};
/// let schedule = Polynomial::new(4).power(2.0);
/// assert_eq!([0, 2, 4, 9].map(|step| schedule.factor(step)), [1.0, 0.25, 0.0, 0.0]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.lr_scheduler.PolynomialLR")]
pub struct Polynomial {
    /// How many steps it takes.
    #[at_least(1)]
    #[unit("step")]
    total: u64,
    /// The power; with 1 it is a line.
    #[above(0)]
    #[default(1.0)]
    power: f64,
    /// Where it ends.
    #[at_least(0)]
    #[default(0.0)]
    final_factor: f64,
}

schedule!(Polynomial, |self, step| {
    let left = 1.0 - step.min(self.total) as f64 / self.total as f64;
    between(self.final_factor, 1.0, left.powf(self.power))
});
