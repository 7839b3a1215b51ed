//! Changes to sound in training, so that no two epochs hear the same: louder or softer, faster or slower, earlier or
//! later, in noise, in a room, and with holes in the spectrum.
//!
//! | change | of | source |
//! |---|---|---|
//! | [`Gain`] | samples | |
//! | [`Shift`] | samples | |
//! | [`Speed`] | samples | Ko and others 2015 |
//! | [`Noise`] | samples | |
//! | [`Reverberation`] | samples | Allen and Berkley 1979, Polack 1988 |
//! | [`SpecAugment`] | features | Park and others 2019 |
//!
//! All chance comes from the generator that is passed in. In [`Dataset::map`](crate::Dataset::map) it is a stream of its
//! own for each (seed, epoch, item), so that an item sounds the same in an epoch however many workers read it.
//!
//! ```
//! use gradus_data::audio::augment::{Augment, Chain, Gain, Noise, Shift};
//! use gradus_tensor::Rng;
//! let augment = Chain::new()
//!     .then(Shift::new(800))
//!     .then(Gain::new(-6.0, 6.0)?)
//!     .sometimes(0.5, Noise::white(5.0, 20.0)?)?;
//! let sound: Vec<f32> = (0..16_000).map(|t| (t as f32 * 0.1).sin()).collect();
//! let other = augment.apply(&sound, &mut Rng::new(1).stream(7))?;
//! assert_eq!(other.len(), sound.len());
//! assert_eq!(other, augment.apply(&sound, &mut Rng::new(1).stream(7))?);
//! assert_ne!(other, augment.apply(&sound, &mut Rng::new(1).stream(8))?);
//! # Ok::<(), gradus_data::Error>(())
//! ```

mod gain;
mod noise;
mod reverberation;
mod shift;
mod spec_augment;
mod speed;

pub use gain::Gain;
pub use noise::Noise;
pub use reverberation::Reverberation;
pub use shift::Shift;
pub use spec_augment::SpecAugment;
pub use speed::Speed;

use std::fmt;

use gradus_tensor::Rng;

use crate::{Error, Result};

/// A random change to the samples of a sound of one channel.
pub trait Augment: Send + Sync {
    /// The changed samples. All chance comes from `rng`.
    ///
    /// # Errors
    /// If the change is undefined for these samples.
    fn apply(&self, samples: &[f32], rng: &mut Rng) -> Result<Vec<f32>>;
}

/// Changes one after the other, which draw from one generator in their order.
#[derive(Default)]
pub struct Chain {
    /// Each with its probability.
    steps: Vec<(f64, Box<dyn Augment>)>,
}

impl Chain {
    /// No changes: sounds stay as they are.
    pub fn new() -> Self {
        Self::default()
    }

    /// These and one more.
    #[must_use]
    pub fn then(mut self, change: impl Augment + 'static) -> Self {
        self.steps.push((1.0, Box::new(change)));
        self
    }

    /// These and one more, which happens with a probability.
    ///
    /// # Errors
    /// [`Error::Value`] unless `0 ≤ probability ≤ 1`.
    pub fn sometimes(mut self, probability: f64, change: impl Augment + 'static) -> Result<Self> {
        if !(0.0..=1.0).contains(&probability) {
            let got = format!("probability = {probability}");
            return Err(Error::value("Chain::sometimes", got, "a number from 0 to 1"));
        }
        self.steps.push((probability, Box::new(change)));
        Ok(self)
    }
}

impl Augment for Chain {
    fn apply(&self, samples: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let mut samples = samples.to_vec();
        for (probability, change) in &self.steps {
            if *probability == 1.0 || unit(rng) < *probability {
                samples = change.apply(&samples, rng)?;
            }
        }
        Ok(samples)
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chain({} changes)", self.steps.len())
    }
}

/// A number from 0 to below 1.
fn unit(rng: &mut Rng) -> f64 {
    const STEPS: usize = 1 << 30;
    rng.below(STEPS) as f64 / STEPS as f64
}

/// A number of a range.
fn between((low, high): (f64, f64), rng: &mut Rng) -> f64 {
    low + (high - low) * unit(rng)
}

/// A range of decibels: finite, and not so large that a float does not hold what they stand for.
fn decibels(op: &'static str, low: f64, high: f64) -> Result<(f64, f64)> {
    let fits = low <= high && low >= -200.0 && high <= 200.0;
    let wanted = "-200 <= low <= high <= 200 dB";
    fits.then_some((low, high))
        .ok_or_else(|| Error::value(op, format!("{low} to {high} dB"), wanted))
}

/// The mean of the squares.
fn power(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    sum / samples.len().max(1) as f64
}

/// Sounds to draw from, such as noises and rooms: at least one, none of them silent, NaN or infinite.
fn sounds(op: &'static str, what: &str, sounds: Vec<Vec<f32>>) -> Result<Vec<Vec<f32>>> {
    if sounds.is_empty() {
        return Err(Error::value(op, format!("no {what}s"), "one or more"));
    }
    for (i, sound) in sounds.iter().enumerate() {
        let power = power(sound);
        if !(power.is_finite() && power > 0.0) {
            let got = format!("{what} {i} of {} samples and power {power}", sound.len());
            return Err(Error::value(op, got, "finite samples that are not all silent"));
        }
    }
    Ok(sounds)
}
