//! Up from a low factor `f` to 1 and down again, over and over. With `u` steps up and `d` steps down, in cycle `c` (from 1)
//! and a part `x` of the way up (or, after that, left of the way down):
//!
//! ```text
//! factor(s) = f + (1 − f) · x · scale            scale = 1,  1 / 2^(c − 1),  or γˢ
//! ```
//!
//! Smith, *Cyclical learning rates for training neural networks*, 2017, section 3.2. The optimizer's learning rate is the
//! highest, PyTorch's `max_lr`.

use super::between;
use crate::{Settings, choices, schedule};

choices! {
    /// How high the later cycles of [`Cyclic`] reach.
    pub enum Wave {
        /// All as high as the first.
        Triangular = "triangular",
        /// Each half as high as the one before.
        Halving = "halving",
        /// Less by the factor [`gamma`](Cyclic::gamma) in every step.
        Exponential = "exponential",
    }
}

/// Rises and falls, over and over.
///
/// ```
/// use gradus_optim::{Cyclic, Schedule};
/// let schedule = Cyclic::new(0.5, 2);
/// assert_eq!([0, 1, 2, 3, 4].map(|step| schedule.factor(step)), [0.5, 0.75, 1.0, 0.75, 0.5]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.lr_scheduler.CyclicLR", source = "Smith, 2017, section 3.2")]
pub struct Cyclic {
    /// The lowest factor, where it begins.
    #[at_least(0)]
    low: f64,
    /// How many steps it rises.
    #[at_least(1)]
    #[unit("step")]
    up: u64,
    /// How many steps it falls, if not as many.
    #[at_least(1)]
    #[unit("step")]
    down: Option<u64>,
    /// How high the later cycles reach.
    #[default(Wave::Triangular)]
    wave: Wave,
    /// What is left of the height after one step, for an exponential wave.
    #[at_least(0)]
    #[default(1.0)]
    gamma: f64,
}

schedule!(Cyclic, |self, step| {
    let down = self.down.unwrap_or(self.up);
    let period = self.up.saturating_add(down).max(1);
    let (cycle, at) = (step / period, step % period);
    let x = match at <= self.up {
        true => at as f64 / self.up as f64,
        false => (period - at) as f64 / down as f64,
    };
    let scale = match self.wave {
        Wave::Triangular => 1.0,
        Wave::Halving => 0.5_f64.powf(cycle as f64),
        Wave::Exponential => self.gamma.powf(step as f64),
    };
    between(self.low, 1.0, x * scale)
});
