//! The value of a setting, whatever its type.

use std::fmt;
use std::str::FromStr;

/// The value of a setting.
///
/// ```
/// use gradus_tensor::settings::Value;
/// let values = ["0.5", "3", "true", "none", "[0.9, 0.999]"].map(|text| text.parse::<Value>().unwrap());
/// assert_eq!(values[0], Value::Number(0.5));
/// assert_eq!(values.map(|value| value.to_string()).join(" "), "0.5 3 true none [0.9, 0.999]");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A number.
    Number(f64),
    /// A whole number.
    Count(u64),
    /// A whole number below zero.
    Below(i64),
    /// Yes or no.
    Flag(bool),
    /// One of several words.
    Word(String),
    /// Several values.
    List(Vec<Value>),
    /// Nothing was set.
    Nothing,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(x) => write!(f, "{x:?}"),
            Value::Count(n) => write!(f, "{n}"),
            Value::Below(n) => write!(f, "{n}"),
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Word(word) => f.write_str(word),
            Value::Nothing => f.write_str("none"),
            Value::List(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                write!(f, "[{}]", values.join(", "))
            }
        }
    }
}

/// What is not a number, a flag, a list or `none` is a word, so no text is wrong.
impl FromStr for Value {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Some(list) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            // Lists in lists are not anything's setting, so a comma always parts two values.
            let parts = list.split(',').filter(|part| !part.trim().is_empty());
            return Ok(Value::List(parts.map(str::parse).collect::<Result<_, _>>()?));
        }
        Ok(match (text.parse(), text.parse(), text.parse(), text.parse()) {
            _ if text == "none" => Value::Nothing,
            (Ok(count), ..) => Value::Count(count),
            (_, Ok(below), ..) => Value::Below(below),
            (_, _, Ok(number), _) => Value::Number(number),
            (_, _, _, Ok(flag)) => Value::Flag(flag),
            _ => Value::Word(text.into()),
        })
    }
}

/// A type that a setting can have.
#[diagnostic::on_unimplemented(
    message = "a setting cannot be a `{Self}`",
    note = "it may be `f64`, `u64`, `usize`, `isize`, `bool`, an array, `Vec` or `Option` of these, or an enum made by `choices!`",
    note = "a field that has settings of its own is marked `#[inner]`"
)]
pub trait Stored: Sized {
    /// Whether its numbers are whole.
    const WHOLE: bool = false;

    /// As a value.
    fn store(&self) -> Value;
    /// From a value; `None` if that is not of this type.
    fn load(value: Value) -> Option<Self>;
    /// Takes over a value; false if that is not of this type.
    fn replace(&mut self, value: Value) -> bool {
        let loaded = Self::load(value);
        let fits = loaded.is_some();
        loaded.into_iter().for_each(|value| *self = value);
        fits
    }
    /// Not yet anything, outside every domain where there is such a value.
    fn blank() -> Self;
}

impl Stored for f64 {
    fn store(&self) -> Value {
        Value::Number(*self)
    }
    fn load(value: Value) -> Option<Self> {
        match value {
            Value::Number(x) => Some(x),
            Value::Count(n) => Some(n as f64),
            Value::Below(n) => Some(n as f64),
            _ => None,
        }
    }
    fn blank() -> Self {
        f64::NAN
    }
}

impl Stored for u64 {
    const WHOLE: bool = true;

    fn store(&self) -> Value {
        Value::Count(*self)
    }
    fn load(value: Value) -> Option<Self> {
        match value {
            Value::Count(n) => Some(n),
            // 2⁵³ and below are exact.
            Value::Number(x) if x.fract() == 0.0 && (0.0..=9e15).contains(&x) => Some(x as u64),
            _ => None,
        }
    }
    fn blank() -> Self {
        0
    }
}

impl Stored for usize {
    const WHOLE: bool = true;

    fn store(&self) -> Value {
        Value::Count(*self as u64)
    }
    fn load(value: Value) -> Option<Self> {
        u64::load(value)?.try_into().ok()
    }
    fn blank() -> Self {
        0
    }
}

impl Stored for isize {
    const WHOLE: bool = true;

    fn store(&self) -> Value {
        u64::try_from(*self).map_or(Value::Below(*self as i64), Value::Count)
    }
    fn load(value: Value) -> Option<Self> {
        match value {
            Value::Count(n) => n.try_into().ok(),
            Value::Below(n) => n.try_into().ok(),
            _ => None,
        }
    }
    fn blank() -> Self {
        0
    }
}

impl Stored for bool {
    fn store(&self) -> Value {
        Value::Flag(*self)
    }
    fn load(value: Value) -> Option<Self> {
        match value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }
    fn blank() -> Self {
        false
    }
}

impl<S: Stored> Stored for Option<S> {
    const WHOLE: bool = S::WHOLE;

    fn store(&self) -> Value {
        self.as_ref().map_or(Value::Nothing, S::store)
    }
    fn load(value: Value) -> Option<Self> {
        match value {
            Value::Nothing => Some(None),
            value => S::load(value).map(Some),
        }
    }
    fn blank() -> Self {
        None
    }
}

impl<S: Stored> Stored for Vec<S> {
    const WHOLE: bool = S::WHOLE;

    fn store(&self) -> Value {
        Value::List(self.iter().map(S::store).collect())
    }
    fn load(value: Value) -> Option<Self> {
        match value {
            Value::List(values) => values.into_iter().map(S::load).collect(),
            _ => None,
        }
    }
    fn blank() -> Self {
        Vec::new()
    }
}

impl<S: Stored, const N: usize> Stored for [S; N] {
    const WHOLE: bool = S::WHOLE;

    fn store(&self) -> Value {
        Value::List(self.iter().map(S::store).collect())
    }
    fn load(value: Value) -> Option<Self> {
        Vec::load(value)?.try_into().ok()
    }
    fn blank() -> Self {
        std::array::from_fn(|_| S::blank())
    }
}

/// An enum whose variants are words, as the type of a setting.
///
/// ```
/// use gradus_tensor::{choices, settings::{Stored, Value}};
///
/// choices! {
///     /// What counts as better.
///     pub enum Better {
///         /// Less.
///         Less = "less",
///         /// More.
///         More = "more",
///     }
/// }
/// assert_eq!(Better::More.store(), Value::Word("more".into()));
/// assert_eq!(Better::load(Value::Word("most".into())), None);
/// ```
#[macro_export]
macro_rules! choices {
    ($(#[$about:meta])* pub enum $name:ident {
        $(#[$first_doc:meta])* $first:ident = $first_word:literal,
        $($(#[$doc:meta])* $variant:ident = $word:literal),* $(,)?
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $(#[$first_doc])* $first,
            $($(#[$doc])* $variant),*
        }
        impl $crate::settings::Stored for $name {
            fn store(&self) -> $crate::settings::Value {
                $crate::settings::Value::Word(match self {
                    $name::$first => $first_word,
                    $($name::$variant => $word),*
                }.into())
            }
            fn load(value: $crate::settings::Value) -> Option<Self> {
                match value {
                    $crate::settings::Value::Word(word) => match word.as_str() {
                        $first_word => Some($name::$first),
                        $($word => Some($name::$variant),)*
                        _ => None,
                    },
                    _ => None,
                }
            }
            fn blank() -> Self {
                $name::$first
            }
        }
    };
}
