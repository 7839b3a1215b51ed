//! A linear rise over `n` steps, then a fall with the root of the step:
//! `factor(s) = min((s + 1) / n, √(n / (s + 1)))`, which is 1 where the two meet.
//!
//! Vaswani and others, *Attention is all you need*, 2017, section 5.3, with the factor `1 / √(d n)` in the learning
//! rate.

use crate::{Settings, schedule};

/// Rises linearly, then falls as one over the root of the step: the schedule of the first Transformer.
///
/// ```
/// use gradus_optim::{InverseSqrt, Schedule};
/// let schedule = InverseSqrt::new(4);
/// assert_eq!([0, 3, 15].map(|step| schedule.factor(step)), [0.25, 1.0, 0.5]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(source = "Vaswani and others, 2017, section 5.3")]
pub struct InverseSqrt {
    /// How many steps it rises.
    #[at_least(1)]
    #[unit("step")]
    warmup: u64,
}

schedule!(InverseSqrt, |self, step| {
    let part = (step as f64 + 1.0) / self.warmup as f64;
    part.min(1.0 / part.sqrt())
});
