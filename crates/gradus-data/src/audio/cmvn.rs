//! Normalisation of features to mean 0 and variance 1, over the frames of an utterance or of all that
//! a speaker said: `(x − μ) / σ` for each feature, with `σ² = Σ (x − μ)² / frames`.
//!
//! On cepstra it takes away what a microphone and a room add (cepstral mean and variance
//! normalisation). Source: Viikki and Laurila, *Cepstral Domain Segmental Feature Vector
//! Normalization* (1998).

use super::Features;
use crate::{Error, Result};

/// Means and variances of features.
///
/// ```
/// use gradus_data::audio::{Cmvn, Features};
/// let mut features = Features::new(1, vec![1.0, 3.0])?;
/// Cmvn::of(&features)?.apply(&mut features)?;
/// assert_eq!(features.values(), [-1.0, 1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Cmvn {
    frames: f64,
    mean: Vec<f64>,
    /// Sums of squared differences from the mean.
    squares: Vec<f64>,
}

impl Cmvn {
    /// Of features of `size` numbers a frame, none of which were seen yet.
    ///
    /// # Errors
    /// If `size` is 0.
    pub fn new(size: usize) -> Result<Self> {
        if size == 0 {
            return Err(Error::value("Cmvn::new", "size = 0", "at least 1 number a frame"));
        }
        Ok(Self { frames: 0.0, mean: vec![0.0; size], squares: vec![0.0; size] })
    }

    /// Of one utterance.
    ///
    /// # Errors
    /// None; the size of features is not 0.
    pub fn of(features: &Features) -> Result<Self> {
        let mut cmvn = Self::new(features.size())?;
        cmvn.add(features)?;
        Ok(cmvn)
    }

    /// Takes the frames of another utterance in.
    ///
    /// # Errors
    /// If they have another size.
    pub fn add(&mut self, features: &Features) -> Result<()> {
        Features::check("Cmvn::add", features, self.mean.len())?;
        // Welford's update: nothing large is taken from anything large.
        for row in features.rows() {
            self.frames += 1.0;
            for ((mean, squares), &x) in self.mean.iter_mut().zip(&mut self.squares).zip(row) {
                let before = f64::from(x) - *mean;
                *mean += before / self.frames;
                *squares += before * (f64::from(x) - *mean);
            }
        }
        Ok(())
    }

    /// The mean of each feature.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The standard deviation of each feature, 0 of what never changed.
    pub fn deviation(&self) -> Vec<f64> {
        self.squares.iter().map(|s| (s / self.frames.max(1.0)).sqrt()).collect()
    }

    /// Normalises features, in place. A feature that never changed becomes its difference from the
    /// mean: 0, if it does not change here either.
    ///
    /// # Errors
    /// If they have another size, or no frame was seen yet.
    pub fn apply(&self, features: &mut Features) -> Result<()> {
        Features::check("Cmvn::apply", features, self.mean.len())?;
        if self.frames == 0.0 && features.frames() > 0 {
            return Err(Error::value("Cmvn::apply", "statistics of no frame", "`add` before"));
        }
        let scales: Vec<_> =
            self.deviation().iter().map(|&d| if d > 0.0 { 1.0 / d } else { 1.0 }).collect();
        for row in features.rows_mut() {
            for ((x, mean), scale) in row.iter_mut().zip(&self.mean).zip(&scales) {
                *x = ((f64::from(*x) - mean) * scale) as f32;
            }
        }
        Ok(())
    }
}
