//! How the learning rate changes in the course of training.

use std::fmt;

use crate::Result;

/// A function of the step that the learning rate is multiplied by.
///
/// It depends on nothing else, so training that is stopped and resumed goes on exactly where it was.
///
/// ```
/// use gradus_optim::{Cosine, Schedule, Warmup};
/// let schedule = Warmup::new(4).then(Cosine::new(100));
/// assert_eq!([0, 1, 2, 3].map(|step| schedule.factor(step)), [0.25, 0.5, 0.75, 1.0]);
/// assert_eq!([4, 104, 999].map(|step| schedule.factor(step)), [1.0, 0.0, 0.0]);
/// ```
pub trait Schedule: fmt::Debug + Send + Sync {
    /// The factor for a step; the first step of training has number 0.
    fn factor(&self, step: u64) -> f64;

    /// Checks the settings.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if one is outside its domain.
    fn validate(&self) -> Result<()> {
        Ok(())
    }
}

/// A schedule that is chosen while the program runs.
impl<S: Schedule + ?Sized> Schedule for Box<S> {
    fn factor(&self, step: u64) -> f64 {
        (**self).factor(step)
    }
    fn validate(&self) -> Result<()> {
        (**self).validate()
    }
}
