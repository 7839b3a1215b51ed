//! Mel-frequency cepstral coefficients: the cosine transform of log-mel bands,
//!
//! ```text
//! c[k] = s[k] Σ_b x[b] cos(π k (2b + 1) / 2B),     s[0] = √(1/B), s[k] = √(2/B)
//! ```
//!
//! (DCT-II, orthonormal). Source: Davis and Mermelstein, *Comparison of Parametric Representations for
//! Monosyllabic Word Recognition* (1980).

use super::Features;
use crate::{Error, Result};

/// The first coefficients of each frame, `[frames, bands]` to `[frames, coefficients]`.
///
/// ```
/// use gradus_data::audio::{MelFilters, MelSpec, Mfcc, Stft, power_to_db};
/// let sound: Vec<f32> = (0..8000).map(|t| (t as f32 * 0.05).sin()).collect();
/// let power = Stft::new(200, 80)?.power(&sound)?;
/// let mut mel = MelFilters::new(MelSpec::slaney(8000, 200, 23))?.apply(&power)?;
/// power_to_db(&mut mel, 1e-10, Some(80.0))?;
/// let mfcc = Mfcc::new(13, 23)?.apply(&mel)?;
/// assert_eq!((mfcc.frames(), mfcc.size()), (101, 13));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mfcc {
    /// A row of weights for each coefficient.
    basis: Features,
}

impl Mfcc {
    /// The first `coefficients` of `bands`.
    ///
    /// # Errors
    /// Unless `1 ≤ coefficients ≤ bands ≤ 10,000`.
    pub fn new(coefficients: usize, bands: usize) -> Result<Self> {
        if coefficients == 0 || coefficients > bands || bands > 10_000 {
            let got = format!("{coefficients} coefficients of {bands} bands");
            return Err(Error::value("Mfcc::new", got, "1 <= coefficients <= bands <= 10,000"));
        }
        let mut basis = Features::empty(bands);
        let b = bands as f64;
        for k in 0..coefficients {
            let scale = (if k == 0 { 1.0 } else { 2.0 } / b).sqrt();
            for (i, w) in basis.push().iter_mut().enumerate() {
                let angle = std::f64::consts::PI * k as f64 * (2 * i + 1) as f64 / (2.0 * b);
                *w = (scale * angle.cos()) as f32;
            }
        }
        Ok(Self { basis })
    }

    /// The coefficients of logarithmic mel bands.
    ///
    /// # Errors
    /// If the frames have another number of bands.
    pub fn apply(&self, log_mel: &Features) -> Result<Features> {
        Features::check("Mfcc::apply", log_mel, self.basis.size())?;
        Ok(log_mel.map_rows(self.basis.frames(), |row, out| {
            for (out, weights) in out.iter_mut().zip(self.basis.rows()) {
                *out = weights.iter().zip(row).map(|(w, x)| w * x).sum();
            }
        }))
    }
}
