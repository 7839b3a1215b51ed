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
        let About { name, fields, .. } = self.about();
        for (i, field) in fields.iter().enumerate() {
            field.check(name, &self.get(i))?;
        }
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
        match self.inner() {
            Some(inner) => format!("{} of {}", self.about().name, inner.title()),
            None => self.about().name.into(),
        }
    }

    /// The value of the field of the given name, here or inside; `beta1` is the first of `betas`.
    fn value(&self, name: &str) -> Option<Value> {
        match place(self.about(), name) {
            Some((field, None)) => Some(self.get(field)),
            Some((field, Some(i))) => match self.get(field) {
                Value::List(mut values) if i < values.len() => Some(values.swap_remove(i)),
                _ => None,
            },
            None => self.inner()?.value(name),
        }
    }

    /// Every field's name and value, those inside last.
    fn values(&self) -> Vec<(&'static str, Value)> {
        let fields = self.about().fields.iter().enumerate().filter(|(_, field)| !field.inner);
        let mut values: Vec<_> = fields.map(|(i, field)| (field.name, self.get(i))).collect();
        values.extend(self.inner().map(|inner| inner.values()).unwrap_or_default());
        values
    }

    /// Sets the field of the given name, here or inside; `beta1` is the first of `betas`.
    ///
    /// # Errors
    /// [`BadSetting`] if there is none, or if the value is not of its type.
    fn set(&mut self, name: &str, value: Value) -> Result<(), BadSetting> {
        let About { name: of, fields, .. } = self.about();
        if let Some((field, element)) = place(self.about(), name) {
            let got = format!("{} {value}", fields[field].label);
            let whole = match (element, self.get(field)) {
                (Some(i), Value::List(mut values)) if i < values.len() => {
                    values[i] = value;
                    Value::List(values)
                }
                _ => value,
            };
            return match self.put(field, whole) {
                true => Ok(()),
                false => Err(BadSetting::new(*of, got, fields[field].domain.wanted())),
            };
        }
        match self.inner_mut() {
            Some(inner) => inner.set(name, value),
            None => {
                let names: Vec<_> = fields.iter().map(|field| field.name).collect();
                let got = format!("a setting `{name}`");
                Err(BadSetting::new(*of, got, format!("one of {}", names.join(", "))))
            }
        }
    }
}

/// The field of a name, and which element of it is meant, if it is one.
fn place(about: &About, name: &str) -> Option<(usize, Option<usize>)> {
    let of = |name: &str| about.fields.iter().position(|f| f.name == name && !f.inner);
    if let Some(field) = of(name) {
        return Some((field, None));
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let element: usize = name[stem.len()..].parse().ok()?;
    Some((of(&format!("{stem}s"))?, Some(element.checked_sub(1)?)))
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
    for (name, value) in values {
        settings.set(name, value.clone())?;
    }
    let About { name: of, fields, .. } = settings.about();
    let is_missing =
        |field: &&Field| field.required && !values.iter().any(|(name, _)| *name == field.name);
    match fields.iter().find(is_missing) {
        None => Ok(settings),
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
