//! 16-bit floating-point numbers, widened to `f32`. Both conversions are exact.
//!
//! *Half precision* (IEEE 754-2019, binary16) has 1 bit of sign `s`, 5 of exponent `e`, 10 of
//! fraction `f`:
//!
//! * `0 < e < 31`: `(-1)^s · 2^(e-15) · (1 + f/1024)`
//! * `e = 0`: `(-1)^s · 2^-14 · f/1024`, zero and the subnormal numbers
//! * `e = 31`: infinity if `f = 0`, otherwise NaN
//!
//! *bfloat16* is the upper half of an `f32`: 1 bit of sign, 8 of exponent, 7 of fraction.

/// The half-precision number with these bits.
pub(crate) fn f16_to_f32(bits: u16) -> f32 {
    let bits = u32::from(bits);
    let (sign, exponent, fraction) = (bits >> 15, (bits >> 10) & 31, bits & 1023);
    let magnitude = match exponent {
        // f · 2^-24 has at most 10 bits, so the product is exact.
        0 => return f32::from_bits(sign << 31 | (fraction as f32 * TWO_POW_MINUS_24).to_bits()),
        31 => 255,
        // The exponents of f32 are counted from 127, these from 15.
        _ => exponent + 127 - 15,
    };
    f32::from_bits(sign << 31 | magnitude << 23 | fraction << 13)
}

/// The bfloat16 number with these bits.
pub(crate) fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

const TWO_POW_MINUS_24: f32 = 1.0 / 16_777_216.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_has_the_value_of_its_formula() {
        for bits in 0..=u16::MAX {
            let (s, e, f) = (bits >> 15, i32::from(bits >> 10 & 31), f64::from(bits & 1023));
            let sign = if s == 1 { -1.0 } else { 1.0 };
            let x = f64::from(f16_to_f32(bits));
            match e {
                31 if f == 0.0 => assert_eq!(x, sign * f64::INFINITY),
                31 => assert!(x.is_nan()),
                0 => assert_eq!(x, sign * 2.0_f64.powi(-14) * f / 1024.0),
                _ => assert_eq!(x, sign * 2.0_f64.powi(e - 15) * (1.0 + f / 1024.0)),
            }
            assert_eq!(x.is_sign_negative(), s == 1, "{bits:04x}");
        }
    }

    #[test]
    fn bfloat16_keeps_sign_and_range() {
        assert_eq!(bf16_to_f32(0x3f80), 1.0);
        assert_eq!(bf16_to_f32(0xc040), -3.0);
        assert_eq!(bf16_to_f32(0x7f80), f32::INFINITY);
        assert_eq!(bf16_to_f32(0x0001), f32::from_bits(0x0001_0000));
        assert!(bf16_to_f32(0x7fc1).is_nan());
    }
}
