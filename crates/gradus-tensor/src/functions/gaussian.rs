//! The standard normal distribution.

use super::{erf, exp_f32, polynomial};

/// `1 / √(2π)`.
const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// The chance `Φ(x)` that a standard normal number is below a single, within 2e-7, and the density
/// `φ(x) = e^(-x²/2) / √(2π)` there.
///
/// Beyond `a = |x|` lies `e^(-a²/2) t Q(2t - 1)` with `t = 1 / (1 + 0.275 a)`: the form of Hastings
/// (Abramowitz and Stegun 7.1.26), around the middle of the range of `t`, where the terms of `Q` are
/// small. `Q` has degree 5 and comes nearest in the largest error of `Φ`, 5e-9, by Lawson's
/// weighting of least squares over 400 Chebyshev points, as in [`erf_f32`](super::erf_f32).
#[inline(always)]
pub fn gaussian_f32(x: f32) -> [f32; 2] {
    const Q: [f32; 6] =
        [0.205_634_49, 0.158_952_43, 0.092_966_82, 0.035_732_31, 0.010_303_271, -0.003_589_310_2];
    let t = 1.0 / (1.0 + 0.275 * x.abs());
    let bell = exp_f32(-0.5 * (x * x));
    let tail = bell * (t * polynomial(2.0 * t - 1.0, Q));
    [if x > 0.0 { 1.0 - tail } else { tail }, bell * FRAC_1_SQRT_TAU as f32]
}

/// The same for a double, within 1e-15.
pub fn gaussian_f64(x: f64) -> [f64; 2] {
    let below = 0.5 + 0.5 * erf(x * std::f64::consts::FRAC_1_SQRT_2);
    [below, (-0.5 * x * x).exp() * FRAC_1_SQRT_TAU]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_bounds() {
        for x in (-100_000..=100_000).map(|i| i as f32 * 1e-4) {
            let (got, want) = (gaussian_f32(x), gaussian_f64(f64::from(x)));
            let gaps = [0, 1].map(|i| (f64::from(got[i]) - want[i]).abs());
            assert!(gaps.iter().all(|gap| *gap <= 2e-7), "{x}: {got:?}, wanted {want:?}");
        }
        assert_eq!(gaussian_f32(f32::INFINITY), [1.0, 0.0]);
        assert_eq!(gaussian_f32(f32::NEG_INFINITY), [0.0, 0.0]);
        assert!(gaussian_f32(f32::NAN).iter().all(|y| y.is_nan()));
    }
}
