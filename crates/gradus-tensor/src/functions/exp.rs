//! The exponential function.
//!
//! The argument is split as `x = k ln 2 + r` with `|r| <= ln 2 / 2`, so that `exp x = 2^k exp r`, and
//! `exp r` is a polynomial (Cody and Waite, *Software Manual for the Elementary Functions*, 1980,
//! chapter 6).

use super::polynomial;

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

/// `e^x - 1` for a single, within 4 ulp: a series where `|x| < 0.5`, where the difference would
/// cancel.
#[inline(always)]
pub fn exp_m1_f32(x: f32) -> f32 {
    // Taylor's series to x^9: the term left out is below 2^-31 of the sum.
    let rest = polynomial(
        x,
        [
            0.5,
            1.0 / 6.0,
            1.0 / 24.0,
            1.0 / 120.0,
            1.0 / 720.0,
            1.0 / 5040.0,
            1.0 / 40_320.0,
            1.0 / 362_880.0,
        ],
    );
    // The sign of x for the sake of -0.
    let near = (x + x * x * rest).copysign(x);
    if x.abs() < 0.5 { near } else { exp_f32(x) - 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::tests::worst;

    #[test]
    fn within_bounds() {
        assert!(worst(exp_f32, f64::exp) <= 2.0);
        assert!(worst(exp_m1_f32, f64::exp_m1) <= 4.0);
    }

    #[test]
    fn at_the_edges() {
        assert_eq!(exp_f32(0.0), 1.0);
        assert_eq!(exp_f32(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp_f32(-200.0), 0.0);
        assert_eq!(exp_f32(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp_f32(100.0), f32::INFINITY);
        assert!(exp_f32(f32::NAN).is_nan());
        assert_eq!(exp_m1_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(exp_m1_f32(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp_m1_f32(-1e9), -1.0);
        assert!(exp_m1_f32(f32::NAN).is_nan());
    }
}
