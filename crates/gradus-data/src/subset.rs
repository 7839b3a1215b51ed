//! A part of a data set, and the division of a data set into two.

use std::sync::Arc;

use crate::collate::{BatchOf, Collate};
use crate::seeds::{self, Use};
use crate::{Dataset, Error, Result};

/// The items of a data set at chosen indices, in the order of those indices. Cloning is cheap if
/// the data set's is: the indices are shared.
#[derive(Debug, Clone)]
pub struct Subset<D> {
    dataset: D,
    indices: Arc<[usize]>,
}

impl<D: Dataset> Subset<D> {
    /// The items at `indices`; an index may stand there more than once.
    ///
    /// ```
    /// use gradus_data::{Dataset, Digits, Subset};
    /// let few = Subset::new(Digits::load()?, [3, 1])?;
    /// assert_eq!((few.get(0)?.1, few.get(1)?.1), (3, 1));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Index`] if the data set has no such item.
    pub fn new(dataset: D, indices: impl Into<Arc<[usize]>>) -> Result<Self> {
        let (indices, len) = (indices.into(), dataset.len());
        indices.iter().try_for_each(|&index| Error::check_index("Subset", index, len))?;
        Ok(Self { dataset, indices })
    }

    /// The data set that this is a part of.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// Which of its items are in this part.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    fn original(&self, index: usize) -> Result<usize> {
        let len = self.indices.len();
        self.indices.get(index).copied().ok_or(Error::Index { dataset: "Subset", index, len })
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    type Item = D::Item;

    fn len(&self) -> usize {
        self.indices.len()
    }

    fn get(&self, index: usize) -> Result<D::Item> {
        self.dataset.get(self.original(index)?)
    }

    fn get_in_epoch(&self, index: usize, epoch: u64) -> Result<D::Item> {
        self.dataset.get_in_epoch(self.original(index)?, epoch)
    }

    fn get_batch(&self, indices: &[usize], epoch: u64) -> Result<BatchOf<Self>>
    where
        D::Item: Collate,
    {
        let originals = indices.iter().map(|&index| self.original(index));
        self.dataset.get_batch(&originals.collect::<Result<Vec<_>>>()?, epoch)
    }
}

/// What [`Dataset::split`] makes: a subset that shares the data set with its other part.
pub type Part<D> = Subset<Arc<D>>;

/// [`Dataset::split`] of a shared data set.
pub(crate) fn split<D: Dataset>(
    dataset: Arc<D>,
    fraction: f64,
    seed: u64,
) -> Result<(Part<D>, Part<D>)> {
    let len = dataset.len();
    if !(fraction > 0.0 && fraction < 1.0) {
        return Err(Error::value("split", format!("fraction {fraction}"), "0 < fraction < 1"));
    }
    let first = (fraction * len as f64).round() as usize;
    if first == 0 || first >= len {
        let got = format!("fraction {fraction} of {len} items, which leaves a part empty");
        return Err(Error::value("split", got, "at least one item in each part"));
    }
    let order = seeds::rng(seed, Use::Split, 0).permutation(len);
    let (head, tail) = order.split_at(first);
    let part =
        |indices: &[usize]| Subset { dataset: Arc::clone(&dataset), indices: indices.into() };
    Ok((part(head), part(tail)))
}
