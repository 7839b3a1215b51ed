//! Noise at a ratio: `y = x + a n`, with `a` such that `10 log₁₀(P(x) / P(a n))` is the wanted ratio in decibels.
//!
//! `P` is the mean of the squares, of the whole sound and of the piece of noise that is added to it.

use gradus_tensor::Rng;

use super::{Augment, between, decibels, power, sounds};
use crate::Result;
use gradus_tensor::Tensor;

/// Adds noise at a random signal-to-noise ratio. Silence stays silent: no noise has a ratio to it.
///
/// ```
/// use gradus_data::audio::augment::{Augment, Noise};
/// use gradus_tensor::Rng;
/// let sound: Vec<f32> = (0..8000).map(|t| (t as f32 * 0.1).sin()).collect();
/// let noisy = Noise::white(20.0, 20.0)?.apply(&sound, &mut Rng::new(0))?;
/// let power = |x: &mut dyn Iterator<Item = f32>| x.map(|x| x * x).sum::<f32>();
/// let ratio = power(&mut sound.iter().copied())
///     / power(&mut noisy.iter().zip(&sound).map(|(y, x)| y - x));
/// assert!((ratio / 100.0 - 1.0).abs() < 1e-3);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Noise {
    /// None of them for white noise.
    noises: Vec<Vec<f32>>,
    range: (f64, f64),
}

impl Noise {
    /// White noise: samples that are normal and independent.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `-200 ≤ low ≤ high ≤ 200` dB.
    pub fn white(low: f64, high: f64) -> Result<Self> {
        Ok(Self { noises: Vec::new(), range: decibels("Noise::white", low, high)? })
    }

    /// Recorded noises, at the rate of the sounds. One is drawn, and a piece of it from anywhere; a noise that is too
    /// short goes round.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless `-200 ≤ low ≤ high ≤ 200` dB, if there are no noises, or one is
    /// silent or not finite.
    pub fn new(noises: Vec<Vec<f32>>, low: f64, high: f64) -> Result<Self> {
        let op = "Noise::new";
        Ok(Self { noises: sounds(op, "noise", noises)?, range: decibels(op, low, high)? })
    }
}

impl Augment for Noise {
    fn apply(&self, samples: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let ratio = 10_f64.powf(between(self.range, rng) / 10.0);
        let noise: Vec<f32> = if self.noises.is_empty() {
            Tensor::normal([samples.len()], 0.0, 1.0, rng)?.to_vec()
        } else {
            let noise = &self.noises[rng.below(self.noises.len())];
            let start = rng.below(noise.len());
            noise.iter().cycle().skip(start).take(samples.len()).copied().collect()
        };
        let (signal, noise_power) = (power(samples), power(&noise));
        // A piece of a noise may be silent, too.
        if signal == 0.0 || noise_power == 0.0 {
            return Ok(samples.to_vec());
        }
        let scale = (signal / (ratio * noise_power)).sqrt() as f32;
        Ok(samples.iter().zip(noise).map(|(x, n)| x + scale * n).collect())
    }
}
