//! Louder or softer: `y = 10^(g / 20) x`, with `g` in decibels.

use gradus_tensor::Rng;

use super::{Augment, between, decibels};
use crate::Result;

/// A random gain in decibels; 6 dB are twice as large. Samples may leave `[−1, 1]`: they are not clipped.
///
/// ```
/// use gradus_data::audio::augment::{Augment, Gain};
/// use gradus_tensor::Rng;
/// let louder = Gain::new(20.0, 20.0)?.apply(&[0.01, -0.02], &mut Rng::new(0))?;
/// assert!((louder[0] - 0.1).abs() < 1e-6 && (louder[1] + 0.2).abs() < 1e-6);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    range: (f64, f64),
}

impl Gain {
    /// Each gain of the range is equally likely.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `-200 ≤ low ≤ high ≤ 200`.
    pub fn new(low: f64, high: f64) -> Result<Self> {
        Ok(Self { range: decibels("Gain::new", low, high)? })
    }
}

impl Augment for Gain {
    fn apply(&self, samples: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let factor = 10_f64.powf(between(self.range, rng) / 20.0) as f32;
        Ok(samples.iter().map(|x| x * factor).collect())
    }
}
