//! A data set that remembers its items: decoding a picture takes far longer than a copy of it.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Part;
use crate::{Dataset, Result};

/// Keeps items of another data set in memory, up to a number of bytes; what finds no room is read again
/// each time.
///
/// What is kept is the item as it looks in epoch 0, so put what does not depend on chance below it
/// (reading, resizing) and what does on top of it:
///
/// ```
/// use gradus_data::vision::{Cached, Filter, Image, RandomHorizontalFlip, Resize, on_items};
/// use gradus_data::{Dataset, Result};
/// # struct Folder;
/// # impl Dataset for Folder {
/// #     type Item = (Image, i64);
/// #     fn len(&self) -> usize { 8 }
/// #     fn get(&self, _: usize) -> Result<(Image, i64)> { Ok((Image::filled([9, 12], &[5, 6, 7])?, 1)) }
/// # }
/// let small = Cached::new(Folder.map(0, on_items(Resize::new(8))), 1 << 30);
/// let train = small.map(1, on_items(RandomHorizontalFlip::new(0.5)?));
/// assert_eq!(train.get(3)?.0.size(), [8, 10].into());
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub struct Cached<D: Dataset> {
    dataset: D,
    items: Vec<OnceLock<D::Item>>,
    used: AtomicUsize,
    most: usize,
}

impl<D: Dataset<Item: Part + Clone + Send + Sync>> Cached<D> {
    /// Keeps items of up to `most` bytes in all.
    pub fn new(dataset: D, most: usize) -> Self {
        let items = (0..dataset.len()).map(|_| OnceLock::new()).collect();
        Self { dataset, items, used: AtomicUsize::new(0), most }
    }

    /// The data set below.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// Bytes that are in use.
    pub fn bytes(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// How many items are kept.
    pub fn kept(&self) -> usize {
        self.items.iter().filter(|item| item.get().is_some()).count()
    }
}

impl<D: Dataset<Item: Part + Clone + Send + Sync>> Dataset for Cached<D> {
    type Item = D::Item;

    fn len(&self) -> usize {
        self.items.len()
    }

    fn get(&self, index: usize) -> Result<D::Item> {
        let Some(kept) = self.items.get(index) else { return self.dataset.get(index) };
        if let Some(item) = kept.get() {
            return Ok(item.clone());
        }
        let item = self.dataset.get(index)?;
        let bytes = item.bytes();
        let room = |used: usize| used.checked_add(bytes).filter(|&sum| sum <= self.most);
        let order = Ordering::Relaxed;
        // Which items find room may depend on the order of threads; what they are does not.
        if self.used.fetch_update(order, order, room).is_ok() && kept.set(item.clone()).is_err() {
            self.used.fetch_sub(bytes, order);
        }
        Ok(item)
    }
}

impl<D: Dataset + fmt::Debug> fmt::Debug for Cached<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("dataset", &self.dataset)
            .field("used", &self.used)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}
