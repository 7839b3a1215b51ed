//! The update rules, one file each.

/// Declares a rule for each line: its file, its name, and its row in the registry.
macro_rules! rules {
    ($($file:ident::$name:ident),* $(,)?) => {
        $(mod $file; pub use $file::$name;)*

        /// Every rule that can be built of names and values.
        pub const RULES: &[&About] = &[$($name::ABOUT),*];

        /// The rule of the given name, with the given settings.
        ///
        /// ```
        /// use gradus_optim::{Optimizer, rule, settings::Value};
        /// let adam = rule("Adam", &[("lr", Value::Number(1e-3))])?;
        /// let optimizer: Optimizer<_> = Optimizer::new(adam);
        /// assert_eq!(optimizer.rule().title(), "Adam");
        /// # use gradus_optim::Settings;
        /// # Ok::<(), gradus_optim::Error>(())
        /// ```
        ///
        /// # Errors
        /// [`Error::Setting`](crate::Error::Setting) if there is no such rule or setting, or if a value is not of its type.
        pub fn rule<T: Float>(name: &str, settings: &[(&str, Value)]) -> Result<Box<dyn Rule<T>>> {
            $(if name == $name::ABOUT.name {
                return Ok(Box::new(from_values::<$name>(settings)?));
            })*
            let names: Vec<_> = RULES.iter().map(|about| about.name).collect();
            Err(Error::setting("rule", format!("`{name}`"), format!("one of {}", names.join(", "))))
        }
    };
}

use gradus_tensor::Float;

use crate::settings::{About, Value, from_values};
use crate::{Error, Result, Rule};

mod moments;
mod sam;
mod wolfe;

pub use lbfgs::Search;
pub use muon::Scale;
pub use sam::Sam;

rules! {
    sgd::Sgd,
    asgd::Asgd,
    rprop::Rprop,
    adagrad::Adagrad,
    adadelta::Adadelta,
    rmsprop::RmsProp,
    adam::Adam,
    adamw::AdamW,
    adamax::Adamax,
    nadam::NAdam,
    radam::RAdam,
    lion::Lion,
    lars::Lars,
    lamb::Lamb,
    adafactor::Adafactor,
    muon::Muon,
    lbfgs::Lbfgs,
}
