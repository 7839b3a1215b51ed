//! The hyperbolic tangent.

use super::exp_f32;

/// The hyperbolic tangent for a single, within 4 ulp: a series where `|x| < 0.3`, where the quotient would cancel,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::tests::worst;

    #[test]
    fn within_bounds() {
        assert!(worst(tanh_f32, f64::tanh) <= 4.0);
        assert_eq!(tanh_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert!(tanh_f32(f32::NAN).is_nan());
        assert_eq!(tanh_f32(-50.0), -1.0);
        assert_eq!(tanh_f32(f32::INFINITY), 1.0);
    }
}
