//! From a recording to a picture of one second: what the network looks at.

use gradus::data::audio::augment::SpecAugment;
use gradus::data::audio::{LogMel, MelFilters, MelSpec, Stft};
use gradus::prelude::*;

/// What turns a recording into a picture of one second, `[1, 100, 40]`.
pub struct Ear {
    rate: u32,
    log_mel: LogMel,
}

impl Ear {
    /// A second.
    const FRAMES: usize = 100;
    const BANDS: usize = 40;

    /// For recordings at a rate in Hz.
    pub fn new(rate: u32) -> gradus::Result<Self> {
        // 32 ms every 10 ms.
        let (n_fft, hop) = (rate as usize * 32 / 1000, rate as usize / 100);
        let filters = MelFilters::new(MelSpec::slaney(rate, n_fft, Self::BANDS))?;
        Ok(Self { rate, log_mel: LogMel::new(Stft::new(n_fft, hop)?, filters)? })
    }

    /// The picture of a recording; in training with holes in it.
    pub fn hear(&self, sound: &[f32], holes: Option<&mut Rng>) -> gradus::data::Result<Tensor> {
        // A frame at least.
        let mut sound = sound.to_vec();
        sound.resize(sound.len().max(self.rate as usize / 30), 0.0);
        // From 0, a hundred thousandth of the largest energy or less, to 1, the largest: how loud it is does not matter.
        let mut features = self.log_mel.raw(&sound)?;
        let most = features.values().iter().copied().fold(f32::MIN, f32::max);
        features.values_mut().iter_mut().for_each(|x| *x = ((*x - most) / 5.0 + 1.0).max(0.0));
        if let Some(rng) = holes {
            SpecAugment::new().bands(1, 6).frames(1, 10).apply(&mut features, rng);
        }
        // The middle of a long recording, or a short one with silence around.
        let (frames, size) = (features.frames(), Self::FRAMES * Self::BANDS);
        let start = frames.saturating_sub(Self::FRAMES) / 2 * Self::BANDS;
        let middle = &features.values()[start..(start + size).min(frames * Self::BANDS)];
        let mut picture = vec![0.0; size];
        let at = (Self::FRAMES - middle.len() / Self::BANDS) / 2 * Self::BANDS;
        picture[at..at + middle.len()].copy_from_slice(middle);
        Ok(Tensor::from_vec(picture, [1, Self::FRAMES, Self::BANDS])?)
    }
}
