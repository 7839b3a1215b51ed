//! A data set with a function on top of its items.

use std::fmt;

use gradus_tensor::Rng;

use crate::seeds::{self, Use};
use crate::{Dataset, Result};

/// The data set that [`Dataset::map`] makes: a function with chance.
#[derive(Clone)]
pub struct Map<D, F> {
    dataset: D,
    seed: u64,
    transform: F,
}

impl<D, F> Map<D, F> {
    pub(crate) fn new(dataset: D, seed: u64, transform: F) -> Self {
        Self { dataset, seed, transform }
    }

    /// The data set below.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }
}

impl<D, F, U> Dataset for Map<D, F>
where
    D: Dataset,
    F: Fn(D::Item, &mut Rng) -> Result<U> + Send + Sync,
{
    type Item = U;

    fn len(&self) -> usize {
        self.dataset.len()
    }

    /// The item as it looks in epoch 0.
    fn get(&self, index: usize) -> Result<U> {
        self.get_in_epoch(index, 0)
    }

    fn get_in_epoch(&self, index: usize, epoch: u64) -> Result<U> {
        let item = self.dataset.get_in_epoch(index, epoch)?;
        let mut rng = seeds::rng(self.seed, Use::Transform, epoch).stream(index as u64);
        (self.transform)(item, &mut rng)
    }
}

impl<D: fmt::Debug, F> fmt::Debug for Map<D, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("dataset", &self.dataset)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// The data set that [`Dataset::map_fixed`] makes: a function without chance.
#[derive(Clone)]
pub struct MapFixed<D, F> {
    dataset: D,
    function: F,
}

impl<D, F> MapFixed<D, F> {
    pub(crate) fn new(dataset: D, function: F) -> Self {
        Self { dataset, function }
    }

    /// The data set below.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }
}

impl<D, F, U> Dataset for MapFixed<D, F>
where
    D: Dataset,
    F: Fn(D::Item) -> Result<U> + Send + Sync,
{
    type Item = U;

    fn len(&self) -> usize {
        self.dataset.len()
    }

    fn get(&self, index: usize) -> Result<U> {
        (self.function)(self.dataset.get(index)?)
    }

    fn get_in_epoch(&self, index: usize, epoch: u64) -> Result<U> {
        (self.function)(self.dataset.get_in_epoch(index, epoch)?)
    }
}

impl<D: fmt::Debug, F> fmt::Debug for MapFixed<D, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapFixed").field("dataset", &self.dataset).finish_non_exhaustive()
    }
}
