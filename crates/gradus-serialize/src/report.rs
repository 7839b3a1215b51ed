//! What happened, or would happen, when weights are loaded into a model.

use std::fmt;

use crate::{Dtype, Error, Result};

/// How many names of a kind a message shows.
const SHOWN: usize = 10;

/// A name under which the model and the weights hold tensors of different shapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongShape {
    /// The path of the parameter or buffer.
    pub name: String,
    /// Its shape in the model.
    pub model: Vec<usize>,
    /// Its shape in the weights.
    pub weights: Vec<usize>,
}

/// A name under which the weights do not hold floats, as a parameter needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongDtype {
    /// The path of the parameter or buffer.
    pub name: String,
    /// The type of the elements in the weights.
    pub weights: Dtype,
}

/// Which parts of a model found their weights. Every list is in the order of the names.
///
/// ```
/// use gradus_serialize::{LoadReport, WrongShape};
/// let report = LoadReport {
///     wrong_shape: vec![WrongShape { name: "fc.bias".into(), model: vec![10], weights: vec![5] }],
///     ..LoadReport::default()
/// };
/// assert!(report.to_string().contains("fc.bias has shape [10] in the model, [5] in the weights"));
/// assert!(report.strict().is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// In the model and in the weights, with the same shape.
    pub loaded: Vec<String>,
    /// In the model, but not in the weights.
    pub missing: Vec<String>,
    /// In the weights, but not in the model.
    pub unexpected: Vec<String>,
    /// In both, with different shapes.
    pub wrong_shape: Vec<WrongShape>,
    /// In both, but the weights do not hold floats.
    pub wrong_dtype: Vec<WrongDtype>,
    /// Two paths of one parameter of the model under which the weights hold different numbers.
    pub untied: Vec<[String; 2]>,
}

impl LoadReport {
    /// Whether model and weights fit exactly.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
            && self.unexpected.is_empty()
            && self.wrong_shape.is_empty()
            && self.wrong_dtype.is_empty()
            && self.untied.is_empty()
    }

    /// What stands before the names in the weights, such as `module.`, if the missing names are there with it.
    fn prefix(&self) -> Option<&str> {
        let (first, missing) = (self.unexpected.first()?, self.missing.first()?);
        let of = |name: &String| first.strip_suffix(name.as_str());
        let prefix = of(missing).or_else(|| self.missing.iter().find_map(of))?;
        let has = |name: &String| self.unexpected.contains(&format!("{prefix}{name}"));
        (!prefix.is_empty() && self.missing.iter().all(has)).then_some(prefix)
    }

    /// The report itself if model and weights fit exactly.
    ///
    /// # Errors
    /// [`Error::OtherModel`] with every difference otherwise.
    pub fn strict(self) -> Result<Self> {
        if self.is_complete() { Ok(self) } else { Err(Error::OtherModel(Box::new(self))) }
    }
}

/// One line for each kind of difference.
impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = self.wrong_shape.len() + self.wrong_dtype.len();
        let all = self.loaded.len() + self.missing.len() + wrong;
        write!(f, "{} of the model's {all} tensors fit the weights", self.loaded.len())?;
        list(f, "missing from the weights", &self.missing, |name| name.clone())?;
        list(f, "not in the model", &self.unexpected, |name| name.clone())?;
        list(f, "wrong shape", &self.wrong_shape, |it| {
            let WrongShape { name, model, weights } = it;
            format!("{name} has shape {model:?} in the model, {weights:?} in the weights")
        })?;
        list(f, "wrong type", &self.wrong_dtype, |it| {
            format!("{} holds {} in the weights, wanted f32 or f64", it.name, it.weights)
        })?;
        list(
            f,
            "one parameter in the model, different numbers in the weights",
            &self.untied,
            |it| it.join(" and "),
        )?;
        match self.prefix() {
            Some(prefix) => write!(
                f,
                "\n  every name in the weights begins with {prefix:?}; take it off with \
                 `weights.renamed(|name| name.strip_prefix({prefix:?}).map(String::from))`"
            ),
            None => Ok(()),
        }
    }
}

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    items: &[T],
    show: impl Fn(&T) -> String,
) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = items.iter().take(SHOWN).map(show).collect();
    write!(f, "\n  {title}: {}", shown.join(", "))?;
    match items.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}
