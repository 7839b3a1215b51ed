//! The configuration of a run as plain `key = value` lines, a subset of TOML.
//!
//! A value is a text in double quotes, a whole number, a number with a fraction, or `true` or
//! `false`. Keys keep the order in which they were set.

use std::fmt;
use std::path::Path;

use crate::files::{read_text, write_whole};
use crate::{Error, Result};

/// A value in a configuration.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// Yes or no.
    Bool(bool),
}

macro_rules! values {
    ($($from:ty => $variant:ident($x:ident: $to:expr);)*) => {
        $(impl From<$from> for Value {
            fn from($x: $from) -> Self { Self::$variant($to) }
        })*
    };
}
values! {
    &str => Text(x: x.to_string());
    String => Text(x: x);
    i32 => Integer(x: x.into());
    u32 => Integer(x: x.into());
    i64 => Integer(x: x);
    f64 => Float(x: x);
    bool => Bool(x: x);
}

/// A whole number; one that TOML cannot hold (above `i64::MAX`) becomes a text.
impl From<u64> for Value {
    fn from(x: u64) -> Self {
        i64::try_from(x).map_or_else(|_| Self::Text(x.to_string()), Self::Integer)
    }
}

/// A whole number, as from `u64`.
impl From<usize> for Value {
    fn from(x: usize) -> Self {
        Self::from(x as u64)
    }
}

/// The number whose shortest decimal form is that of the `f32`: 0.001, not 0.0010000000474974513.
impl From<f32> for Value {
    fn from(x: f32) -> Self {
        Self::Float(x.to_string().parse().unwrap_or(x.into()))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(x) => {
                write!(f, "\"")?;
                for c in x.chars() {
                    match c {
                        '"' | '\\' => write!(f, "\\{c}")?,
                        '\n' => write!(f, "\\n")?,
                        '\t' => write!(f, "\\t")?,
                        '\r' => write!(f, "\\r")?,
                        c if c.is_control() => write!(f, "\\u{:04X}", c as u32)?,
                        c => write!(f, "{c}")?,
                    }
                }
                write!(f, "\"")
            }
            Self::Integer(x) => write!(f, "{x}"),
            Self::Float(x) if x.is_nan() => write!(f, "nan"),
            Self::Float(x) => write!(f, "{x:?}"),
            Self::Bool(x) => write!(f, "{x}"),
        }
    }
}

/// The settings of a run, in the order in which they were set.
///
/// ```
/// use gradus_train::Config;
///
/// let config = Config::new().set("epochs", 12).set("lr", 1e-3).set("data", "digits");
/// assert_eq!(config.to_toml(), "epochs = 12\nlr = 0.001\ndata = \"digits\"\n");
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    entries: Vec<(String, Value)>,
}

impl Config {
    /// No settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key, in its old place if it was set before.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let (key, value) = (key.into(), value.into());
        match self.entries.iter_mut().find(|(k, _)| *k == key) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((key, value)),
        }
        self
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// The keys and values.
    pub fn entries(&self) -> &[(String, Value)] {
        &self.entries
    }

    /// The settings as TOML.
    pub fn to_toml(&self) -> String {
        self.entries
            .iter()
            .map(|(key, value)| {
                let bare = !key.is_empty()
                    && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
                let key = if bare { key.clone() } else { Value::Text(key.clone()).to_string() };
                format!("{key} = {value}\n")
            })
            .collect()
    }

    /// Replaces the file at `path` by these settings, in one step.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        write_whole(path.as_ref(), self.to_toml().as_bytes())
    }

    /// Reads settings that [`write`](Self::write) wrote: `key = value` lines, empty lines, and
    /// lines that start with `#`.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses, [`Error::Format`] naming the line that is not right.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut config = Self::new();
        for (i, line) in read_text(path)?.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = entry(line).ok_or_else(|| {
                let wanted = "key = value, the value a \"text\", a number, true or false";
                Error::format(path, i + 1, format!("{line:?}"), wanted)
            })?;
            if config.get(&key).is_some() {
                return Err(Error::format(path, i + 1, format!("{key} again"), "each key once"));
            }
            config.entries.push((key, value));
        }
        Ok(config)
    }
}

fn entry(line: &str) -> Option<(String, Value)> {
    let (key, rest) = match line.strip_prefix('"') {
        Some(quoted) => text(quoted)?,
        None => {
            let (key, _) = line.split_once('=')?;
            (key.trim_end().to_string(), &line[key.len()..])
        }
    };
    let value = rest.trim_start().strip_prefix('=')?.trim();
    let value = match value {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match value.strip_prefix('"') {
            Some(quoted) => {
                let (text, rest) = text(quoted)?;
                rest.is_empty().then_some(Value::Text(text))?
            }
            None => match value.parse() {
                Ok(whole) => Value::Integer(whole),
                Err(_) => Value::Float(value.parse().ok()?),
            },
        },
    };
    Some((key, value))
}

/// A text after its opening quote, and what follows its closing quote.
fn text(quoted: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = quoted.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some((out, &quoted[i + 1..])),
            '\\' => out.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => {
                    let mut code = 0;
                    for _ in 0..4 {
                        code = code * 16 + chars.next()?.1.to_digit(16)?;
                    }
                    char::from_u32(code)?
                }
                c @ ('"' | '\\') => c,
                _ => return None,
            }),
            c => out.push(c),
        }
    }
    None
}
