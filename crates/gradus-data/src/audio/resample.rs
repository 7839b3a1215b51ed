//! Another rate for the same sound: a band-limited interpolation,
//!
//! ```text
//! y[m] = Σ_k x[k] h(m · from / to − k),        0 ≤ m < ceil(n · to / from)
//! ```
//!
//! where `h` is a sinc under a Kaiser window, `x` is 0 outside its `n` samples, and
//! times count in samples of `x`. With `f = min(from, to) / 2` in Hz, frequencies up to
//! `pass_band · f` stay as they are and those above `f` go.
//!
//! `m · from / to` has as many different fractions as `to` after the two rates are divided by their
//! greatest common divisor. The values of `h` for each are a row of a table (a polyphase filter); if
//! there are too many, `h` is interpolated between two rows of 4096 to a zero of the sinc. Rates more
//! than 1024 times apart go down in two or more steps. The work is proportional to `n`. Source: J. O.
//! Smith, *Digital Audio Resampling Home Page*, ccrma.stanford.edu/~jos/resample.

use super::polyphase::Stage;
use crate::{Error, Result};

/// Changes the rate of sound.
///
/// By default the pass band reaches to 0.9 of half the lower rate, and what is above half the lower
/// rate is 99 dB below it by design (more than 90 dB as measured). Filters are made once and may be
/// used for any number of sounds and threads.
///
/// ```
/// use gradus_data::audio::Resampler;
/// let second: Vec<f32> = (0..44_100).map(|t| (0.05 * t as f32).sin()).collect();
/// let resampler = Resampler::new(44_100, 16_000)?;
/// assert_eq!(resampler.apply(&second)?.len(), 16_000);
/// assert_eq!(resampler.output_len(1000)?, 363);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Resampler {
    from: u32,
    to: u32,
    /// None for equal rates.
    stages: Vec<Stage>,
}

/// The most that one stage divides a rate by.
const FAR: u64 = 1024;

impl Resampler {
    /// From a rate to another, both in Hz.
    ///
    /// # Errors
    /// If a rate is 0.
    pub fn new(from: u32, to: u32) -> Result<Self> {
        // Of these, 128 values of the filter meet a sample of the lower rate.
        Self::with_filter(from, to, 0.9, 99.0)
    }

    /// With a pass band from 0 to `pass_band` times half the lower rate (0.5 to 0.99), and a
    /// `rejection` in dB (40 to 120) of what is above half the lower rate. The work grows with
    /// `rejection / (1 − pass_band)`. Numbers are `f32`: above 120 dB nothing is left to gain.
    ///
    /// # Errors
    /// If a rate is 0 or another argument outside its range.
    pub fn with_filter(from: u32, to: u32, pass_band: f64, rejection: f64) -> Result<Self> {
        let bad = |got: String, wanted: &str| Err(Error::value("Resampler", got, wanted));
        if from == 0 || to == 0 {
            return bad(format!("rates of {from} and {to} Hz"), "rates of at least 1 Hz");
        }
        if !(0.5..=0.99).contains(&pass_band) {
            return bad(format!("pass_band = {pass_band}"), "0.5 to 0.99 (of half the lower rate)");
        }
        if !(40.0..=120.0).contains(&rejection) {
            return bad(format!("rejection = {rejection}"), "40 to 120 dB");
        }
        let (mut now, last) = (u64::from(from), u64::from(to));
        let mut stages = Vec::new();
        while now != last {
            let mut next = last;
            while now.div_ceil(next) > FAR {
                next *= FAR;
            }
            stages.push(Stage::new(now, next, pass_band, rejection));
            now = next;
        }
        Ok(Self { from, to, stages })
    }

    /// The number of samples that `n` become: `ceil(n · to / from)`.
    ///
    /// # Errors
    /// If no memory can hold them.
    pub fn output_len(&self, n: usize) -> Result<usize> {
        let len = (n as u128 * u128::from(self.to)).div_ceil(u128::from(self.from));
        usize::try_from(len).ok().filter(|&len| len <= isize::MAX as usize / 4).ok_or_else(|| {
            Error::value("Resampler", format!("{n} samples, to become {len}"), "what memory holds")
        })
    }

    /// The samples at the new rate. The sound is taken to be silent before and after, so that the
    /// first and last samples, as many as half the filter (about 64 at the lower rate), fade.
    ///
    /// # Errors
    /// If memory does not hold the result.
    pub fn apply(&self, samples: &[f32]) -> Result<Vec<f32>> {
        let len = self.output_len(samples.len())?;
        let mut out = Vec::new();
        out.try_reserve_exact(len).map_err(|_| {
            Error::value("Resampler", format!("a result of {len} samples"), "what memory holds")
        })?;
        let Some((last, before)) = self.stages.split_last() else {
            out.extend_from_slice(samples);
            return Ok(out);
        };
        // Only a rate that falls has more than one stage. Each gives fewer samples than it takes, at
        // a multiple of the last rate, so that rounding up in each is rounding up once.
        let mut held = None;
        for stage in before {
            let x = held.as_deref().unwrap_or(samples);
            let mut next = Vec::new();
            stage.apply(x, stage.fewer(x.len()), &mut next);
            held = Some(next);
        }
        last.apply(held.as_deref().unwrap_or(samples), len, &mut out);
        Ok(out)
    }
}
