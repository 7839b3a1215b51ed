//! A value in a JSON file that knows its path, so that every error says where.

use serde_json::{Map, Value};

use crate::text::TextError;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<'a> {
    name: &'a str,
    path: String,
    value: &'a Value,
}

impl<'a> At<'a> {
    /// The whole file.
    pub(super) fn new(name: &'a str, value: &'a Value) -> Self {
        Self { name, path: String::new(), value }
    }

    /// A field, if it is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        let dot = if self.path.is_empty() { "" } else { "." };
        Some(Self { name: self.name, path: format!("{}{dot}{key}", self.path), value })
    }

    /// A field that must be there.
    pub(super) fn need(&self, key: &str) -> Result<Self, TextError> {
        self.get(key).ok_or_else(|| self.fault(&format!("has no field {key:?}")))
    }

    pub(super) fn fault(&self, problem: &str) -> TextError {
        let place = if self.path.is_empty() { "the file" } else { &self.path };
        TextError::format(self.name, format!("{place} {problem}"))
    }

    /// The error for what is not known.
    pub(super) fn unsupported(&self, supported: &str) -> TextError {
        let mut got = self.value.to_string();
        if got.len() > 80 {
            got = got.chars().take(77).chain("...".chars()).collect();
        }
        self.unsupported_as(&got, supported)
    }

    /// The same, with words for what stands there.
    pub(super) fn unsupported_as(&self, got: &str, supported: &str) -> TextError {
        TextError::Unsupported {
            name: self.name.into(),
            part: self.path.clone(),
            got: got.into(),
            supported: supported.into(),
        }
    }

    fn wrong<T>(&self, wanted: &str) -> Result<T, TextError> {
        let kind = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Err(self.fault(&format!("is {kind}; wanted {wanted}")))
    }

    pub(super) fn text(&self) -> Result<&'a str, TextError> {
        self.value.as_str().map_or_else(|| self.wrong("a text"), Ok)
    }

    pub(super) fn bool(&self) -> Result<bool, TextError> {
        self.value.as_bool().map_or_else(|| self.wrong("true or false"), Ok)
    }

    /// A number from 0 that fits an id.
    pub(super) fn id(&self) -> Result<u32, TextError> {
        let id = self.value.as_u64().and_then(|id| u32::try_from(id).ok());
        id.map_or_else(|| self.wrong("a whole number from 0 to 4294967295"), Ok)
    }

    pub(super) fn size(&self) -> Result<usize, TextError> {
        let size = self.value.as_u64().and_then(|size| usize::try_from(size).ok());
        size.map_or_else(|| self.wrong("a whole number from 0"), Ok)
    }

    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, TextError> {
        self.value.as_object().map_or_else(|| self.wrong("an object"), Ok)
    }

    /// The elements of a list.
    pub(super) fn list(&self) -> Result<impl ExactSizeIterator<Item = At<'a>> + '_, TextError> {
        let list = self.value.as_array().map_or_else(|| self.wrong("a list"), Ok)?;
        Ok(list.iter().enumerate().map(|(i, value)| At {
            name: self.name,
            path: format!("{}[{i}]", self.path),
            value,
        }))
    }

    /// A text, or the parts of a list of texts.
    pub(super) fn texts(&self) -> Result<Vec<&'a str>, TextError> {
        match self.value {
            Value::String(text) => Ok(vec![text]),
            _ => self.list()?.map(|part| part.text()).collect(),
        }
    }

    /// A truth that need not be said.
    pub(super) fn bool_or(&self, key: &str, default: bool) -> Result<bool, TextError> {
        self.get(key).map_or(Ok(default), |field| field.bool())
    }

    /// The field `type`.
    pub(super) fn kind(&self) -> Result<&'a str, TextError> {
        self.need("type")?.text()
    }

    /// An error unless a field is absent, null, or what is the only value supported.
    pub(super) fn only(&self, key: &str, wanted: &Value) -> Result<(), TextError> {
        match self.get(key) {
            Some(field) if field.value != wanted => Err(field.unsupported(&wanted.to_string())),
            _ => Ok(()),
        }
    }
}
