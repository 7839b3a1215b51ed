//! Pitch: the lowest frequency of which a voice is a sum of multiples, by YIN.
//!
//! A sound of period `τ` is like itself `τ` samples later. With `W` samples of a frame:
//!
//! ```text
//! d(τ)  = Σ_{i<W} (x[i] − x[i + τ])²
//! d'(τ) = d(τ) / (1/τ Σ_{j=1…τ} d(j)),    d'(0) = 1
//! ```
//!
//! The period is the first minimum of `d'` below a threshold, made finer by a parabola through its neighbours; without
//! one the frame has no pitch. `d'` starts from 1, so that neither `τ = 0` nor a strong formant is taken for the
//! period. (De Cheveigné and Kawahara, *YIN, a fundamental frequency estimator for speech and music*, 2002, equations
//! 6 and 8, steps 3 to 5.)

use crate::{Error, Result};

/// Finds the pitch of each frame.
///
/// ```
/// use gradus_data::audio::Pitch;
/// let tone: Vec<f32> = (0..8000).map(|t| (t as f32 * 0.1).sin()).collect();
/// let hz = Pitch::new(16_000, 60.0, 500.0)?.apply(&tone);
/// let wanted = 0.1 * 16_000.0 / std::f64::consts::TAU; // 254.6 Hz
/// assert!(hz.iter().all(|hz| hz.is_some_and(|hz| (hz - wanted).abs() < 0.5)));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pitch {
    rate: f64,
    /// Periods in samples.
    shortest: usize,
    longest: usize,
    hop: usize,
    threshold: f64,
}

impl Pitch {
    /// Of sound at `rate` Hz, between two frequencies in Hz, every 10 ms. Frames are two of the longest periods long;
    /// the threshold is 0.15.
    ///
    /// # Errors
    /// [`Error::Value`] unless `0 < low < high ≤ rate / 4` and the longest period has at most 65,536 samples.
    pub fn new(rate: u32, low: f64, high: f64) -> Result<Self> {
        let hz = f64::from(rate);
        let fits = low > 0.0 && low < high && high <= hz / 4.0 && hz / low <= 65_536.0;
        if !fits {
            let got = format!("{low} to {high} Hz at a rate of {rate} Hz");
            let wanted = "rate / 65536 <= low < high <= rate / 4";
            return Err(Error::value("Pitch::new", got, wanted));
        }
        let (shortest, longest) = ((hz / high).floor() as usize, (hz / low).ceil() as usize);
        let hop = (rate as usize / 100).max(1);
        Ok(Self { rate: hz, shortest, longest, hop, threshold: 0.15 })
    }

    /// Another number of samples from a frame to the next.
    ///
    /// # Errors
    /// [`Error::Value`] for 0.
    pub fn hop(self, hop: usize) -> Result<Self> {
        match hop {
            0 => Err(Error::value("Pitch::hop", "0 samples", "at least 1")),
            hop => Ok(Self { hop, ..self }),
        }
    }

    /// Another threshold: smaller, and fewer frames have a pitch.
    ///
    /// # Errors
    /// [`Error::Value`] unless it is between 0 and 1.
    pub fn threshold(self, threshold: f64) -> Result<Self> {
        if (0.0..=1.0).contains(&threshold) {
            return Ok(Self { threshold, ..self });
        }
        Err(Error::value("Pitch::threshold", format!("{threshold}"), "0 to 1"))
    }

    /// The pitch of each frame in Hz, or none where there is no voice. Frame `t` begins at sample `t · hop`; a sound that
    /// is shorter than three of the longest periods has no frames.
    pub fn apply(&self, samples: &[f32]) -> Vec<Option<f64>> {
        let needed = 3 * self.longest + 2;
        let starts = (0..samples.len()).step_by(self.hop);
        starts
            .map_while(|start| samples.get(start..start + needed))
            .map(|x| self.frame(x))
            .collect()
    }

    fn frame(&self, x: &[f32]) -> Option<f64> {
        let width = 2 * self.longest;
        // One more at the end, for the parabola.
        let mut normed = vec![1.0; self.longest + 2];
        let mut sum = 0.0;
        for tau in 1..normed.len() {
            let pairs = x[..width].iter().zip(&x[tau..]);
            let d: f64 = pairs.map(|(a, b)| f64::from(a - b) * f64::from(a - b)).sum();
            sum += d;
            // Silence is like itself everywhere, which is no pitch.
            normed[tau] = if sum > 0.0 { d * tau as f64 / sum } else { 1.0 };
        }
        let mut tau =
            (self.shortest.max(2)..=self.longest).find(|&tau| normed[tau] < self.threshold)?;
        while tau < self.longest && normed[tau + 1] < normed[tau] {
            tau += 1;
        }
        let [left, middle, right] = [normed[tau - 1], normed[tau], normed[tau + 1]];
        let bend = left - 2.0 * middle + right;
        let aside = if bend > 0.0 { (left - right) / (2.0 * bend) } else { 0.0 };
        Some(self.rate / (tau as f64 + aside.clamp(-0.5, 0.5)))
    }
}
