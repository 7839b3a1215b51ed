//! A model's weights without the model: an ordered map from path to tensor.

use std::collections::{BTreeMap, btree_map};

use gradus_tensor::{Element, Tensor};

use crate::{AnyTensor, Error, Result, TensorBytes};

/// Named tensors in the order of their names. A name is the path of a parameter or a buffer in its
/// model, such as `encoder.0.weight`.
///
/// ```
/// use gradus_serialize::StateDict;
/// use gradus_tensor::Tensor;
///
/// let mut weights = StateDict::new();
/// weights.insert("fc.weight", Tensor::<f32>::ones([2, 3]));
/// weights.insert("fc.bias", Tensor::<f32>::zeros([2]));
/// assert_eq!(weights.names().collect::<Vec<_>>(), ["fc.bias", "fc.weight"]);
/// assert_eq!(weights.tensor::<f32>("fc.weight")?.shape(), [2, 3]);
/// # Ok::<(), gradus_serialize::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StateDict {
    entries: BTreeMap<String, AnyTensor>,
}

impl StateDict {
    /// No tensors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor. Returns the one that had the name before, if there was one.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        tensor: impl Into<AnyTensor>,
    ) -> Option<AnyTensor> {
        self.entries.insert(name.into(), tensor.into())
    }

    /// The tensor of a name.
    pub fn get(&self, name: &str) -> Option<&AnyTensor> {
        self.entries.get(name)
    }

    /// The tensor of a name, which must have elements of type `T`. Nothing is copied.
    ///
    /// # Errors
    /// [`Error::NoTensor`] if there is none of that name, or it has another type.
    pub fn tensor<T: Element>(&self, name: &str) -> Result<Tensor<T>> {
        let wrong = |reason| Error::NoTensor { name: name.into(), dtype: T::NAME, reason };
        let any = self.get(name).ok_or_else(|| wrong("there is none of that name".into()))?;
        match any.get() {
            Some(tensor) => Ok(tensor.clone()),
            None => Err(wrong(format!("its elements are {}", any.dtype()))),
        }
    }

    /// Takes a tensor out.
    pub fn remove(&mut self, name: &str) -> Option<AnyTensor> {
        self.entries.remove(name)
    }

    /// Whether there is a tensor of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// The number of tensors.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no tensors.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many bytes all elements take in a file.
    pub fn size_in_bytes(&self) -> u64 {
        self.entries.values().map(TensorBytes::size_in_bytes).sum()
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Names and tensors in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AnyTensor)> {
        self.entries.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// The same tensors under other names; those for which `rename` gives `None` are left out.
    /// This is how weights from a model with other names are fitted.
    ///
    /// ```
    /// # use gradus_serialize::StateDict;
    /// # use gradus_tensor::Tensor;
    /// let theirs: StateDict = [("module.fc.bias", Tensor::<f32>::zeros([2]))].into_iter().collect();
    /// let ours = theirs.renamed(|name| name.strip_prefix("module.").map(String::from))?;
    /// assert!(ours.contains("fc.bias"));
    /// # Ok::<(), gradus_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DuplicateName`] if two tensors get the same name.
    pub fn renamed(self, mut rename: impl FnMut(&str) -> Option<String>) -> Result<Self> {
        let mut renamed = Self::new();
        for (name, tensor) in self {
            if let Some(name) = rename(&name) {
                renamed.insert_new(name, tensor)?;
            }
        }
        Ok(renamed)
    }

    /// Adds a tensor whose name must not be taken.
    pub(crate) fn insert_new(&mut self, name: String, tensor: AnyTensor) -> Result<()> {
        match self.entries.entry(name) {
            btree_map::Entry::Vacant(place) => {
                place.insert(tensor);
                Ok(())
            }
            btree_map::Entry::Occupied(place) => {
                Err(Error::DuplicateName { name: place.key().clone() })
            }
        }
    }
}

impl<N: Into<String>, A: Into<AnyTensor>> FromIterator<(N, A)> for StateDict {
    fn from_iter<I: IntoIterator<Item = (N, A)>>(entries: I) -> Self {
        let mut dict = Self::new();
        dict.extend(entries);
        dict
    }
}

impl<N: Into<String>, A: Into<AnyTensor>> Extend<(N, A)> for StateDict {
    fn extend<I: IntoIterator<Item = (N, A)>>(&mut self, entries: I) {
        self.entries.extend(entries.into_iter().map(|(name, tensor)| (name.into(), tensor.into())));
    }
}

impl IntoIterator for StateDict {
    type Item = (String, AnyTensor);
    type IntoIter = btree_map::IntoIter<String, AnyTensor>;
    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
