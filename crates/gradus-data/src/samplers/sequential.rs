//! One item after the other, in every epoch.

use super::Sampler;
use crate::Result;

/// The order 0, 1, 2, …
///
/// ```
/// use gradus_data::samplers::{Sampler, SequentialSampler};
/// assert_eq!(SequentialSampler.order(3, 7)?, [0, 1, 2]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SequentialSampler;

impl Sampler for SequentialSampler {
    fn order(&self, len: usize, _epoch: u64) -> Result<Vec<usize>> {
        Ok((0..len).collect())
    }
}
