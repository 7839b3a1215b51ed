//! In which order an epoch goes through a data set.

mod batch;
mod bucket;
mod random;
mod sequential;
mod stratified;
mod weighted;

pub use batch::BatchSampler;
pub use bucket::BucketSampler;
pub use random::RandomSampler;
pub use sequential::SequentialSampler;
pub use stratified::StratifiedSampler;
pub use weighted::WeightedRandomSampler;

use crate::Result;

/// The order of each epoch, determined by the length of the data set and the number of the epoch.
///
/// ```
/// use gradus_data::Result;
/// use gradus_data::samplers::Sampler;
///
/// /// From the last item to the first.
/// struct Backwards;
///
/// impl Sampler for Backwards {
///     fn order(&self, len: usize, _epoch: u64) -> Result<Vec<usize>> {
///         Ok((0..len).rev().collect())
///     }
/// }
/// assert_eq!(Backwards.order(3, 0)?, [2, 1, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Sampler: Send + Sync {
    /// The indices of one epoch, each below `len`. The same arguments give the same indices.
    ///
    /// # Errors
    /// If the sampler does not fit a data set of this length.
    fn order(&self, len: usize, epoch: u64) -> Result<Vec<usize>>;

    /// How many indices [`order`](Self::order) gives: `len`, unless you say otherwise.
    fn count(&self, len: usize) -> usize {
        len
    }

    /// The seed of the order, saved with a loader's position; 0 if there is none.
    fn seed(&self) -> u64 {
        0
    }
}
