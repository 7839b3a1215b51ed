//! Data sets one after the other.

use crate::collate::{BatchOf, Collate};
use crate::{Dataset, Error, Result};

/// The items of several data sets, those of the first one first. For data sets of different types with the same items,
/// box them: `Box<dyn Dataset<Item = …>>` is a data set.
///
/// ```
/// use gradus_data::{ConcatDataset, Dataset, Digits, Subset};
/// let digits = Digits::load()?;
/// let twos = Subset::new(digits.clone(), [2, 12, 22])?;
/// let both = ConcatDataset::new([twos, Subset::new(digits, [7])?])?;
/// assert_eq!((both.len(), both.get(2)?.1, both.get(3)?.1), (4, 2, 7));
/// assert_eq!(both.locate(3), Some((1, 0)));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConcatDataset<D> {
    datasets: Vec<D>,
    /// Where each data set ends.
    ends: Vec<usize>,
}

impl<D: Dataset> ConcatDataset<D> {
    /// One data set after the other. Each is asked for its length once, now.
    ///
    /// # Errors
    /// [`Error::Value`] if there are more items than a `usize` counts.
    pub fn new(datasets: impl Into<Vec<D>>) -> Result<Self> {
        let datasets = datasets.into();
        let mut end = 0_usize;
        let add = |dataset: &D| {
            end = end.checked_add(dataset.len()).ok_or_else(|| {
                let got = "data sets of more items than a usize counts";
                Error::value("ConcatDataset::new", got, "fewer items")
            })?;
            Ok(end)
        };
        let ends = datasets.iter().map(add).collect::<Result<_>>()?;
        Ok(Self { datasets, ends })
    }

    /// The data sets.
    pub fn datasets(&self) -> &[D] {
        &self.datasets
    }

    /// Which data set an item is from, and its index there; `None` beyond the end.
    pub fn locate(&self, index: usize) -> Option<(usize, usize)> {
        // Data sets without items end where the one before them does, and are passed over.
        let which = self.ends.partition_point(|&end| end <= index);
        let start = which.checked_sub(1).map_or(0, |before| self.ends[before]);
        (which < self.ends.len()).then(|| (which, index - start))
    }

    fn place(&self, index: usize) -> Result<(usize, usize)> {
        let wrong = || Error::Index { dataset: "ConcatDataset", index, len: self.len() };
        self.locate(index).ok_or_else(wrong)
    }
}

impl<D: Dataset> Dataset for ConcatDataset<D> {
    type Item = D::Item;

    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn get(&self, index: usize) -> Result<D::Item> {
        let (which, index) = self.place(index)?;
        self.datasets[which].get(index)
    }

    fn get_in_epoch(&self, index: usize, epoch: u64) -> Result<D::Item> {
        let (which, index) = self.place(index)?;
        self.datasets[which].get_in_epoch(index, epoch)
    }

    /// A batch from one of them is made by it; any other is put together item by item.
    fn get_batch(&self, indices: &[usize], epoch: u64) -> Result<BatchOf<Self>>
    where
        D::Item: Collate,
    {
        let places = indices.iter().map(|&index| self.place(index)).collect::<Result<Vec<_>>>()?;
        match places.first() {
            Some(&(one, _)) if places.iter().all(|&(which, _)| which == one) => {
                let inside: Vec<usize> = places.into_iter().map(|(_, index)| index).collect();
                self.datasets[one].get_batch(&inside, epoch)
            }
            _ => {
                let items = places
                    .into_iter()
                    .map(|(which, i)| self.datasets[which].get_in_epoch(i, epoch));
                Collate::collate(items.collect::<Result<Vec<_>>>()?)
            }
        }
    }
}
