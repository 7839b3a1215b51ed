//! The transform of one frame after another, in memory that is made once.

use std::sync::Arc;

use realfft::RealToComplex;
use realfft::num_complex::Complex32;

use crate::{Error, Result};

/// `|X|²` of each bin.
pub(super) fn power(bins: &[Complex32], row: &mut [f32]) {
    row.iter_mut().zip(bins).for_each(|(to, z)| *to = z.norm_sqr());
}

/// A window, a transform, and memory for one frame.
#[derive(Clone)]
pub(super) struct Spectrum {
    window: Vec<f32>,
    fft: Arc<dyn RealToComplex<f32>>,
    frame: Vec<f32>,
    bins: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl Spectrum {
    /// Of frames as long as the window and the transform.
    pub(super) fn new(window: Vec<f32>, fft: Arc<dyn RealToComplex<f32>>) -> Self {
        let (frame, bins) = (fft.make_input_vec(), fft.make_output_vec());
        let scratch = fft.make_scratch_vec();
        Self { window, fft, frame, bins, scratch }
    }

    /// The spectrum of a frame of `n_fft` samples.
    pub(super) fn of(&mut self, frame: &[f32]) -> Result<&[Complex32]> {
        let pairs = frame.iter().zip(&self.window);
        self.frame.iter_mut().zip(pairs).for_each(|(to, (x, w))| *to = x * w);
        let done =
            self.fft.process_with_scratch(&mut self.frame, &mut self.bins, &mut self.scratch);
        done.map_err(|error| Error::value("Stft", error.to_string(), "a frame of n_fft samples"))?;
        Ok(&self.bins)
    }
}
