//! Earlier or later: `y[t] = x[t − s]`, silence where `x` is not, of the same length.

use gradus_tensor::Rng;

use super::Augment;
use crate::Result;

/// Moves a sound by up to so many samples. What leaves at one end is lost.
///
/// ```
/// use gradus_data::audio::augment::{Augment, Shift};
/// use gradus_tensor::Rng;
/// let moved = Shift::new(1).apply(&[0.0, 1.0, 2.0, 0.0], &mut Rng::new(0))?;
/// let all = [[0.0, 1.0, 2.0, 0.0], [1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 1.0, 2.0]];
/// assert!(all.iter().any(|wanted| moved == wanted));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    most: usize,
}

impl Shift {
    /// Each shift from `-most` to `most` samples is equally likely.
    pub fn new(most: usize) -> Self {
        Self { most }
    }
}

impl Augment for Shift {
    fn apply(&self, samples: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let n = samples.len();
        // Beyond its length a sound is gone in any case.
        let most = self.most.min(n);
        let place = rng.below(2 * most + 1);
        let mut moved = vec![0.0; n];
        match place.checked_sub(most) {
            Some(later) => moved[later..].copy_from_slice(&samples[..n - later]),
            None => moved[..n - (most - place)].copy_from_slice(&samples[most - place..]),
        }
        Ok(moved)
    }
}
