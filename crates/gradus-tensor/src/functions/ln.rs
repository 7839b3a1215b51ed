//! The natural logarithm.
//!
//! The argument is split as `x = 2^k m` with `m` between `√½` and `√2`, so that
//! `ln x = k ln 2 + ln m`, and `ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …)` with
//! `s = (m - 1) / (m + 1)` (Cody and Waite, *Software Manual for the Elementary Functions*, 1980,
//! chapter 5).

use super::polynomial;

/// `ln x` for a single, within 2 ulp; minus infinity at zero, NaN below.
#[inline(always)]
pub fn ln_f32(x: f32) -> f32 {
    // ln 2 in two parts: the first has few enough bits that k * HIGH is exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    const SQRT_HALF: u32 = 0x3f35_04f3;
    // Subnormal numbers get a normal one's exponent. The wrapping sums never wrap; without them a
    // debug build would check each, and not make vector code.
    let small = x < f32::MIN_POSITIVE;
    let bits = (if small { x * 8_388_608.0 } else { x }).to_bits();
    let shifted = bits.wrapping_sub(SQRT_HALF);
    let k = (shifted as i32 >> 23).wrapping_sub(if small { 23 } else { 0 }) as f32;
    let m = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(SQRT_HALF));
    let f = m - 1.0;
    let s = f / (m + 1.0);
    let z = s * s;
    let series = polynomial(z, [2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0, 2.0 / 11.0]);
    // 2 s = f - s f, of which f is exact.
    let value = k * HIGH + (f + (k * LOW - s * (f - z * series)));
    let value = if x > 0.0 { value } else { f32::NAN };
    let value = if x == 0.0 { f32::NEG_INFINITY } else { value };
    if x == f32::INFINITY { x } else { value }
}

/// `ln (1 + x)` for a single, within 4 ulp. With `u = 1 + x` rounded, `ln u · x / (u - 1)` undoes the
/// rounding (Goldberg, *What every computer scientist should know about floating-point arithmetic*,
/// 1991, theorem 4).
#[inline(always)]
pub fn ln_1p_f32(x: f32) -> f32 {
    let u = 1.0 + x;
    let value = ln_f32(u) * (x / (u - 1.0));
    let value = if u == 1.0 { x } else { value };
    if x == f32::INFINITY { x } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::tests::worst;

    #[test]
    fn within_bounds() {
        assert!(worst(ln_f32, f64::ln) <= 2.0);
        assert!(worst(ln_1p_f32, f64::ln_1p) <= 4.0);
    }

    #[test]
    fn at_the_edges() {
        assert_eq!(ln_f32(1.0), 0.0);
        assert_eq!(ln_f32(0.0), f32::NEG_INFINITY);
        assert_eq!(ln_f32(f32::INFINITY), f32::INFINITY);
        assert!(ln_f32(-1.0).is_nan() && ln_f32(f32::NAN).is_nan());
        assert!(ln_f32(f32::NEG_INFINITY).is_nan());
        let least = f32::from_bits(1);
        assert!((f64::from(ln_f32(least)) - f64::from(least).ln()).abs() < 1e-5);
        assert_eq!(ln_1p_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(ln_1p_f32(-1.0), f32::NEG_INFINITY);
        assert_eq!(ln_1p_f32(f32::INFINITY), f32::INFINITY);
        assert!(ln_1p_f32(-2.0).is_nan() && ln_1p_f32(f32::NAN).is_nan());
        assert_eq!(ln_1p_f32(1e-30), 1e-30);
    }
}
