//! An order cut into batches.

use crate::{Error, Result};

/// Consecutive groups of an order. The last one is smaller where the order does not divide evenly,
/// or is dropped.
///
/// ```
/// use gradus_data::samplers::BatchSampler;
/// let batches = BatchSampler::new(vec![4, 2, 0, 1, 3], 2, false)?;
/// assert_eq!(batches.len(), 3);
/// assert_eq!(batches.get(0), Some(&[4, 2][..]));
/// assert_eq!(batches.get(2), Some(&[3][..]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchSampler {
    order: Vec<usize>,
    size: usize,
    drop_last: bool,
}

impl BatchSampler {
    /// Groups of `size` indices.
    ///
    /// # Errors
    /// [`Error::Value`] if `size` is 0.
    pub fn new(order: Vec<usize>, size: usize, drop_last: bool) -> Result<Self> {
        match size {
            0 => Err(Error::value("DataLoader", "batch size 0", "at least 1 item in a batch")),
            _ => Ok(Self { order, size, drop_last }),
        }
    }

    /// The number of batches.
    pub fn len(&self) -> usize {
        Self::count(self.order.len(), self.size, self.drop_last)
    }

    /// Whether there are no batches.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The indices of one batch; `None` beyond the last.
    pub fn get(&self, batch: usize) -> Option<&[usize]> {
        if batch >= self.len() {
            return None;
        }
        let start = batch * self.size;
        let end = start.saturating_add(self.size).min(self.order.len());
        self.order.get(start..end)
    }

    /// The number of batches that `items` items make; 0 if the size is.
    pub(crate) fn count(items: usize, size: usize, drop_last: bool) -> usize {
        match (size, drop_last) {
            (0, _) => 0,
            (_, true) => items / size,
            (_, false) => items.div_ceil(size),
        }
    }
}
