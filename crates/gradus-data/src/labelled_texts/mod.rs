//! Texts with classes, in memory; the files they come from are read in `read.rs`.

mod read;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::{Dataset, Error, Result, stratified_split};

/// A data set whose items are a text and its class. Cloning is cheap.
///
/// ```
/// use gradus_data::{Dataset, LabelledTexts};
/// let texts = [("Good.".to_string(), 1), ("Bad.".to_string(), 0), ("Good.".to_string(), 1)];
/// let texts = LabelledTexts::new(texts.to_vec(), ["bad", "good"])?.without_duplicates();
/// assert_eq!(texts.len(), 2);
/// assert_eq!(texts.get(0)?, ("Good.".to_string(), 1));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LabelledTexts {
    texts: Arc<[(String, i64)]>,
    names: Arc<[String]>,
}

impl LabelledTexts {
    /// Texts with their classes, and the names of the classes.
    ///
    /// # Errors
    /// [`Error::Label`] if a label is none of the classes.
    pub fn new<S: Into<String>>(
        texts: Vec<(String, i64)>,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        let names: Arc<[String]> = names.into_iter().map(Into::into).collect();
        let known = |label: i64| usize::try_from(label).is_ok_and(|label| label < names.len());
        if let Some(item) = texts.iter().position(|(_, label)| !known(*label)) {
            let (label, classes) = (texts[item].1, names.len());
            return Err(Error::Label { source_name: "LabelledTexts".into(), item, label, classes });
        }
        Ok(Self { texts: texts.into(), names })
    }

    /// The same without copies: of equal texts the first stays, and none if they have different classes, since then
    /// nobody knows. Do this before the data is divided, or the test part has texts that were trained on.
    #[must_use]
    pub fn without_duplicates(&self) -> Self {
        let mut first: HashMap<&str, i64> = HashMap::new();
        let mut unclear = BTreeSet::new();
        for (text, label) in self.texts.iter() {
            if first.entry(text).or_insert(*label) != label {
                unclear.insert(text.as_str());
            }
        }
        let mut once = |(text, _): &&(String, i64)| {
            first.remove(text.as_str()).is_some() && !unclear.contains(text.as_str())
        };
        let texts = self.texts.iter().filter(|item| once(item)).cloned().collect();
        Self { texts, names: Arc::clone(&self.names) }
    }

    /// Two disjoint parts with every class in the same proportion, as [`stratified_split`](crate::stratified_split) makes
    /// them; each is a data set of texts again, on which a tokenizer can be trained.
    ///
    /// ```
    /// use gradus_data::{Dataset, Reviews};
    /// let [train, validation] = Reviews::load()?.train.stratified(0.9, 42)?;
    /// assert_eq!((train.len(), validation.len()), (4500, 500));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`stratified_split`](crate::stratified_split).
    pub fn stratified(&self, fraction: f64, seed: u64) -> Result<[Self; 2]> {
        let labels: Vec<i64> = self.texts.iter().map(|(_, label)| *label).collect();
        let (first, second) = stratified_split(self.clone(), &labels, fraction, seed)?;
        Ok([first.indices(), second.indices()].map(|indices| Self {
            texts: indices.iter().map(|&index| self.texts[index].clone()).collect(),
            names: Arc::clone(&self.names),
        }))
    }

    /// The texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(text, _)| text.as_str())
    }

    /// The names of the classes.
    pub fn class_names(&self) -> &[String] {
        &self.names
    }
}

impl Dataset for LabelledTexts {
    type Item = (String, i64);

    fn len(&self) -> usize {
        self.texts.len()
    }

    fn get(&self, index: usize) -> Result<(String, i64)> {
        Error::check_index("LabelledTexts", index, self.len())?;
        Ok(self.texts[index].clone())
    }
}
