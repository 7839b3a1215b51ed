//! A struct of settings is a declaration.
//!
//! A layer, a rule or a schedule is a formula with numbers in it. Which numbers, what they may be, what they are
//! unless somebody sets them, and what they do is said once, above each field, and
//! `#[derive(Settings)]` makes the rest of it: the constructor, the setters, the check with its messages,
//! printing, a configuration by name, and the row of a registry that tests and tables walk.
//!
//! ```
//! use gradus_tensor::Settings;
//!
//! /// Falls from 1 by a fixed amount for every step, down to a floor.
//! #[derive(Settings, Debug, Clone, PartialEq)]
//! struct Ramp {
//!     /// How much it falls in one step.
//!     #[above(0)]
//!     slope: f64,
//!     /// Where it ends.
//!     #[default(0.0)]
//!     #[in_unit]
//!     final_factor: f64,
//! }
//!
//! let ramp = Ramp::new(0.5).final_factor(0.1);
//! assert_eq!(ramp.to_string(), "Ramp { slope: 0.5, final_factor: 0.1 }");
//! let message = Ramp::new(-1.0).check().unwrap_err().to_string();
//! assert_eq!(message, "Ramp: got slope -1, wanted a finite number > 0");
//! ```
//!
//! The same, written out by hand, is in the file `tests/it/settings.rs` of this crate, where a test compares
//! the two. The attributes are listed at the macro [`Settings`](derive@crate::Settings).
//!
//! It stands at the bottom of the staircase because everything above may use it: layers, rules, schedules.

mod about;
mod by_name;
mod value;

use std::fmt;

pub use about::{About, BadSetting, Domain, Field};
pub use value::{Stored, Value};

/// Settings, each under its name. Derive it.
pub trait Settings {
    /// What has the settings, and which they are.
    fn about(&self) -> &'static About;

    /// The value of a field, by its place in [`About::fields`].
    fn get(&self, field: usize) -> Value;

    /// Sets a field, by its place in [`About::fields`]; false if the value is not of its type.
    fn put(&mut self, field: usize, value: Value) -> bool;

    /// The settings inside these, of what these are wrapped around.
    fn inner(&self) -> Option<&dyn Settings> {
        None
    }

    /// The same, to be changed.
    fn inner_mut(&mut self) -> Option<&mut dyn Settings> {
        None
    }

    /// Checks what concerns several fields.
    ///
    /// # Errors
    /// [`BadSetting`] if they do not go together.
    fn check_together(&self) -> Result<(), BadSetting> {
        Ok(())
    }

    /// Checks every field, and those inside.
    ///
    /// # Errors
    /// [`BadSetting`] for the first that is outside its domain.
    fn check(&self) -> Result<(), BadSetting> {
        self.about().check(&|field| self.get(field))?;
        self.check_together()?;
        self.inner().map_or(Ok(()), |inner| inner.check())
    }

    /// The settings, if each is in its domain.
    ///
    /// # Errors
    /// As [`check`](Settings::check).
    fn checked(self) -> Result<Self, BadSetting>
    where
        Self: Sized,
    {
        self.check()?;
        Ok(self)
    }

    /// The name, and that of what is inside: `Sam of Sgd`.
    fn title(&self) -> String {
        self.about().title(self.inner())
    }

    /// The value of the field of the given name, here or inside; `beta1` is the first of `betas`.
    fn value(&self, name: &str) -> Option<Value> {
        match self.about().place(name) {
            Some(place) => place.part(self.get(place.field)),
            None => self.inner()?.value(name),
        }
    }

    /// Every field's name and value, those inside last.
    fn values(&self) -> Vec<(&'static str, Value)> {
        self.about().values(&|field| self.get(field), self.inner())
    }

    /// Sets the field of the given name, here or inside; `beta1` is the first of `betas`.
    ///
    /// # Errors
    /// [`BadSetting`] if there is none, or if the value is not of its type.
    fn set(&mut self, name: &str, value: Value) -> Result<(), BadSetting> {
        let about = self.about();
        match about.place(name) {
            Some(place) => {
                let whole = place.within(self.get(place.field), value.clone());
                match self.put(place.field, whole) {
                    true => Ok(()),
                    false => Err(about.bad_value(place.field, &value)),
                }
            }
            None => match self.inner_mut() {
                Some(inner) => inner.set(name, value),
                None => Err(about.no_setting(name)),
            },
        }
    }
}

/// Settings of which each is at its default; those that have none are not yet anything. Derived with
/// [`Settings`], and used by [`from_values`].
pub trait Blank: Settings {
    /// The settings.
    fn blank() -> Self;
}

/// Settings from names and values, such as a file holds them. What is not named has its default.
///
/// ```
/// use gradus_tensor::Settings;
/// use gradus_tensor::settings::{Value, from_values};
///
/// /// Steps down the gradient.
/// #[derive(Settings, Debug, PartialEq)]
/// struct Descent {
///     /// The learning rate.
///     #[at_least(0)]
///     lr: f64,
///     /// Whether to look ahead.
///     #[default(false)]
///     nesterov: bool,
/// }
/// let descent: Descent = from_values(&[("lr", Value::Number(0.1)), ("nesterov", Value::Flag(false))])?;
/// assert_eq!(descent, Descent::new(0.1));
/// let error = from_values::<Descent>(&[]).unwrap_err().to_string();
/// assert_eq!(error, "Descent: got no learning rate, wanted `lr`");
/// # Ok::<(), gradus_tensor::settings::BadSetting>(())
/// ```
///
/// # Errors
/// [`BadSetting`] if there is no such setting, if a value is not of its type, or if one that has no default is
/// missing.
pub fn from_values<S: Blank>(values: &[(&str, Value)]) -> Result<S, BadSetting> {
    let mut settings = S::blank();
    set_all(&mut settings, values)?;
    Ok(settings)
}

/// Sets all that are named; what has no default must be.
fn set_all(settings: &mut dyn Settings, values: &[(&str, Value)]) -> Result<(), BadSetting> {
    for (name, value) in values {
        settings.set(name, value.clone())?;
    }
    let About { name: of, fields, .. } = settings.about();
    let is_missing =
        |field: &&Field| field.required && !values.iter().any(|(name, _)| *name == field.name);
    match fields.iter().find(is_missing) {
        None => Ok(()),
        Some(Field { name, label, .. }) => {
            Err(BadSetting::new(*of, format!("no {label}"), format!("`{name}`")))
        }
    }
}

/// Writes settings as Rust writes a struct; for the derived `Display`.
///
/// # Errors
/// Those of the formatter.
pub fn show(settings: &dyn Settings, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let About { name, fields, .. } = settings.about();
    if fields.is_empty() {
        return f.write_str(name);
    }
    write!(f, "{name} {{ ")?;
    for (i, field) in fields.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        write!(f, "{comma}{}: ", field.name)?;
        match (field.inner, settings.inner()) {
            (true, Some(inner)) => show(inner, f)?,
            _ => write!(f, "{}", settings.get(i))?,
        }
    }
    f.write_str(" }")
}

impl<S: Settings + ?Sized> Settings for Box<S> {
    fn about(&self) -> &'static About {
        (**self).about()
    }
    fn get(&self, field: usize) -> Value {
        (**self).get(field)
    }
    fn put(&mut self, field: usize, value: Value) -> bool {
        (**self).put(field, value)
    }
    fn inner(&self) -> Option<&dyn Settings> {
        (**self).inner()
    }
    fn inner_mut(&mut self) -> Option<&mut dyn Settings> {
        (**self).inner_mut()
    }
    fn check_together(&self) -> Result<(), BadSetting> {
        (**self).check_together()
    }
}
