//! The short-time Fourier transform: the spectrum of each frame under a window,
//!
//! ```text
//! X[t, k] = Σ_i w[i] x[t · hop + i] e^(−2πj k i / n_fft),      k = 0 … n_fft / 2
//! ```
//!
//! with `x` padded as [`Padding`] says. Bin `k` is the frequency `k · rate / n_fft` in Hz. The power
//! of a bin is `|X|²`. All conventions are those of `torch.stft`. Source: Oppenheim and Schafer,
//! *Discrete-Time Signal Processing*, section 10.3; the transform of a frame is `realfft`'s.

use std::fmt;
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};

use super::frames::Framing;
use super::spectrum::{Spectrum, power};
use super::{Features, Padding, Window};
use crate::{Error, Result};

/// Spectra of overlapping frames. Results are `[frames, n_fft / 2 + 1]`.
///
/// ```
/// use gradus_data::audio::Stft;
/// // 25 ms every 10 ms, at 16 kHz.
/// let stft = Stft::new(400, 160)?;
/// let tone: Vec<f32> = (0..16_000).map(|t| (t as f32 * 0.3926991).sin()).collect();
/// let power = stft.power(&tone)?;
/// assert_eq!((power.frames(), power.size()), (101, 201));
/// // 1 kHz is bin 25.
/// let row = power.rows().nth(50).unwrap_or_default();
/// assert!(row.iter().all(|&x| x <= row[25]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Stft {
    pub(super) framing: Framing,
    /// As long as a frame.
    window: Vec<f32>,
    fft: Arc<dyn RealToComplex<f32>>,
}

impl Stft {
    /// Frames of `n_fft` samples every `hop` samples, under a periodic Hann window, with the ends
    /// reflected.
    ///
    /// # Errors
    /// If `hop` is 0, or `n_fft` not between 2 and 2²⁴.
    pub fn new(n_fft: usize, hop: usize) -> Result<Self> {
        if hop == 0 || hop > isize::MAX as usize / 8 {
            return Err(Error::value("Stft::new", format!("hop = {hop}"), "at least one sample"));
        }
        if !(2..=1 << 24).contains(&n_fft) {
            return Err(Error::value("Stft::new", format!("n_fft = {n_fft}"), "2 to 16,777,216"));
        }
        let framing = Framing { length: n_fft, hop, padding: Padding::Reflect };
        let fft = RealFftPlanner::new().plan_fft_forward(n_fft);
        Ok(Self { framing, window: Window::Hann.periodic(n_fft), fft })
    }

    /// With a window of at most `n_fft` samples; a shorter one stands in the middle of the frame,
    /// between zeros.
    ///
    /// # Errors
    /// If the window is longer than a frame.
    pub fn window(mut self, window: &[f32]) -> Result<Self> {
        let n_fft = self.n_fft();
        let before = n_fft.checked_sub(window.len()).ok_or_else(|| {
            let wanted = format!("at most n_fft = {n_fft}");
            Error::value("Stft::window", format!("{} samples", window.len()), wanted)
        })? / 2;
        self.window = vec![0.0; n_fft];
        self.window[before..before + window.len()].copy_from_slice(window);
        Ok(self)
    }

    /// With another padding at the ends.
    pub fn padding(mut self, padding: Padding) -> Self {
        self.framing.padding = padding;
        self
    }

    /// Samples a frame.
    pub fn n_fft(&self) -> usize {
        self.framing.length
    }

    /// Samples from frame to frame.
    pub fn hop(&self) -> usize {
        self.framing.hop
    }

    /// Frequencies: `n_fft / 2 + 1`.
    pub fn bins(&self) -> usize {
        self.n_fft() / 2 + 1
    }

    /// The number of frames of `n` samples.
    pub fn frames(&self, n: usize) -> usize {
        self.framing.count(n)
    }

    /// `X`, as pairs of a real and an imaginary part: `[frames, 2 · bins]`, the order of
    /// `torch.view_as_real`.
    ///
    /// # Errors
    /// If the ends are to be reflected and there are only `n_fft / 2` samples or fewer.
    pub fn complex(&self, samples: &[f32]) -> Result<Features> {
        self.each(samples, 2 * self.bins(), |bins, row| {
            let parts = bins.iter().flat_map(|z| [z.re, z.im]);
            row.iter_mut().zip(parts).for_each(|(to, x)| *to = x);
        })
    }

    /// `|X|²`.
    ///
    /// # Errors
    /// As [`complex`](Self::complex).
    pub fn power(&self, samples: &[f32]) -> Result<Features> {
        self.each(samples, self.bins(), power)
    }

    /// `|X|`.
    ///
    /// # Errors
    /// As [`complex`](Self::complex).
    pub fn magnitude(&self, samples: &[f32]) -> Result<Features> {
        self.each(samples, self.bins(), |bins, row| {
            row.iter_mut().zip(bins).for_each(|(to, z)| *to = z.norm());
        })
    }

    /// `10 log₁₀ max(|X|², floor)` in dB.
    ///
    /// # Errors
    /// As [`complex`](Self::complex), and unless `floor` is above 0.
    pub fn log_power(&self, samples: &[f32], floor: f32) -> Result<Features> {
        let mut features = self.power(samples)?;
        super::power_to_db(&mut features, floor, None)?;
        Ok(features)
    }

    /// The transform, to be applied to one frame after another.
    pub(super) fn spectrum(&self) -> Spectrum {
        Spectrum::new(self.window.clone(), self.fft.clone())
    }

    fn each(
        &self,
        samples: &[f32],
        size: usize,
        to: impl Fn(&[Complex32], &mut [f32]),
    ) -> Result<Features> {
        let mut features = Features::empty(size);
        let mut spectrum = self.spectrum();
        self.framing.each(samples, |frame| {
            to(spectrum.of(frame)?, features.push());
            Ok(())
        })?;
        Ok(features)
    }
}

impl fmt::Debug for Stft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Framing { length, hop, padding } = self.framing;
        write!(f, "Stft(n_fft {length}, hop {hop}, padding {padding:?})")
    }
}
