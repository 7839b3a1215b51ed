//! A rise over the first `n` steps, and 1 from then on: a line, `factor(s) = min(1, (s + 1) / n)`, or a power that
//! comes near 1, `factor(s) = 1 − exp(−(s + 1) / n)`.
//!
//! So the first step already learns. Along the line step `n − 1` is the first at the
//! full rate. Goyal et al., *Accurate, large minibatch SGD*, 2017, section 2.2; Ma and Yarats, *On the adequacy of untuned
//! warmup for adaptive optimization*, 2021, equations 4 and 5, with `n` for their `τ`.

use super::Then;
use crate::{Schedule, Settings, choices, schedule};

choices! {
    /// The way in which [`Warmup`] rises.
    pub enum Rise {
        /// A straight line, up to 1.
        Linear = "linear",
        /// Fast at first; after `n` steps it is at 0.63, and it never quite reaches 1.
        Exponential = "exponential",
    }
}

/// Rises to 1.
///
/// ```
/// use gradus_optim::{Schedule, Warmup};
/// let schedule = Warmup::new(4);
/// assert_eq!([0, 1, 3, 4].map(|step| schedule.factor(step)), [0.25, 0.5, 1.0, 1.0]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(source = "Goyal and others, 2017, section 2.2; Ma and Yarats, 2021")]
pub struct Warmup {
    /// How many steps it takes.
    #[at_least(1)]
    #[unit("step")]
    steps: u64,
    /// The way up.
    #[default(Rise::Linear)]
    rise: Rise,
}

impl Warmup {
    /// Follows another schedule after the rise. That one counts its steps from there.
    pub fn then<S: Schedule>(self, next: S) -> Then<Self, S> {
        Then::new(self, self.steps, next)
    }
}

schedule!(Warmup, |self, step| {
    let part = (step as f64 + 1.0) / self.steps as f64;
    match self.rise {
        Rise::Linear => part.min(1.0),
        Rise::Exponential => -(-part).exp_m1(),
    }
});
