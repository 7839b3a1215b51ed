//! Inputs for checks: reproducible, and away from the points where functions have kinks.

use gradus_tensor::{Rng, Tensor};

/// Numbers from the standard normal distribution.
///
/// ```
/// let x = gradus_autograd::check::inputs::normal([2, 3], 1);
/// assert_eq!(x.shape(), [2, 3]);
/// ```
pub fn normal(shape: impl AsRef<[usize]>, seed: u64) -> Tensor<f64> {
    let mut rng = Rng::new(seed);
    Tensor::random(shape, gradus_tensor::rand_distr::StandardNormal, &mut rng)
}

/// Numbers from 0.5 to 2.
pub fn positive(shape: impl AsRef<[usize]>, seed: u64) -> Tensor<f64> {
    normal(shape, seed).map(|x| 0.5 + 1.5 / (1.0 + (-2.0 * x).exp()))
}

/// Numbers of either sign whose distance from zero is from 0.5 to 2.
pub fn away_from_zero(shape: impl AsRef<[usize]>, seed: u64) -> Tensor<f64> {
    normal(shape, seed).map(|x| (0.5 + 1.5 / (1.0 + (-x.abs()).exp())).copysign(x))
}

/// Different numbers, in random order, at distances of at least 0.1: no two are tied.
pub fn distinct(shape: impl AsRef<[usize]>, seed: u64) -> Tensor<f64> {
    let n = shape.as_ref().iter().product();
    let order = Rng::new(seed).permutation(n);
    Tensor::filled_by(shape, |out| {
        out.iter_mut().zip(order).for_each(|(x, i)| *x = 0.1 * (i as f64 - n as f64 / 2.0) + 0.05);
    })
}
