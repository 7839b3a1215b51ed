//! How the learning rate changes in the course of training.

use std::fmt;

use crate::Result;
use crate::schedules::{Epochs, Then, Times};
use crate::settings::Settings;

/// A function of the step that the learning rate is multiplied by.
///
/// Most depend on nothing else, so training that is stopped and resumed goes on exactly where it was. A schedule that
/// listens to a metric, as [`Plateau`](crate::Plateau) does, keeps what it needs to know of it in numbers that the
/// optimizer holds and saves.
///
/// A closure is a schedule, too:
///
/// ```
/// use gradus_optim::{Cosine, Schedule, Warmup};
/// let schedule = Warmup::new(4).then(Cosine::new(100));
/// assert_eq!([0, 1, 2, 3].map(|step| schedule.factor(step)), [0.25, 0.5, 0.75, 1.0]);
/// assert_eq!([4, 104, 999].map(|step| schedule.factor(step)), [1.0, 0.0, 0.0]);
///
/// let halving = |step: u64| 0.5_f64.powi(step as i32);
/// assert_eq!([0, 1, 2].map(|step| halving.factor(step)), [1.0, 0.5, 0.25]);
/// ```
///
/// **The unit is the optimizer's step**, not the epoch; [`epochs`](Schedule::epochs) changes that.
pub trait Schedule: Send + Sync {
    /// The factor for a step; the first step of training has number 0.
    fn factor(&self, step: u64) -> f64;

    /// The settings, to be checked and shown.
    fn settings(&self) -> Option<&dyn Settings> {
        None
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if one is outside its domain.
    fn validate(&self) -> Result<()> {
        check(self.settings())
    }

    /// What it remembers of a metric before it was told any value.
    fn memory(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Takes note of a value of the metric, after so many steps.
    fn observe(&self, memory: &mut [f64], step: u64, value: f64) {
        let _ = (memory, step, value);
    }

    /// The factor for a step, given what it remembers.
    fn recall(&self, memory: &[f64], step: u64) -> f64 {
        let _ = memory;
        self.factor(step)
    }

    /// The same, counted in epochs of so many steps: it changes between epochs, and not within them, as PyTorch's
    /// do when they are stepped once an epoch.
    ///
    /// ```
    /// use gradus_optim::{Schedule, StepDecay};
    /// let every_thirty_epochs = StepDecay::new(30, 0.1).epochs(500);
    /// assert_eq!([0, 14_999, 15_000].map(|step| every_thirty_epochs.factor(step)), [1.0, 1.0, 0.1]);
    /// ```
    fn epochs(self, steps_per_epoch: u64) -> Epochs<Self>
    where
        Self: Sized,
    {
        Epochs::new(self, steps_per_epoch)
    }

    /// This for so many steps, then another, which counts its steps from there.
    fn until<S: Schedule>(self, steps: u64, next: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        Then::new(self, steps, next)
    }

    /// The product of this and another.
    fn times<S: Schedule>(self, other: S) -> Times<Self, S>
    where
        Self: Sized,
    {
        Times::new(self, other)
    }
}

/// Checks settings, if there are any.
fn check(settings: Option<&dyn Settings>) -> Result<()> {
    settings.map_or(Ok(()), |settings| Ok(settings.check()?))
}

/// A function of the step.
impl<F: Fn(u64) -> f64 + Send + Sync> Schedule for F {
    fn factor(&self, step: u64) -> f64 {
        self(step)
    }
}

/// A schedule that is chosen while the program runs.
impl Schedule for Box<dyn Schedule> {
    fn factor(&self, step: u64) -> f64 {
        (**self).factor(step)
    }
    fn settings(&self) -> Option<&dyn Settings> {
        (**self).settings()
    }
    fn validate(&self) -> Result<()> {
        (**self).validate()
    }
    fn memory(&self) -> Vec<f64> {
        (**self).memory()
    }
    fn observe(&self, memory: &mut [f64], step: u64, value: f64) {
        (**self).observe(memory, step, value);
    }
    fn recall(&self, memory: &[f64], step: u64) -> f64 {
        (**self).recall(memory, step)
    }
}

impl fmt::Debug for dyn Schedule + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.settings() {
            Some(settings) => crate::settings::show(settings, f),
            None => f.write_str("a function of the step"),
        }
    }
}

/// Makes a schedule of settings and a formula, checked and shown as its settings are.
///
/// ```
/// use gradus_optim::{Schedule, Settings, schedule};
///
/// /// Falls as one over the step.
/// #[derive(Settings, Debug, Clone, Copy, PartialEq)]
/// struct Harmonic {
///     /// How many steps it takes to fall to a half.
///     #[above(0)]
///     half: f64,
/// }
/// schedule!(Harmonic, |self, step| 1.0 / (1.0 + step as f64 / self.half));
///
/// assert_eq!(Harmonic::new(10.0).factor(10), 0.5);
/// let message = Harmonic::new(0.0).validate().unwrap_err().to_string();
/// assert_eq!(message, "Harmonic: got half 0, wanted a finite number > 0");
/// ```
#[macro_export]
macro_rules! schedule {
    ($name:ident, |$this:ident, $step:ident| $factor:expr) => {
        impl $crate::Schedule for $name {
            fn factor(&$this, $step: u64) -> f64 {
                $factor
            }

            fn settings(&self) -> Option<&dyn $crate::Settings> {
                Some(self)
            }
        }
    };
}
