//! The logistic function.

use super::exp_f32;

/// The logistic function for a single: `1 / (1 + e^-x)`, within 4 ulp.
#[inline(always)]
pub fn sigmoid_f32(x: f32) -> f32 {
    1.0 / (1.0 + exp_f32(-x))
}

/// The logistic function for a double: `1 / (1 + e^-x)`.
#[inline(always)]
pub fn sigmoid_f64(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::tests::worst;

    #[test]
    fn within_bounds() {
        assert!(worst(sigmoid_f32, sigmoid_f64) <= 4.0);
        assert_eq!(sigmoid_f32(f32::NEG_INFINITY), 0.0);
        assert_eq!(sigmoid_f32(f32::INFINITY), 1.0);
        assert!(sigmoid_f32(f32::NAN).is_nan());
    }
}
