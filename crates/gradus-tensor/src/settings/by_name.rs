//! What [`Settings`] does by name, compiled once and not for each struct of settings: that gives its fields through a
//! closure, and what is inside it as a trait object.

use super::{About, BadSetting, Settings, Value};

/// Where a name leads: to a field, or to one element of it.
pub(super) struct Place {
    pub(super) field: usize,
    element: Option<usize>,
}

impl Place {
    /// What is there, of the value of the field.
    pub(super) fn part(&self, value: Value) -> Option<Value> {
        match (self.element, value) {
            (None, value) => Some(value),
            (Some(i), Value::List(mut values)) if i < values.len() => Some(values.swap_remove(i)),
            _ => None,
        }
    }

    /// The value of the field with another part there.
    pub(super) fn within(&self, old: Value, part: Value) -> Value {
        match (self.element, old) {
            (Some(i), Value::List(mut values)) if i < values.len() => {
                values[i] = part;
                Value::List(values)
            }
            _ => part,
        }
    }
}

impl About {
    /// Where a name leads; `beta1` is the first of `betas`.
    pub(super) fn place(&self, name: &str) -> Option<Place> {
        let of = |name: &str| self.fields.iter().position(|f| f.name == name && !f.inner);
        if let Some(field) = of(name) {
            return Some(Place { field, element: None });
        }
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let element: usize = name[stem.len()..].parse().ok()?;
        Some(Place { field: of(&format!("{stem}s"))?, element: Some(element.checked_sub(1)?) })
    }

    /// Checks every field.
    pub(super) fn check(&self, get: &dyn Fn(usize) -> Value) -> Result<(), BadSetting> {
        let mut fields = self.fields.iter().enumerate();
        fields.try_for_each(|(i, field)| field.check(self.name, &get(i)))
    }

    /// The name, and that of what is inside.
    pub(super) fn title(&self, inner: Option<&dyn Settings>) -> String {
        match inner {
            Some(inner) => format!("{} of {}", self.name, inner.title()),
            None => self.name.into(),
        }
    }

    /// Every field's name and value, those inside last.
    pub(super) fn values(
        &self,
        get: &dyn Fn(usize) -> Value,
        inner: Option<&dyn Settings>,
    ) -> Vec<(&'static str, Value)> {
        let fields = self.fields.iter().enumerate().filter(|(_, field)| !field.inner);
        let mut values: Vec<_> = fields.map(|(i, field)| (field.name, get(i))).collect();
        values.extend(inner.map(|inner| inner.values()).unwrap_or_default());
        values
    }

    /// That a value is not of the type of a field.
    pub(super) fn bad_value(&self, field: usize, value: &Value) -> BadSetting {
        let field = &self.fields[field];
        BadSetting::new(self.name, format!("{} {value}", field.label), field.domain.wanted())
    }

    /// That no field has such a name.
    pub(super) fn no_setting(&self, name: &str) -> BadSetting {
        let names: Vec<_> = self.fields.iter().map(|field| field.name).collect();
        let wanted = format!("one of {}", names.join(", "));
        BadSetting::new(self.name, format!("a setting `{name}`"), wanted)
    }
}
