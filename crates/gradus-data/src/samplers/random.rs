//! Every item once an epoch, in random order: a permutation for each (seed, epoch).

use super::Sampler;
use crate::Result;
use crate::seeds::{self, Use};

/// A new permutation in each epoch, each order equally likely.
///
/// ```
/// use gradus_data::samplers::{RandomSampler, Sampler};
/// let sampler = RandomSampler::new(1);
/// assert_eq!(sampler.order(100, 4)?, sampler.order(100, 4)?);
/// assert_ne!(sampler.order(100, 4)?, sampler.order(100, 5)?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomSampler {
    seed: u64,
}

impl RandomSampler {
    /// The permutations of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }
}

impl Sampler for RandomSampler {
    fn order(&self, len: usize, epoch: u64) -> Result<Vec<usize>> {
        Ok(seeds::rng(self.seed, Use::Order, epoch).permutation(len))
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}
