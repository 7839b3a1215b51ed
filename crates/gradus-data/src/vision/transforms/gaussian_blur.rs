//! Smoothed pictures: torchvision's `GaussianBlur`. With a kernel of `n` pixels (odd) and
//! `w_i ∝ exp(−i² / 2σ²)`, `Σ w_i = 1`, each direction is a weighted mean of `n` pixels; over the edges
//! the picture goes on as in a mirror on its outermost pixels. Sums are `f32`, rounded once at the end.

use gradus_tensor::Rng;
use gradus_tensor::simd::vectorize;

use super::chance::Range;
use super::pad::Edge;
use crate::vision::{Augment, Change, Image, Size};
use crate::{Error, Result};

/// Longer kernels are a mistake: three σ on each side are all that counts.
const LONGEST: usize = 1023;

/// A smoothed picture; masks and boxes stay.
///
/// ```
/// use gradus_data::vision::{Augment, Blur, Image};
/// use gradus_tensor::Rng;
/// let dot = Image::new([1, 3], 1, vec![0, 100, 0])?;
/// let smooth = Blur::new(3, 0.5)?.apply(dot, &mut Rng::new(0))?;
/// assert_eq!(smooth.pixels(), [21, 79, 21]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blur {
    kernel: usize,
    sigma: f64,
}

impl Blur {
    /// A kernel of so many pixels, and its standard deviation in pixels.
    ///
    /// # Errors
    /// [`Error::Value`] unless the kernel is odd and at most 1023, and `sigma` finite and positive.
    pub fn new(kernel: usize, sigma: f64) -> Result<Self> {
        if kernel.is_multiple_of(2) || kernel > LONGEST {
            let got = format!("kernel = {kernel}");
            return Err(Error::value("GaussianBlur", got, "an odd number of pixels up to 1023"));
        }
        if !(sigma.is_finite() && sigma > 0.0) {
            let got = format!("sigma = {sigma}");
            return Err(Error::value("GaussianBlur", got, "a finite number of pixels > 0"));
        }
        Ok(Self { kernel, sigma })
    }

    fn weights(&self) -> Vec<f32> {
        let half = (self.kernel / 2) as f64;
        let weight = |i: usize| (-0.5 * ((i as f64 - half) / self.sigma).powi(2)).exp();
        let all: Vec<f64> = (0..self.kernel).map(weight).collect();
        let sum: f64 = all.iter().sum();
        all.iter().map(|w| (w / sum) as f32).collect()
    }
}

impl Change for Blur {
    fn image(&self, mut image: Image) -> Result<Image> {
        let (weights, half) = (self.weights(), (self.kernel / 2) as isize);
        let (height, width, channels) = (image.height(), image.width(), image.channels());
        let mirrored = |at: isize, len: usize| Edge::Reflect.place(at, len).unwrap_or(0);
        let stride = width * channels;
        // Along the rows first, in floats; a row with its mirrored ends is filled once.
        let mut across = vec![0.0_f32; height * stride];
        let ends: Vec<usize> =
            (-half..width as isize + half).map(|x| mirrored(x, width) * channels).collect();
        let mut line = Vec::new();
        for (y, out) in across.chunks_exact_mut(stride).enumerate() {
            let row = image.row(y);
            line.clear();
            for &at in &ends {
                line.extend(row[at..at + channels].iter().map(|&x| f32::from(x)));
            }
            vectorize(
                #[inline(always)]
                || {
                    for (k, &weight) in weights.iter().enumerate() {
                        let from = &line[k * channels..][..stride];
                        out.iter_mut().zip(from).for_each(|(out, x)| *out += weight * x);
                    }
                },
            );
        }
        let mut sums = vec![0.0_f32; stride];
        for (y, out) in image.pixels_mut().chunks_exact_mut(stride).enumerate() {
            vectorize(
                #[inline(always)]
                || {
                    sums.fill(0.0);
                    for (k, &weight) in weights.iter().enumerate() {
                        let from = mirrored(y as isize + k as isize - half, height) * stride;
                        let from = &across[from..from + stride];
                        sums.iter_mut().zip(from).for_each(|(sum, x)| *sum += weight * x);
                    }
                    let bytes = out.iter_mut().zip(&sums);
                    bytes.for_each(|(out, sum)| *out = sum.round_ties_even() as u8);
                },
            );
        }
        Ok(image)
    }
}

/// Smooths every picture with a σ that is drawn from a range, 0.1 to 2 pixels unless you say otherwise.
///
/// ```
/// use gradus_data::vision::{Augment, GaussianBlur, Image};
/// use gradus_tensor::Rng;
/// let flat = Image::filled([9, 9], &[7, 8, 9])?;
/// assert_eq!(GaussianBlur::new(5)?.apply(flat.clone(), &mut Rng::new(0))?, flat);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussianBlur {
    kernel: usize,
    sigma: Range,
}

impl GaussianBlur {
    /// A kernel of so many pixels.
    ///
    /// # Errors
    /// [`Error::Value`] unless the kernel is odd and at most 1023.
    pub fn new(kernel: usize) -> Result<Self> {
        Blur::new(kernel, 1.0)?;
        Ok(Self { kernel, sigma: Range { low: 0.1, high: 2.0 } })
    }

    /// The range of σ, in pixels.
    ///
    /// # Errors
    /// [`Error::Value`] unless both are finite and at least 1/1000, the smaller first.
    pub fn sigma(self, sigma: [f64; 2]) -> Result<Self> {
        let bounds = [1e-3, f64::INFINITY];
        Ok(Self { sigma: Range::new("GaussianBlur::sigma", "sigma", sigma, bounds)?, ..self })
    }
}

impl Augment for GaussianBlur {
    type Change = Blur;

    fn draw(&self, _size: Size, rng: &mut Rng) -> Result<Blur> {
        Blur::new(self.kernel, self.sigma.draw(rng))
    }
}
