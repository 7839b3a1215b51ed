//! Functions that the processor has no instruction for, as branch-free polynomials that the
//! compiler turns into vector code (see [`simd`](crate::simd)).
//!
//! `exp` splits its argument as `x = k ln 2 + r` with `|r| <= ln 2 / 2`, so that
//! `exp x = 2^k exp r`, and `exp r` is a polynomial (Cody and Waite, *Software Manual for the
//! Elementary Functions*, 1980, chapter 6). The others follow from `exp` by their definitions.
//!
//! Products and sums are rounded separately on purpose: without fused multiply-add every machine
//! computes the same bits.

/// `e^x` for a single, within 2 ulp; flushes to zero below -103.97 and to infinity above 88.72.
#[inline(always)]
pub fn exp_f32(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts: the first has few enough bits that k * HIGH is exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
    const MAGIC: f32 = 12_582_912.0;
    let clamped = if x > 89.0 { 89.0 } else { x };
    let clamped = if clamped < -104.0 { -104.0 } else { clamped };
    let shifted = clamped * LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = (clamped - k * HIGH) - k * LOW;
    // Taylor's series to r^7: the term left out is below 2^-28 at |r| = ln 2 / 2.
    let mut p = 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    let value = (p * r) * r + r + 1.0;
    // 2^k in two factors, so that subnormal results and 2^128 come out right. The wrapping sums never
    // wrap; without them a debug build would check each, and not make vector code.
    let k = (shifted.to_bits() as i32).wrapping_sub(MAGIC.to_bits() as i32);
    let half = k >> 1;
    let first = f32::from_bits((half.wrapping_add(127) << 23) as u32);
    let second = f32::from_bits((k.wrapping_sub(half).wrapping_add(127) << 23) as u32);
    value * first * second
}

/// The logistic function for a single: `1 / (1 + e^-x)`.
#[inline(always)]
pub fn sigmoid_f32(x: f32) -> f32 {
    1.0 / (1.0 + exp_f32(-x))
}

/// The logistic function for a double: `1 / (1 + e^-x)`.
#[inline(always)]
pub fn sigmoid_f64(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Hyperbolic tangent for a single: a series where `|x| < 0.3`, where the quotient would cancel,
/// and `1 - 2 / (e^2|x| + 1)` with the sign of `x` elsewhere.
#[inline(always)]
pub fn tanh_f32(x: f32) -> f32 {
    let a = x.abs();
    let far = 1.0 - 2.0 / (exp_f32(2.0 * a) + 1.0);
    let s = x * x;
    // tanh x = x - x^3/3 + 2x^5/15 - 17x^7/315 + 62x^9/2835 - 1382x^11/155925 + …
    let mut p = -1382.0 / 155_925.0;
    p = p * s + 62.0 / 2835.0;
    p = p * s - 17.0 / 315.0;
    p = p * s + 2.0 / 15.0;
    p = p * s - 1.0 / 3.0;
    let near = x + x * s * p;
    // The sign of x on both, for the sake of -0.
    (if a < 0.3 { near } else { far }).copysign(x)
}

/// The error function for a double, within 1e-15 of its value.
///
/// For `|x| < 2.5` the series `2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (1·3·5···(2n+1))` (Abramowitz and
/// Stegun 7.1.6), whose terms are all positive, so that nothing cancels; beyond, one minus the
/// continued fraction of the complement (7.1.14), worked from the inside out.
pub fn erf(x: f64) -> f64 {
    let a = x.abs();
    let value = if a.is_nan() {
        return x;
    } else if a < 2.5 {
        let mut term = a;
        let mut sum = a;
        let mut n = 1.0;
        while term > sum * 1e-17 {
            term *= 2.0 * a * a / (2.0 * n + 1.0);
            sum += term;
            n += 1.0;
        }
        std::f64::consts::FRAC_2_SQRT_PI * (-a * a).exp() * sum
    } else if a < 6.0 {
        let mut fraction = a;
        for n in (1..=60).rev() {
            fraction = a + f64::from(n) / 2.0 / fraction;
        }
        1.0 - (-a * a).exp() / (fraction * std::f64::consts::PI.sqrt())
    } else {
        1.0
    };
    value.copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distance of `got` from `want` in units of the last place of `want`.
    fn ulps(got: f32, want: f64) -> f64 {
        let want_f32 = want as f32;
        if got == want_f32 || (got.is_nan() && want.is_nan()) {
            return 0.0;
        }
        let gap =
            f64::from(f32::from_bits(want_f32.abs().to_bits() + 1)) - f64::from(want_f32.abs());
        (f64::from(got) - want).abs() / gap
    }

    fn worst(
        range: std::ops::RangeInclusive<f32>,
        f: fn(f32) -> f32,
        exact: fn(f64) -> f64,
    ) -> f64 {
        let (low, high) = (*range.start(), *range.end());
        (0..=400_000)
            .map(|i| low + (high - low) * (i as f32 / 400_000.0))
            .map(|x| ulps(f(x), exact(f64::from(x))))
            .fold(0.0, f64::max)
    }

    #[test]
    fn exp_is_within_two_ulp() {
        assert!(worst(-87.0..=88.7, exp_f32, f64::exp) <= 2.0);
        assert!(worst(-1.0..=1.0, exp_f32, f64::exp) <= 2.0);
    }

    #[test]
    fn exp_at_the_edges() {
        assert_eq!(exp_f32(0.0), 1.0);
        assert_eq!(exp_f32(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp_f32(-200.0), 0.0);
        assert_eq!(exp_f32(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp_f32(100.0), f32::INFINITY);
        assert!(exp_f32(f32::NAN).is_nan());
    }

    #[test]
    fn tanh_and_sigmoid_are_within_four_ulp() {
        assert!(worst(-12.0..=12.0, tanh_f32, f64::tanh) <= 4.0);
        assert!(worst(-0.4..=0.4, tanh_f32, f64::tanh) <= 4.0);
        assert!(worst(-80.0..=80.0, sigmoid_f32, sigmoid_f64) <= 4.0);
        assert_eq!(tanh_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert!(tanh_f32(f32::NAN).is_nan());
        assert_eq!(tanh_f32(-50.0), -1.0);
    }

    #[test]
    fn erf_meets_tabulated_values() {
        // Abramowitz and Stegun, table 7.1, and symmetry.
        for (x, want) in [
            (0.0, 0.0),
            (0.1, 0.112_462_916_018_284_9),
            (0.5, 0.520_499_877_813_046_5),
            (1.0, 0.842_700_792_949_714_9),
            (2.0, 0.995_322_265_018_952_7),
            (3.0, 0.999_977_909_503_001_4),
            (7.0, 1.0),
        ] {
            assert!((erf(x) - want).abs() < 1e-15, "erf({x}) = {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
        assert!(erf(f64::NAN).is_nan());
    }
}
