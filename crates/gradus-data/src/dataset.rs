//! The trait of data sets: items by index, and optionally whole batches at once.

use std::sync::Arc;

use gradus_tensor::Rng;

use crate::Result;
use crate::collate::{BatchOf, Collate};
use crate::map::{Map, MapFixed};
use crate::subset::{Part, split};

/// A collection whose items can be read by index, in any order, from any thread.
///
/// `len` and `get` are enough. A data set that lies in memory should also write
/// [`get_batch`](Self::get_batch), which saves a tensor per item.
///
/// ```
/// use gradus_data::{Dataset, Error, Result};
///
/// /// The squares of the numbers from 0 to 9.
/// struct Squares;
///
/// impl Dataset for Squares {
///     type Item = i64;
///     fn len(&self) -> usize {
///         10
///     }
///     fn get(&self, index: usize) -> Result<i64> {
///         let i = i64::try_from(index).map_err(Error::other)?;
///         Ok(i * i)
///     }
/// }
/// assert_eq!(Squares.get_batch(&[2, 3], 0)?.to_vec(), [4, 9]);
/// # Ok::<(), Error>(())
/// ```
pub trait Dataset: Send + Sync {
    /// One item, such as an image and its label.
    type Item;

    /// The number of items.
    fn len(&self) -> usize;

    /// The item at an index from 0 to `len() - 1`.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) beyond the end, and whatever keeps the item from being
    /// read.
    fn get(&self, index: usize) -> Result<Self::Item>;

    /// Whether there are no items.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item as it looks in an epoch: random transforms differ from epoch to epoch. A data set
    /// that wraps another passes the epoch on.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    fn get_in_epoch(&self, index: usize, epoch: u64) -> Result<Self::Item> {
        let _ = epoch;
        self.get(index)
    }

    /// The items at several indices as one batch. It must give the same batch as reading the items
    /// one by one and collating them, which is what it does unless you write it.
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`Collate::collate`].
    fn get_batch(&self, indices: &[usize], epoch: u64) -> Result<BatchOf<Self>>
    where
        Self::Item: Collate,
    {
        let items = indices.iter().map(|&index| self.get_in_epoch(index, epoch));
        Collate::collate(items.collect::<Result<Vec<_>>>()?)
    }

    /// Two disjoint parts that together hold every item: `round(fraction · len)` items, and the
    /// rest.
    ///
    /// The items stand in random order: the first part is the beginning of a permutation that
    /// depends on the seed and the length only, the second its end.
    ///
    /// ```
    /// use gradus_data::{Dataset, Digits};
    /// let (train, test) = Digits::load()?.split(0.8, 42)?;
    /// assert_eq!((train.len(), test.len()), (1438, 359));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `0 < fraction < 1` and both parts get an item.
    fn split(self, fraction: f64, seed: u64) -> Result<(Part<Self>, Part<Self>)>
    where
        Self: Sized,
    {
        split(Arc::new(self), fraction, seed)
    }

    /// The data set whose items are `transform(item, rng)`: images, sounds, texts, a picture and its mask, anything.
    /// Without chance it is [`map_fixed`](Self::map_fixed).
    ///
    /// The generator is a stream of its own for each (seed, epoch, index): an item looks the same
    /// in an epoch however many workers read it and in whatever order. Give two `map`s on top of
    /// each other two seeds.
    ///
    /// ```
    /// use gradus_data::transforms::{RandomShift, on_images};
    /// use gradus_data::{Dataset, Digits};
    /// let shifted = Digits::load()?.map(42, on_images(RandomShift::new(1)));
    /// let (image, _label) = shifted.get_in_epoch(5, 0)?;
    /// assert_eq!(image.shape(), [1, 8, 8]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    fn map<U, F>(self, seed: u64, transform: F) -> Map<Self, F>
    where
        Self: Sized,
        F: Fn(Self::Item, &mut Rng) -> Result<U> + Send + Sync,
    {
        Map::new(self, seed, transform)
    }

    /// The data set whose items are `function(item)`: a change that is the same in every epoch.
    ///
    /// ```
    /// use gradus_data::{Dataset, Digits};
    /// // Is it a seven?
    /// let sevens = Digits::load()?.map_fixed(|(image, label)| Ok((image, label == 7)));
    /// let (_, is_seven) = sevens.get(7)?;
    /// assert!(is_seven);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    fn map_fixed<U, F>(self, function: F) -> MapFixed<Self, F>
    where
        Self: Sized,
        F: Fn(Self::Item) -> Result<U> + Send + Sync,
    {
        MapFixed::new(self, function)
    }
}

/// A pointer to a data set is a data set.
macro_rules! pointers {
    ($($pointer:ty),*) => { $(
        impl<D: Dataset + ?Sized> Dataset for $pointer {
            type Item = D::Item;
            fn len(&self) -> usize {
                (**self).len()
            }
            fn get(&self, index: usize) -> Result<Self::Item> {
                (**self).get(index)
            }
            fn get_in_epoch(&self, index: usize, epoch: u64) -> Result<Self::Item> {
                (**self).get_in_epoch(index, epoch)
            }
            fn get_batch(&self, indices: &[usize], epoch: u64) -> Result<BatchOf<Self>>
            where
                Self::Item: Collate,
            {
                (**self).get_batch(indices, epoch)
            }
        }
    )* };
}
pointers!(&D, Arc<D>, Box<D>);
