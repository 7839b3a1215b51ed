//! Windows: weights for the samples of a frame, small at both ends.
//!
//! With `θ = 2π i / (n − 1)` for `i = 0 … n − 1`,
//!
//! | window | formula |
//! |---|---|
//! | Hann | `½ − ½ cos θ` |
//! | Hamming | `0.54 − 0.46 cos θ` |
//! | Blackman | `0.42 − ½ cos θ + 0.08 cos 2θ` |
//! | Povey (Kaldi's) | `(½ − ½ cos θ)^0.85` |
//! | Kaiser | `I₀(β √(1 − t²)) / I₀(β)`, `t = 2i / (n − 1) − 1` |
//!
//! These are *symmetric*. A *periodic* window has `n` in place of `n − 1`: it is the symmetric window
//! of `n + 1` samples without its last, and is what spectra are taken with. Sources: Oppenheim and
//! Schafer, *Discrete-Time Signal Processing*, section 7.5; PyTorch and Kaldi for the conventions.

use std::f64::consts::TAU;

use super::kaiser::kaiser;

/// A family of windows.
///
/// ```
/// use gradus_data::audio::Window;
/// assert_eq!(Window::Hann.periodic(4), [0.0, 0.5, 1.0, 0.5]);
/// assert_eq!(Window::Hann.symmetric(5), [0.0, 0.5, 1.0, 0.5, 0.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Window {
    /// A cosine, raised to start from 0; `torch.hann_window`.
    Hann,
    /// A cosine raised to start from 0.08; `torch.hamming_window`.
    Hamming,
    /// Two cosines; `torch.blackman_window`.
    Blackman,
    /// Hann to the power of 0.85, as Kaldi takes for speech.
    Povey,
    /// The widest for how far its side lobes are down; `torch.kaiser_window`.
    Kaiser {
        /// The shape: 0 is a rectangle, 8.6 has side lobes of −90 dB or less as a filter.
        beta: f64,
    },
    /// All ones.
    Rectangular,
}

impl Window {
    /// The window of `n` samples for spectra.
    pub fn periodic(self, n: usize) -> Vec<f32> {
        self.over(n, n as f64)
    }

    /// The window of `n` samples that is equal from both ends.
    pub fn symmetric(self, n: usize) -> Vec<f32> {
        self.over(n, n as f64 - 1.0)
    }

    fn over(self, n: usize, period: f64) -> Vec<f32> {
        match n {
            1 => vec![1.0],
            n => (0..n).map(|i| self.at(i as f64 / period) as f32).collect(),
        }
    }

    /// The value at a part of the length, from 0 to 1.
    fn at(self, part: f64) -> f64 {
        let angle = TAU * part;
        // Next to 0 the difference of equal numbers may be negative, which has no power.
        let hann = (0.5 - 0.5 * angle.cos()).max(0.0);
        match self {
            Self::Hann => hann,
            Self::Hamming => 0.54 - 0.46 * angle.cos(),
            Self::Blackman => 0.42 - 0.5 * angle.cos() + 0.08 * (2.0 * angle).cos(),
            Self::Povey => hann.powf(0.85),
            Self::Kaiser { beta } => kaiser(2.0 * part - 1.0, beta),
            Self::Rectangular => 1.0,
        }
    }
}
