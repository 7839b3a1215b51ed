//! The settings of an operation, by name: what is needed to print it, or to write it to a file.

use std::fmt;

use gradus_tensor::Tensor;

/// The value of a setting.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Attribute {
    /// A whole number, such as an axis.
    Int(i64),
    /// Several, such as a shape.
    Ints(Vec<i64>),
    /// A number.
    Number(f64),
    /// A switch.
    Flag(bool),
    /// A word, such as the name of a reduction.
    Text(String),
    /// Indices or labels.
    Index(Tensor<i64>),
    /// A choice for each element.
    Mask(Tensor<bool>),
    /// Numbers that are not differentiated, such as class weights.
    Numbers(Tensor<f64>),
}

/// The settings of an operation in the order in which they were named.
///
/// ```
/// use gradus_autograd::Attributes;
/// let attributes = Attributes::new().with("axes", &[0_isize, -1]).with("keep", true);
/// assert_eq!(attributes.to_string(), "axes [0, -1], keep true");
/// assert!(attributes.get("axes").is_some());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attributes(Vec<(&'static str, Attribute)>);

impl Attributes {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// These and one more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Attribute>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Attribute)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `name value, name value`; of a tensor, its shape.
impl fmt::Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.iter().enumerate() {
            write!(f, "{}{name} {value}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(x) => write!(f, "{x}"),
            Self::Ints(x) => write!(f, "{x:?}"),
            Self::Number(x) => write!(f, "{x}"),
            Self::Flag(x) => write!(f, "{x}"),
            Self::Text(x) => write!(f, "{x}"),
            Self::Index(x) => write!(f, "i64 {:?}", x.shape()),
            Self::Mask(x) => write!(f, "bool {:?}", x.shape()),
            Self::Numbers(x) => write!(f, "f64 {:?}", x.shape()),
        }
    }
}

impl From<isize> for Attribute {
    fn from(x: isize) -> Self {
        Self::Int(x as i64)
    }
}

impl From<usize> for Attribute {
    fn from(x: usize) -> Self {
        Self::Int(x as i64)
    }
}

impl From<f64> for Attribute {
    fn from(x: f64) -> Self {
        Self::Number(x)
    }
}

impl From<bool> for Attribute {
    fn from(x: bool) -> Self {
        Self::Flag(x)
    }
}

impl From<&str> for Attribute {
    fn from(x: &str) -> Self {
        Self::Text(x.to_string())
    }
}

impl From<&[isize]> for Attribute {
    fn from(x: &[isize]) -> Self {
        Self::Ints(x.iter().map(|&x| x as i64).collect())
    }
}

impl From<&[usize]> for Attribute {
    fn from(x: &[usize]) -> Self {
        Self::Ints(x.iter().map(|&x| x as i64).collect())
    }
}

impl<const N: usize> From<&[isize; N]> for Attribute {
    fn from(x: &[isize; N]) -> Self {
        x[..].into()
    }
}

impl<const N: usize> From<&[usize; N]> for Attribute {
    fn from(x: &[usize; N]) -> Self {
        x[..].into()
    }
}

impl From<&Tensor<i64>> for Attribute {
    fn from(x: &Tensor<i64>) -> Self {
        Self::Index(x.clone())
    }
}

impl From<&Tensor<bool>> for Attribute {
    fn from(x: &Tensor<bool>) -> Self {
        Self::Mask(x.clone())
    }
}

impl From<Tensor<f64>> for Attribute {
    fn from(x: Tensor<f64>) -> Self {
        Self::Numbers(x)
    }
}
