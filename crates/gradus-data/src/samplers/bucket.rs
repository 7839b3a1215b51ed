//! Batches of like length, so that little is filled up.
//!
//! A random order is cut into stretches of some batches; each stretch is sorted by length and cut into batches, and all
//! batches come in random order. So an item may meet any other, every epoch has other batches, and lengths in one batch
//! are near each other. A batch that is not full stays the last.

use super::Sampler;
use crate::seeds::{self, Use};
use crate::{Error, Result};

/// A random order that a loader of the same batch size cuts into batches of like length.
///
/// ```
/// use gradus_data::samplers::{BucketSampler, Sampler};
/// let lengths = [3, 90, 4, 100, 5, 95];
/// let order = BucketSampler::new(&lengths, 3, 7)?.order(6, 0)?;
/// for batch in order.chunks(3) {
///     assert!(batch.iter().all(|&i| lengths[i] < 10) || batch.iter().all(|&i| lengths[i] > 10));
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketSampler {
    lengths: Vec<usize>,
    batch_size: usize,
    stretch: usize,
    seed: u64,
}

impl BucketSampler {
    /// The length of each item, and the loader's batch size. Stretches are of 100 batches.
    ///
    /// # Errors
    /// [`Error::Value`] if the batch size is 0.
    pub fn new(lengths: &[usize], batch_size: usize, seed: u64) -> Result<Self> {
        if batch_size == 0 {
            return Err(Error::value(
                "BucketSampler::new",
                "batch size 0",
                "at least 1 item in a batch",
            ));
        }
        Ok(Self { lengths: lengths.to_vec(), batch_size, stretch: 100, seed })
    }

    /// How many batches are sorted together: more, and lengths are more alike; fewer, and the order is more random. With
    /// 1 the batches are those of a random order.
    ///
    /// # Errors
    /// [`Error::Value`] for 0.
    pub fn stretch(self, batches: usize) -> Result<Self> {
        match batches {
            0 => Err(Error::value("BucketSampler::stretch", "0 batches", "at least 1")),
            stretch => Ok(Self { stretch, ..self }),
        }
    }
}

impl Sampler for BucketSampler {
    fn order(&self, len: usize, epoch: u64) -> Result<Vec<usize>> {
        if len != self.lengths.len() {
            let got = format!("a data set of {len} items");
            return Err(Error::value(
                "BucketSampler",
                got,
                format!("{}, one a length", self.lengths.len()),
            ));
        }
        let mut rng = seeds::rng(self.seed, Use::Order, epoch);
        let mut items = rng.permutation(len);
        for stretch in items.chunks_mut(self.batch_size.saturating_mul(self.stretch)) {
            // Stable: among equal lengths the permutation decides.
            stretch.sort_by_key(|&item| self.lengths[item]);
        }
        let full = len / self.batch_size;
        let batch = |batch: usize| &items[batch * self.batch_size..][..self.batch_size];
        let mut order = Vec::with_capacity(len);
        rng.permutation(full).into_iter().for_each(|b| order.extend_from_slice(batch(b)));
        order.extend_from_slice(&items[full * self.batch_size..]);
        Ok(order)
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}
