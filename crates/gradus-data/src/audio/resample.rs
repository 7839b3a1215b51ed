//! Another rate for the same sound: a band-limited interpolation,
//!
//! ```text
//! y[m] = Σ_k x[k] h(m · from / to − k),        0 ≤ m < ceil(n · to / from)
//! ```
//!
//! where `h` is a sinc under a Kaiser window ([`LowPass`]), `x` is 0 outside its `n` samples, and
//! times count in samples of `x`. With `f = min(from, to) / 2` in Hz, frequencies up to
//! `pass_band · f` stay as they are and those above `f` go.
//!
//! `m · from / to` has as many different fractions as `to` after the two rates are divided by their
//! greatest common divisor. If there are few, the values of `h` for each are tabulated (a polyphase
//! filter); if there are many, `h` is interpolated in a fine table. The work is proportional to `n`.
//! Source: J. O. Smith, *Digital Audio Resampling Home Page*, ccrma.stanford.edu/~jos/resample.

use super::kaiser::LowPass;
use crate::{Error, Result};

/// Changes the rate of sound.
///
/// By default the pass band reaches to 0.9 of half the lower rate, and what is above half the lower
/// rate is 100 dB below it by design (more than 90 dB as measured). Filters are made once and may be
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
    /// The rates without their common divisor.
    from: u64,
    to: u64,
    filter: LowPass,
    table: Table,
}

#[derive(Debug, Clone)]
enum Table {
    /// For each fraction, a row of `taps` values of `h`, from the earliest sample to the latest.
    Rows { taps: usize, values: Vec<f32> },
    /// `h` at `0, 1/density, 2/density, …`, to beyond its end.
    Fine { density: f64, values: Vec<f32> },
}

/// The most values in a table of rows: 4 MiB.
const LIMIT: u64 = 1 << 20;
/// Sums are taken in this many parts, for vectors of the processor.
const LANES: usize = 16;
/// Steps of the fine table between two zeros of the sinc: a straight line between two of them is off
/// by `π²/24 · 2⁻²⁴`, 2.4e-8 of the largest value.
const STEPS: f64 = 4096.0;

impl Resampler {
    /// From a rate to another, both in Hz.
    ///
    /// # Errors
    /// If a rate is 0.
    pub fn new(from: u32, to: u32) -> Result<Self> {
        Self::with_filter(from, to, 0.9, 100.0)
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
        let (from, to) = (u64::from(from), u64::from(to));
        let divisor = gcd(from, to);
        let (from, to) = (from / divisor, to / divisor);
        let stop = (to as f64 / from as f64).min(1.0);
        let filter = LowPass::new(pass_band * stop, stop, rejection);
        Ok(Self { from, to, filter, table: Table::new(&filter, to, stop) })
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
        if self.from == self.to {
            return Ok(samples.to_vec());
        }
        let mut out = Vec::new();
        out.try_reserve_exact(len).map_err(|_| {
            Error::value("Resampler", format!("a result of {len} samples"), "what memory holds")
        })?;
        match &self.table {
            Table::Rows { taps, values } => {
                let mut padded = vec![0.0; samples.len() + taps];
                let before = taps / 2 - 1;
                padded[before..before + samples.len()].copy_from_slice(samples);
                out.extend(self.times().take(len).map(|(whole, part)| {
                    let row = part as usize * taps;
                    dot(&values[row..row + taps], &padded[whole as usize..])
                }));
            }
            Table::Fine { density, values } => {
                out.extend(self.times().take(len).map(|(whole, part)| {
                    let time = part as f64 / self.to as f64;
                    self.interpolated(samples, whole, time, *density, values)
                }));
            }
        }
        Ok(out)
    }

    /// The time of each new sample in old samples: a whole number and a fraction of `to`.
    fn times(&self) -> impl Iterator<Item = (u64, u64)> {
        let (from, to) = (self.from, self.to);
        std::iter::successors(Some((0, 0)), move |&(whole, part)| {
            let part = part + from % to;
            Some((whole + from / to + u64::from(part >= to), part % to))
        })
    }

    /// The sound at the time `whole + part`, by the fine table.
    fn interpolated(&self, x: &[f32], whole: u64, part: f64, density: f64, table: &[f32]) -> f32 {
        let half = self.filter.half.ceil() as u64;
        let first = whole.saturating_sub(half) as usize;
        let end = whole.saturating_add(half).saturating_add(1).min(x.len() as u64) as usize;
        let mut sum = 0.0;
        for (k, &x) in x.iter().enumerate().take(end).skip(first) {
            let place = (whole as f64 - k as f64 + part).abs() * density;
            let at = place as usize;
            if let Some(&[a, b]) = table.get(at..at + 2) {
                let (a, b) = (f64::from(a), f64::from(b));
                sum += f64::from(x) * (a + (b - a) * (place - at as f64));
            }
        }
        sum as f32
    }
}

impl Table {
    fn new(filter: &LowPass, to: u64, stop: f64) -> Self {
        let reach = filter.half.ceil();
        let taps = (2 * reach as u64).next_multiple_of(2 * LANES as u64);
        if taps.saturating_mul(to) > LIMIT {
            let density = STEPS * stop;
            let len = (filter.half * density).ceil() as usize + 2;
            let values = (0..len).map(|i| filter.at(i as f64 / density) as f32).collect();
            return Self::Fine { density, values };
        }
        let taps = taps as usize;
        let before = (taps / 2 - 1) as f64;
        let row = |part: u64| {
            let time = part as f64 / to as f64;
            (0..taps).map(move |k| filter.at(time + before - k as f64) as f32)
        };
        Self::Rows { taps, values: (0..to).flat_map(row).collect() }
    }
}

/// The product with the first values of `b`.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for i in 0..LANES {
            sums[i] += a[i] * b[i];
        }
    }
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            sums[i] += sums[i + width];
        }
        width /= 2;
    }
    sums[0]
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
