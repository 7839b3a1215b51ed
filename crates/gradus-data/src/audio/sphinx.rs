//! Cepstra as CMU Sphinx computes and keeps them.
//!
//! ```text
//! y[t] = x[t] − 0.97 x[t−1];    410 samples under a Hamming window every 160, at 16 kHz;    |X|² of 512 points;
//! 40 mel bands from 130 to 6800 Hz;    ln max(·, 1e-12);    13 coefficients of a cosine transform
//! ```
//!
//! Sphinx scales its bands and its transform in other ways, which multiplies each coefficient by a constant and adds
//! another; [`Cmvn`](super::Cmvn) takes both away, so that a network that reads normalised cepstra cannot tell the two
//! apart. A file holds a count of floats as `i32` and then the floats, 13 a frame, all big-endian. (CMU Sphinx,
//! `sphinx_fe`, and the README of the AN4 cepstra for the settings.)

use std::fs;
use std::path::Path;

use super::{Features, MelFilters, MelSpec, Mfcc, Padding, Stft, Window};
use crate::{Error, Result};

/// Thirteen cepstra, a hundred times a second.
///
/// ```
/// use gradus_data::audio::SphinxMfcc;
/// let second: Vec<f32> = (0..16_000).map(|t| (t as f32 * 0.1).sin()).collect();
/// let cepstra = SphinxMfcc::new()?.apply(&second)?;
/// assert_eq!((cepstra.frames(), cepstra.size()), (97, 13));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SphinxMfcc {
    stft: Stft,
    filters: MelFilters,
    mfcc: Mfcc,
}

impl SphinxMfcc {
    /// The rate of the sound in Hz.
    pub const RATE: u32 = 16_000;
    /// The coefficients of a frame.
    pub const SIZE: usize = 13;
    /// The time from a frame to the next in seconds.
    pub const STEP: f64 = 0.01;

    /// The settings of the AN4 cepstra.
    ///
    /// # Errors
    /// None; the settings fit each other.
    pub fn new() -> Result<Self> {
        let stft = Stft::new(512, 160)?.window(&Window::Hamming.symmetric(410))?;
        let spec = MelSpec { low: 130.0, high: 6800.0, ..MelSpec::htk(Self::RATE, 512, 40) };
        let filters = MelFilters::new(spec)?;
        Ok(Self { stft: stft.padding(Padding::None), filters, mfcc: Mfcc::new(Self::SIZE, 40)? })
    }

    /// The cepstra of sound at 16 kHz: `1 + (n − 512) / 160` frames, none of a shorter sound.
    ///
    /// # Errors
    /// None of its own; those of [`Stft::power`].
    pub fn apply(&self, samples: &[f32]) -> Result<Features> {
        let mut before = 0.0;
        let steep = |&x: &f32| x - 0.97 * std::mem::replace(&mut before, x);
        let steep: Vec<f32> = samples.iter().map(steep).collect();
        let mut bands = self.filters.apply(&self.stft.power(&steep)?)?;
        bands.values_mut().iter_mut().for_each(|x| *x = x.max(1e-12).ln());
        self.mfcc.apply(&bands)
    }

    /// Reads a file of cepstra.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read; [`Error::Folder`] that names it if it is not as long as it says, does not
    /// hold whole frames, or has a number that is not finite.
    pub fn read(path: impl AsRef<Path>) -> Result<Features> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::File { path: path.into(), source })?;
        Self::parse(&bytes).map_err(|message| Error::Folder { dir: path.into(), message })
    }

    fn parse(bytes: &[u8]) -> std::result::Result<Features, String> {
        let Some((count, rest)) = bytes.split_first_chunk() else {
            return Err(format!(
                "is no file of cepstra: it has {} bytes, wanted 4 or more",
                bytes.len()
            ));
        };
        let count = i32::from_be_bytes(*count);
        let size = Self::SIZE;
        if usize::try_from(count).ok().and_then(|n| n.checked_mul(4)) != Some(rest.len()) {
            return Err(format!(
                "is no whole file of cepstra: it announces {count} floats and {} bytes follow, wanted 4 for each; \
                 get it again",
                rest.len()
            ));
        }
        let (numbers, _) = rest.as_chunks();
        let numbers: Vec<f32> = numbers.iter().map(|&four| f32::from_be_bytes(four)).collect();
        if let Some(i) = numbers.iter().position(|x| !x.is_finite()) {
            return Err(format!("has {} in frame {}, wanted finite numbers", numbers[i], i / size));
        }
        let got = format!("has {} floats, wanted {size} for each frame", numbers.len());
        Features::new(size, numbers).map_err(|_| got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_or_refused() {
        let file = |count: i32, numbers: &[f32]| {
            let mut bytes = count.to_be_bytes().to_vec();
            numbers.iter().for_each(|x| bytes.extend(x.to_be_bytes()));
            SphinxMfcc::parse(&bytes)
        };
        let two: Vec<f32> = (0..26).map(|i| i as f32).collect();
        let read = file(26, &two).expect("two frames");
        assert_eq!((read.frames(), read.values()), (2, &two[..]));
        let mut nan = two.clone();
        nan[20] = f32::NAN;
        for (result, says) in [
            (SphinxMfcc::parse(&[0, 0]), "it has 2 bytes"),
            (file(26, &two[..20]), "announces 26 floats and 80 bytes follow"),
            (file(-1, &two), "announces -1 floats"),
            (file(i32::MAX, &two), "announces 2147483647 floats"),
            (file(20, &two[..20]), "has 20 floats, wanted 13 for each frame"),
            (file(26, &nan), "has NaN in frame 1"),
        ] {
            let error = result.expect_err(says);
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn louder_is_another_first_coefficient_alone() -> Result<()> {
        let front = SphinxMfcc::new()?;
        let sound: Vec<f32> = (0..4000).map(|t| (t as f32 * t as f32 * 1e-4).sin()).collect();
        let louder: Vec<f32> = sound.iter().map(|x| x * 2.0).collect();
        let (soft, loud) = (front.apply(&sound)?, front.apply(&louder)?);
        for (soft, loud) in soft.rows().zip(loud.rows()) {
            // Each of 40 bands gains ln 4, and the transform gives √40 times that.
            assert!((loud[0] - soft[0] - 4_f32.ln() * 40_f32.sqrt()).abs() < 1e-3);
            assert!(loud[1..].iter().zip(&soft[1..]).all(|(a, b)| (a - b).abs() < 1e-3));
        }
        Ok(())
    }
}
