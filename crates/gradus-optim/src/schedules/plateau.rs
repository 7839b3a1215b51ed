//! A factor that falls when a metric gets no better: after more than `patience` values in a row that are not better than the best
//! so far, the factor is multiplied by `γ`, and the next `cooldown` values do not count.
//!
//! PyTorch's `ReduceLROnPlateau`. The lowest factor is a part of the learning rate, where PyTorch's `min_lr` is a rate.

use crate::{Schedule, Settings, choices};

choices! {
    /// Which values of a metric are better.
    pub enum Better {
        /// The lower ones, as of a loss.
        Lower = "lower",
        /// The higher ones, as of an accuracy.
        Higher = "higher",
    }
}

choices! {
    /// What the threshold of [`Plateau`] is measured by.
    pub enum Threshold {
        /// The best value so far.
        Relative = "relative",
        /// The metric's own unit.
        Absolute = "absolute",
    }
}

/// Falls when a metric that it is told by [`Optimizer::observe`](crate::Optimizer::observe) gets no better.
///
/// What it knows of the metric is saved with the optimizer.
///
/// ```
/// use gradus_optim::{Plateau, Sgd};
/// let mut sgd = Sgd::new(1.0).optimizer::<f32>().schedule(Plateau::new(0.1).patience(1));
/// let rates = [3.0, 2.0, 2.0, 2.0, 1.0].map(|loss| {
///     sgd.observe(loss);
///     sgd.lr()
/// });
/// assert_eq!(rates, [1.0, 1.0, 1.0, 0.1, 0.1]);
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.lr_scheduler.ReduceLROnPlateau")]
pub struct Plateau {
    /// By what it is multiplied.
    #[in_unit]
    #[label("factor")]
    gamma: f64,
    /// How many values in a row may be no better.
    #[default(10)]
    patience: u64,
    /// How much better a value must be to count as better.
    #[at_least(0)]
    #[default(1e-4)]
    threshold: f64,
    /// What the threshold is measured by.
    #[default(Threshold::Relative)]
    measure: Threshold,
    /// How many values do not count after a fall.
    #[default(0)]
    cooldown: u64,
    /// The lowest factor.
    #[at_least(0)]
    #[default(0.0)]
    lowest: f64,
    /// Which values are better.
    #[default(Better::Lower)]
    better: Better,
}

impl Plateau {
    fn is_better(&self, value: f64, best: f64) -> bool {
        let Self { threshold, .. } = *self;
        match (self.better, self.measure) {
            (Better::Lower, Threshold::Relative) => value < best * (1.0 - threshold),
            (Better::Lower, Threshold::Absolute) => value < best - threshold,
            (Better::Higher, Threshold::Relative) => value > best * (1.0 + threshold),
            (Better::Higher, Threshold::Absolute) => value > best + threshold,
        }
    }
}

impl Schedule for Plateau {
    /// Before it is told anything.
    fn factor(&self, _step: u64) -> f64 {
        1.0
    }

    fn settings(&self) -> Option<&dyn Settings> {
        Some(self)
    }

    /// The factor, the best value, how many were no better, and how many do not count.
    fn memory(&self) -> Vec<f64> {
        let worst = match self.better {
            Better::Lower => f64::INFINITY,
            Better::Higher => f64::NEG_INFINITY,
        };
        vec![1.0, worst, 0.0, 0.0]
    }

    fn observe(&self, memory: &mut [f64], _step: u64, value: f64) {
        let [factor, best, bad, rest] = memory else { return };
        if self.is_better(value, *best) {
            (*best, *bad) = (value, 0.0);
        } else {
            *bad += 1.0;
        }
        if *rest > 0.0 {
            (*rest, *bad) = (*rest - 1.0, 0.0);
        }
        if *bad > self.patience as f64 {
            *factor = (*factor * self.gamma).max(self.lowest);
            (*rest, *bad) = (self.cooldown as f64, 0.0);
        }
    }

    fn recall(&self, memory: &[f64], _step: u64) -> f64 {
        memory.first().copied().unwrap_or(1.0)
    }
}
