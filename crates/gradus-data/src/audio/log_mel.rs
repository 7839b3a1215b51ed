//! Log-mel features as Whisper takes them, of a whole sound or of a stream.
//!
//! ```text
//! L = log₁₀ max(F |X|², 1e-10)         the last frame is left out
//! Y = (max(L, max L − 8) + 4) / 4
//! ```
//!
//! with `X` the spectra of 25 ms (400 samples) every 10 ms (160 samples) at 16 kHz, reflected at both
//! ends, and `F` the mel filters of Slaney, 80 or 128 of them. `n` samples give `n / 160` frames,
//! rounded down. Whisper itself hears 30 s at a time, 480,000 samples, filled up with silence: see
//! [`LogMel::WHISPER_SAMPLES`]. Source: Radford et al., *Robust Speech Recognition via Large-Scale
//! Weak Supervision* (2022), section 2.2, and the code published with it.
//!
//! `Y` needs the largest of all `L`; a stream gives `L`, and [`LogMel::normalize`] makes `Y` of it
//! when all is there.

use super::decibels::raise;
use super::{Features, LogMelStream, MelFilters, MelSpec, Stft};
use crate::{Error, Result};

/// Log-mel features, `[frames, bands]`.
///
/// ```
/// use gradus_data::audio::LogMel;
/// let log_mel = LogMel::whisper(80)?;
/// let sound: Vec<f32> = (0..16_000).map(|t| (t as f32 * 0.05).sin()).collect();
/// let whole = log_mel.apply(&sound)?;
/// assert_eq!((whole.frames(), whole.size()), (100, 80));
///
/// // The same bits, piece by piece.
/// let mut stream = log_mel.stream();
/// let mut parts = stream.push(&sound[..7000])?;
/// parts.append(&stream.push(&sound[7000..])?)?;
/// parts.append(&stream.finish()?)?;
/// LogMel::normalize(&mut parts);
/// assert_eq!(parts, whole);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LogMel {
    stft: Stft,
    filters: MelFilters,
}

impl LogMel {
    /// The samples that Whisper hears at a time: 30 s at 16 kHz. `resize(WHISPER_SAMPLES, 0.0)` cuts
    /// or fills a vector of samples.
    pub const WHISPER_SAMPLES: usize = 480_000;

    /// Whisper's features of sound at 16 kHz; `bands` is 80, or 128 for its newest large model.
    ///
    /// # Errors
    /// As [`MelFilters::new`] for the number of bands.
    pub fn whisper(bands: usize) -> Result<Self> {
        Self::new(Stft::new(400, 160)?, MelFilters::new(MelSpec::slaney(16_000, 400, bands))?)
    }

    /// With other frames and filters.
    ///
    /// # Errors
    /// If the filters are for frames of another length.
    pub fn new(stft: Stft, filters: MelFilters) -> Result<Self> {
        if stft.bins() != filters.bins() {
            let got = format!("filters of {} bins", filters.bins());
            let wanted = format!("the {} bins of the spectra", stft.bins());
            return Err(Error::value("LogMel::new", got, wanted));
        }
        Ok(Self { stft, filters })
    }

    /// `L` and then `Y` of a whole sound.
    ///
    /// # Errors
    /// As [`Stft::complex`]: for Whisper's frames, of 200 samples or fewer.
    pub fn apply(&self, samples: &[f32]) -> Result<Features> {
        let mut features = self.raw(samples)?;
        Self::normalize(&mut features);
        Ok(features)
    }

    /// `L` of a whole sound.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    pub fn raw(&self, samples: &[f32]) -> Result<Features> {
        let mut stream = self.stream();
        let mut features = stream.push(samples)?;
        features.append(&stream.finish()?)?;
        Ok(features)
    }

    /// Makes `Y` of `L`, in place.
    pub fn normalize(features: &mut Features) {
        raise(features, 8.0);
        features.values_mut().iter_mut().for_each(|x| *x = (*x + 4.0) / 4.0);
    }

    /// Takes a sound in pieces.
    pub fn stream(&self) -> LogMelStream {
        LogMelStream::new(&self.stft, &self.filters)
    }
}
