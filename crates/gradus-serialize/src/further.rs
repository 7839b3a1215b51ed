//! The second part of a checkpoint's index, from version 2 of the format on: what not every run has.
//!
//! It follows the first part ([`crate::mirror`]), and its tensors follow those of the first part: first the
//! weights, then the optimizers.

use std::collections::BTreeMap;

use gradus_data::LoaderState;
use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::checkpoint::Further;
use crate::mirror::{Entry, Position, Rule, dict, listed, twice};
use crate::{AnyTensor, Result, StateDict};

/// The index of [`Further`].
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct More<'a> {
    #[serde(borrow)]
    weights: Vec<(&'a str, Vec<(&'a str, Entry)>)>,
    #[serde(borrow)]
    optimizers: Vec<(&'a str, Rule<'a>)>,
    #[serde(borrow)]
    loaders: Vec<(&'a str, Position)>,
    #[serde(borrow)]
    bytes: Vec<(&'a str, &'a [u8])>,
}

impl<'a> More<'a> {
    /// The index; the tensors are added to those that are there.
    pub(crate) fn new<T: Float>(
        further: &'a Further<T>,
        entry: &mut dyn FnMut(AnyTensor) -> Entry,
    ) -> Self {
        let Further { optimizers, loaders, weights, bytes } = further;
        let mut more = Self::plain(weights, loaders, bytes, entry);
        for (name, state) in optimizers {
            more.optimizers.push((name, Rule::new(state, entry)));
        }
        more
    }

    /// The index of all but the optimizers.
    fn plain(
        weights: &'a BTreeMap<String, StateDict>,
        loaders: &'a BTreeMap<String, LoaderState>,
        bytes: &'a BTreeMap<String, Vec<u8>>,
        entry: &mut dyn FnMut(AnyTensor) -> Entry,
    ) -> Self {
        let weights =
            weights.iter().map(|(name, dict)| (name.as_str(), listed(dict, entry))).collect();
        let loaders = loaders.iter().map(|(name, state)| (name.as_str(), state.into())).collect();
        let bytes = bytes.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        Self { weights, loaders, bytes, optimizers: Vec::new() }
    }

    /// Every tensor in the order of the file, with a name for messages.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (String, &Entry)> {
        let weights = self.weights.iter().flat_map(|(of, entries)| {
            let name = move |(name, entry)| (format!("tensor `{name}` of `{of}`"), entry);
            entries.iter().map(|(name, entry)| (name, entry)).map(name)
        });
        weights.chain(self.optimizers.iter().flat_map(|(_, rule)| rule.entries()))
    }

    /// What it is the index of, given the tensors in the order of [`More::entries`].
    pub(crate) fn restore<T: Float>(
        self,
        tensors: &mut dyn Iterator<Item = AnyTensor>,
        file: &str,
    ) -> Result<Further<T>> {
        let weights = all_weights(&self.weights, tensors, file)?;
        let mut optimizers = Vec::new();
        for (name, rule) in self.optimizers {
            optimizers.push((name, rule.restore(tensors, file)?));
        }
        Ok(Further {
            optimizers: distinct(optimizers, file)?,
            loaders: all_loaders(self.loaders, file)?,
            weights,
            bytes: all_bytes(self.bytes, file)?,
        })
    }
}

fn all_weights(
    indices: &[(&str, Vec<(&str, Entry)>)],
    tensors: &mut dyn Iterator<Item = AnyTensor>,
    file: &str,
) -> Result<BTreeMap<String, StateDict>> {
    let mut weights = Vec::new();
    for (of, entries) in indices {
        weights.push((*of, dict(entries, tensors, file)?));
    }
    distinct(weights, file)
}

fn all_loaders(
    positions: Vec<(&str, Position)>,
    file: &str,
) -> Result<BTreeMap<String, LoaderState>> {
    let loaders = positions.into_iter().map(|(name, at)| (name, LoaderState::from(at)));
    distinct(loaders.collect(), file)
}

fn all_bytes(bytes: Vec<(&str, &[u8])>, file: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    distinct(bytes.into_iter().map(|(name, bytes)| (name, bytes.to_vec())).collect(), file)
}

/// A map, if no name occurs twice.
fn distinct<V>(pairs: Vec<(&str, V)>, file: &str) -> Result<BTreeMap<String, V>> {
    let mut map = BTreeMap::new();
    for (name, value) in pairs {
        if map.insert(name.to_owned(), value).is_some() {
            return Err(twice(file, "entry", name));
        }
    }
    Ok(map)
}
