//! One rise and one long fall: from `1 / a` up to 1 in a part `p` of the `n` steps, then down to `1 / (a b)`. The way is half
//! a wave of the cosine, or a line.
//!
//! Smith and Topin, *Super-convergence: very fast training of neural networks using large learning rates*, 2018, section 3. With
//! three phases it comes down to `1 / a` as it went up, and to `1 / (a b)` in what is left. The optimizer's learning
//! rate is the highest, PyTorch's `max_lr`. The momentum goes the other way by [`vary`](crate::Optimizer::vary).

use super::{along_cosine, between};
use crate::{Settings, choices, schedule};

choices! {
    /// The way from one rate to another.
    pub enum Anneal {
        /// Half a wave of the cosine.
        Cosine = "cosine",
        /// A straight line.
        Linear = "linear",
    }
}

/// Rises to 1, and falls far below where it began.
///
/// ```
/// use gradus_optim::{OneCycle, Schedule};
/// let schedule = OneCycle::new(100);
/// let near = |step, want: f64| (schedule.factor(step) - want).abs() < 1e-12;
/// assert!(near(0, 0.04) && near(29, 1.0) && near(99, 4e-6) && near(5000, 4e-6));
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.lr_scheduler.OneCycleLR", source = "Smith and Topin, 2018, section 3")]
pub struct OneCycle {
    /// How many steps there are in all.
    #[at_least(2)]
    #[unit("step")]
    total: u64,
    /// The part of them in which it rises.
    #[above(0)]
    #[below(1)]
    #[default(0.3)]
    rise: f64,
    /// By what it is less than 1 where it begins.
    #[above(0)]
    #[default(25.0)]
    start_div: f64,
    /// By what it is less where it ends than where it began.
    #[above(0)]
    #[default(1e4)]
    final_div: f64,
    /// The way up and down.
    #[default(Anneal::Cosine)]
    anneal: Anneal,
    /// Whether it comes down as it went up, before the last phase.
    #[default(false)]
    three_phases: bool,
}

schedule!(OneCycle, |self, step| {
    let Self { rise, three_phases, .. } = *self;
    let (start, total) = (1.0 / self.start_div, self.total as f64);
    let (end, step) = (start / self.final_div, step as f64);
    let top = rise * total - 1.0;
    let phases = match three_phases {
        true => vec![(top, start, 1.0), (2.0 * top, 1.0, start), (total - 1.0, start, end)],
        false => vec![(top, start, 1.0), (total - 1.0, 1.0, end)],
    };
    let mut begin = 0.0;
    for (until, from, to) in phases {
        if step <= until {
            let x = (step - begin) / (until - begin);
            return match self.anneal {
                Anneal::Cosine => along_cosine(from, to, x),
                Anneal::Linear => between(from, to, x),
            };
        }
        begin = until;
    }
    end
});
