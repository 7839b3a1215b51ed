//! SpecAugment: bands and moments of a spectrogram are blotted out, so that a network does not rely on any one of them.
//!
//! ```text
//! bands:  f of 0 … F,  f₀ of 0 … bands − f:    x[t, f₀ … f₀ + f) = mean,    m_F times
//! frames: t of 0 … min(T, p frames),           x[t₀ … t₀ + t, ·) = mean,    m_T times
//! ```
//!
//! The mean of the whole takes the place of what is blotted out; it is 0 for features that were normalised. Of the
//! three changes of the paper the warping of time is left out, which helped least there (table 6). (Park, Chan, Zhang,
//! Chiu, Zoph, Cubuk and Le, *SpecAugment: a simple data augmentation method for automatic speech recognition*, 2019,
//! section 2.)

use gradus_tensor::Rng;

use crate::audio::Features;
use crate::{Error, Result};

/// Blots out bands and frames.
///
/// ```
/// use gradus_data::audio::{Features, augment::SpecAugment};
/// use gradus_tensor::Rng;
/// let mut features = Features::new(4, (0..40).map(|i| i as f32).collect())?;
/// let before = features.clone();
/// SpecAugment::new().bands(1, 2).frames(1, 3).apply(&mut features, &mut Rng::new(3));
/// let changed = features.values().iter().zip(before.values()).filter(|(x, y)| x != y);
/// assert!(changed.count() <= 2 * 10 + 3 * 4);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct SpecAugment {
    bands: (usize, usize),
    frames: (usize, usize),
    part: f64,
}

impl Default for SpecAugment {
    fn default() -> Self {
        Self::new()
    }
}

impl SpecAugment {
    /// The paper's LD for 80 bands: twice up to 27 bands, and twice up to 100 frames, but no more than all of them.
    pub fn new() -> Self {
        Self { bands: (2, 27), frames: (2, 100), part: 1.0 }
    }

    /// How often, and how many bands at most, `m_F` and `F`.
    pub fn bands(self, times: usize, most: usize) -> Self {
        Self { bands: (times, most), ..self }
    }

    /// How often, and how many frames at most, `m_T` and `T`.
    pub fn frames(self, times: usize, most: usize) -> Self {
        Self { frames: (times, most), ..self }
    }

    /// The largest part of all frames that one blot has, `p`, whatever the number of frames above says.
    ///
    /// # Errors
    /// [`Error::Value`] unless `0 ≤ part ≤ 1`.
    pub fn part(self, part: f64) -> Result<Self> {
        if (0.0..=1.0).contains(&part) {
            return Ok(Self { part, ..self });
        }
        Err(Error::value("SpecAugment::part", format!("part = {part}"), "a number from 0 to 1"))
    }

    /// Changes features `[frames, bands]`, in place.
    pub fn apply(&self, features: &mut Features, rng: &mut Rng) {
        let (frames, size) = (features.frames(), features.size());
        if frames == 0 {
            return;
        }
        let sum: f64 = features.values().iter().map(|&x| f64::from(x)).sum();
        let mean = (sum / (frames * size) as f64) as f32;
        let mut blot = |most: usize, all: usize| {
            let width = rng.below(most.min(all) + 1);
            let start = rng.below(all - width + 1);
            start..start + width
        };
        for _ in 0..self.bands.0 {
            let bands = blot(self.bands.1, size);
            features.rows_mut().for_each(|row| row[bands.clone()].fill(mean));
        }
        let most = self.frames.1.min((self.part * frames as f64) as usize);
        for _ in 0..self.frames.0 {
            let blotted = blot(most, frames);
            features.values_mut()[blotted.start * size..blotted.end * size].fill(mean);
        }
    }
}
