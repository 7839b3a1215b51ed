//! Mel filters: from the bins of a spectrum to bands as wide as the ear hears them.
//!
//! Band `b` of `B` is a triangle over the frequencies `f[b], f[b+1], f[b+2]`, of height 1 at the
//! middle one; the `B + 2` corners are equally far apart on the mel scale, from `low` to `high`.
//!
//! | scale | mels of `f` Hz | source |
//! |---|---|---|
//! | HTK | `2595 log₁₀(1 + f / 700)` | Young et al., *The HTK Book*, section 5.4 |
//! | Slaney | `3 f / 200` below 1 kHz, above `15 + 27 ln(f / 1000) / ln 6.4` | Slaney, *Auditory Toolbox* (1998) |
//!
//! Normalized, a triangle is divided by half its width in Hz, `(f[b+2] − f[b]) / 2`, and has area 1.

use super::Features;
use crate::{Error, Result};

/// A scale of pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MelScale {
    /// `2595 log₁₀(1 + f / 700)`.
    Htk,
    /// Straight below 1 kHz, logarithmic above.
    Slaney,
}

/// Where the scale of Slaney becomes logarithmic, in mels (1000 Hz).
const BEND: f64 = 15.0;

impl MelScale {
    /// Mels of a frequency in Hz.
    ///
    /// ```
    /// use gradus_data::audio::MelScale;
    /// assert_eq!(MelScale::Slaney.mels(1000.0), 15.0);
    /// assert!((MelScale::Htk.mels(1000.0) - 1000.0).abs() < 0.1);
    /// assert!((MelScale::Htk.hz(MelScale::Htk.mels(440.0)) - 440.0).abs() < 1e-9);
    /// ```
    pub fn mels(self, hz: f64) -> f64 {
        match self {
            Self::Htk => 2595.0 * (1.0 + hz / 700.0).log10(),
            Self::Slaney if hz < 1000.0 => 3.0 * hz / 200.0,
            Self::Slaney => BEND + 27.0 * (hz / 1000.0).ln() / 6.4_f64.ln(),
        }
    }

    /// The frequency in Hz of so many mels.
    pub fn hz(self, mels: f64) -> f64 {
        match self {
            Self::Htk => 700.0 * (10_f64.powf(mels / 2595.0) - 1.0),
            Self::Slaney if mels < BEND => 200.0 * mels / 3.0,
            Self::Slaney => 1000.0 * (6.4_f64.ln() * (mels - BEND) / 27.0).exp(),
        }
    }
}

/// What a bank of filters is made from. [`slaney`](Self::slaney) and [`htk`](Self::htk) fill it in;
/// fields may be changed after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MelSpec {
    /// The rate of the sound in Hz.
    pub rate: u32,
    /// Samples a frame of the spectra.
    pub n_fft: usize,
    /// How many bands.
    pub bands: usize,
    /// The lower corner of the first band in Hz.
    pub low: f64,
    /// The upper corner of the last band in Hz.
    pub high: f64,
    /// The scale on which the corners are equally far apart.
    pub scale: MelScale,
    /// Whether triangles have area 1 (in Hz) rather than height 1.
    pub normalized: bool,
}

impl MelSpec {
    /// Slaney's scale, normalized, from 0 to half the rate: librosa's and Whisper's filters.
    pub fn slaney(rate: u32, n_fft: usize, bands: usize) -> Self {
        let high = f64::from(rate) / 2.0;
        Self { rate, n_fft, bands, low: 0.0, high, scale: MelScale::Slaney, normalized: true }
    }

    /// HTK's scale and triangles of height 1, from 0 to half the rate: torchaudio's filters.
    pub fn htk(rate: u32, n_fft: usize, bands: usize) -> Self {
        Self { scale: MelScale::Htk, normalized: false, ..Self::slaney(rate, n_fft, bands) }
    }
}

/// A bank of triangular filters, `[bands, n_fft / 2 + 1]`.
///
/// ```
/// use gradus_data::audio::{MelFilters, MelSpec, Stft};
/// let power = Stft::new(400, 160)?.power(&vec![0.1; 16_000])?;
/// let filters = MelFilters::new(MelSpec::slaney(16_000, 400, 80))?;
/// let mel = filters.apply(&power)?;
/// assert_eq!((mel.frames(), mel.size()), (101, 80));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MelFilters {
    bins: usize,
    /// For each band its first bin and its weights: all others are 0.
    bands: Vec<(usize, Vec<f32>)>,
}

impl MelFilters {
    /// The filters.
    ///
    /// # Errors
    /// Without bands (or more than a million), for a rate of 0 or frames of fewer than 2 samples (or
    /// more than 2²⁴), and unless `0 ≤ low < high ≤ rate / 2`.
    pub fn new(spec: MelSpec) -> Result<Self> {
        let MelSpec { rate, n_fft, bands, low, high, scale, normalized } = spec;
        let bad = |got: String, wanted: &str| Err(Error::value("MelFilters::new", got, wanted));
        if rate == 0 || !(2..=1 << 24).contains(&n_fft) || !(1..=1_000_000).contains(&bands) {
            let got = format!("{bands} bands of {n_fft}-point spectra at {rate} Hz");
            return bad(got, "1 to 1,000,000 bands, 2 to 16,777,216 points and a rate above 0");
        }
        if !(0.0 <= low && low < high && high <= f64::from(rate) / 2.0) {
            let wanted = format!("0 <= low < high <= rate / 2 = {} Hz", f64::from(rate) / 2.0);
            return bad(format!("{low} to {high} Hz"), &wanted);
        }
        let bins = n_fft / 2 + 1;
        let hz_a_bin = f64::from(rate) / n_fft as f64;
        let (first, last) = (scale.mels(low), scale.mels(high));
        let corner = |i: usize| scale.hz(first + (last - first) * i as f64 / (bands + 1) as f64);
        let band = |b: usize| {
            let (left, middle, right) = (corner(b), corner(b + 1), corner(b + 2));
            let height = if normalized { 2.0 / (right - left) } else { 1.0 };
            let weight = |bin: usize| {
                let f = bin as f64 * hz_a_bin;
                let side = ((f - left) / (middle - left)).min((right - f) / (right - middle));
                (side.max(0.0) * height) as f32
            };
            let start = ((left / hz_a_bin).floor() as usize).min(bins);
            let end = ((right / hz_a_bin).ceil() as usize + 1).min(bins);
            (start, (start..end).map(weight).collect())
        };
        Ok(Self { bins, bands: (0..bands).map(band).collect() })
    }

    /// The bands of each frame: sums of the powers of bins, weighted.
    ///
    /// # Errors
    /// If the frames do not have `n_fft / 2 + 1` bins.
    pub fn apply(&self, power: &Features) -> Result<Features> {
        Features::check("MelFilters::apply", power, self.bins)?;
        Ok(power.map_rows(self.bands.len(), |row, out| self.frame(row, out)))
    }

    /// The bands of one frame.
    pub(super) fn frame(&self, power: &[f32], out: &mut [f32]) {
        for (out, (start, weights)) in out.iter_mut().zip(&self.bands) {
            *out = weights.iter().zip(&power[*start..]).map(|(w, x)| w * x).sum();
        }
    }

    /// The number of bands.
    pub fn bands(&self) -> usize {
        self.bands.len()
    }

    /// The number of bins that a frame must have, `n_fft / 2 + 1`.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// All weights, `[bands, bins]`.
    pub fn matrix(&self) -> Features {
        let mut matrix = Features::empty(self.bins);
        for (start, weights) in &self.bands {
            matrix.push()[*start..start + weights.len()].copy_from_slice(weights);
        }
        matrix
    }

    /// Bands so narrow that they lie between two bins and are 0 for every sound: the remedy is fewer
    /// bands, or longer frames.
    pub fn empty_bands(&self) -> Vec<usize> {
        let empty = |(_, weights): &(usize, Vec<f32>)| weights.iter().all(|&w| w == 0.0);
        (0..self.bands()).filter(|&b| empty(&self.bands[b])).collect()
    }
}
