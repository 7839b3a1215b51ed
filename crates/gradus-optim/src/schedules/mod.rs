//! The schedules, one file each.

/// Declares a schedule for each line: its file, its name, and its row in the registry.
macro_rules! schedules {
    ($($file:ident::$name:ident),* $(,)?) => {
        $(mod $file; pub use $file::$name;)*

        /// Every schedule that can be built of names and values.
        pub const SCHEDULES: &[&About] = &[$($name::ABOUT),*];

        /// The schedule of the given name, with the given settings.
        ///
        /// ```
        /// use gradus_optim::{Schedule, schedule, settings::Value};
        /// let cosine = schedule("Cosine", &[("total", Value::Count(100))])?;
        /// assert_eq!(cosine.factor(100), 0.0);
        /// # Ok::<(), gradus_optim::Error>(())
        /// ```
        ///
        /// # Errors
        /// [`Error::Setting`] if there is no such schedule or setting, or if a value is not of its type.
        pub fn schedule(name: &str, settings: &[(&str, Value)]) -> Result<Box<dyn Schedule>> {
            $(if name == $name::ABOUT.name {
                return Ok(Box::new(from_values::<$name>(settings)?));
            })*
            let names: Vec<_> = SCHEDULES.iter().map(|about| about.name).collect();
            let wanted = format!("one of {}", names.join(", "));
            Err(Error::setting("schedule", format!("`{name}`"), wanted))
        }
    };
}

use crate::settings::{About, Value, from_values};
use crate::{Error, Result, Schedule};

mod epochs;
mod then;
mod times;

pub use cyclic::Wave;
pub use epochs::Epochs;
pub use one_cycle::Anneal;
pub use plateau::{Better, Threshold};
pub use then::Then;
pub use times::Times;
pub use warmup::Rise;

schedules! {
    constant::Constant,
    ramp::Ramp,
    step_decay::StepDecay,
    multi_step::MultiStep,
    exponential::Exponential,
    polynomial::Polynomial,
    inverse_sqrt::InverseSqrt,
    cosine::Cosine,
    cosine_restarts::CosineRestarts,
    cyclic::Cyclic,
    one_cycle::OneCycle,
    warmup::Warmup,
    plateau::Plateau,
}

/// The number at a fraction `x` of the way from `a` to `b`.
fn between(a: f64, b: f64, x: f64) -> f64 {
    a + (b - a) * x
}

/// The number at a fraction `x` of the way from `a` to `b` along half a wave of the cosine.
fn along_cosine(a: f64, b: f64, x: f64) -> f64 {
    b + (a - b) * (1.0 + (std::f64::consts::PI * x).cos()) / 2.0
}
