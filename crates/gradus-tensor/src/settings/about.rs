//! What is known of settings without having any: names, defaults, domains.

use super::Value;

/// What has settings, and which they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// Its like in PyTorch, such as `optim.Adam`; empty if there is none.
    pub torch: &'static str,
    /// Where the formula is from.
    pub source: &'static str,
    /// The settings, in order.
    pub fields: &'static [Field],
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// The name of the field and of its setter.
    pub name: &'static str,
    /// The name in messages.
    pub label: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// What it is unless it is set, as Rust writes it; empty if it must be given.
    pub default: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it has settings of its own.
    pub inner: bool,
    /// What it may be.
    pub domain: Domain,
}

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Domain {
    /// The least value, and whether that is left out.
    pub low: Option<(f64, bool)>,
    /// The greatest value, and whether that is left out.
    pub high: Option<(f64, bool)>,
    /// Whether it is a whole number.
    pub whole: bool,
    /// What a whole number counts.
    pub unit: &'static str,
}

impl Domain {
    /// Whether a number lies in it. With a bound on either side, no number may be infinite.
    pub fn contains(&self, x: f64) -> bool {
        let low = self.low.is_none_or(|(low, open)| if open { x > low } else { x >= low });
        let high = self.high.is_none_or(|(high, open)| if open { x < high } else { x <= high });
        let unbounded = self.low.is_none() && self.high.is_none();
        unbounded || (low && high && x.is_finite())
    }

    /// The domain, in words.
    ///
    /// ```
    /// use gradus_tensor::settings::Domain;
    /// let unit = Domain { low: Some((0.0, false)), high: Some((1.0, true)), whole: false, unit: "" };
    /// assert_eq!(unit.wanted(), "a number in [0, 1)");
    /// ```
    pub fn wanted(&self) -> String {
        let sign = |open: bool, sign: &str| if open { sign.into() } else { format!("{sign}=") };
        match (self.low, self.high) {
            (None, None) if self.whole => "a whole number".into(),
            (None, None) => "a value of its type".into(),
            (Some((low, open)), None) if self.whole => {
                let low = low + f64::from(u8::from(open));
                let space = if self.unit.is_empty() { "" } else { " " };
                let plural = if low == 1.0 || self.unit.is_empty() { "" } else { "s" };
                format!("at least {low}{space}{}{plural}", self.unit)
            }
            (Some((low, open)), None) => format!("a finite number {} {low}", sign(open, ">")),
            (None, Some((high, open))) => format!("a finite number {} {high}", sign(open, "<")),
            (Some((low, open)), Some((high, to_open))) => {
                let open = if open { '(' } else { '[' };
                let close = if to_open { ')' } else { ']' };
                format!("a number in {open}{low}, {high}{close}")
            }
        }
    }
}

impl Field {
    /// Checks a value; `of` is what has the setting.
    ///
    /// # Errors
    /// [`BadSetting`] if a number in it is outside the domain.
    pub fn check(&self, of: &str, value: &Value) -> Result<(), BadSetting> {
        let bad =
            |label: &str, x: f64| BadSetting::new(of, format!("{label} {x}"), self.domain.wanted());
        match value {
            Value::Number(x) if !self.domain.contains(*x) => Err(bad(self.label, *x)),
            Value::Count(n) if !self.domain.contains(*n as f64) => Err(bad(self.label, *n as f64)),
            Value::Below(n) if !self.domain.contains(*n as f64) => Err(bad(self.label, *n as f64)),
            Value::List(values) => {
                // One of the betas is beta1.
                let one = self.label.strip_suffix('s').unwrap_or(self.label);
                values.iter().enumerate().try_for_each(|(i, value)| match value {
                    Value::Number(x) if !self.domain.contains(*x) => {
                        Err(bad(&format!("{one}{}", i + 1), *x))
                    }
                    Value::Count(n) if !self.domain.contains(*n as f64) => {
                        Err(bad(&format!("{one}{}", i + 1), *n as f64))
                    }
                    _ => Ok(()),
                })
            }
            _ => Ok(()),
        }
    }
}

/// A setting outside its domain.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{of}: got {got}, wanted {wanted}")]
pub struct BadSetting {
    /// What has the setting.
    pub of: String,
    /// The setting at fault.
    pub got: String,
    /// What would have fitted.
    pub wanted: String,
}

impl BadSetting {
    /// What has it, the setting, and what would have fitted.
    pub fn new(of: impl Into<String>, got: impl Into<String>, wanted: impl Into<String>) -> Self {
        Self { of: of.into(), got: got.into(), wanted: wanted.into() }
    }
}
