//! The Gaussian error linear unit with `tanh` in place of the error function:
//! `y = x (1 + tanh u) / 2` with `u = √(2/π) (x + 0.044715 x³)`. It differs from the exact one by less
//! than 0.0005.
//!
//! `dy/dx = (1 + t) / 2 + x (1 - t²) u′ / 2` with `t = tanh u`, `u′ = √(2/π) (1 + 3 · 0.044715 x²)`.
//! (Hendrycks and Gimpel, *Gaussian error linear units*, 2016, section 2.)

use super::pointwise::pointwise;
use crate::Scalar;

/// `√(2/π)`.
const FACTOR: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;

/// `u`.
#[inline(always)]
fn inner<S: Scalar>(x: S) -> S {
    (x + S::number(CUBIC) * x * x * x) * FACTOR
}

pointwise! {
    /// The Gaussian error linear unit, approximated with `tanh`; see also [`gelu`](Self::gelu).
    GeluTanh = gelu_tanh();
    value(x) = {
        let share = S::ONE + inner(x).tanh();
        // Zero times minus infinity is zero here: the limit.
        share.if_equal(0.0, S::ZERO, x * 0.5 * share)
    };
    slope(x) = {
        let t = inner(x).tanh();
        let bend = S::ONE - t * t;
        let steepness = (S::ONE + S::number(3.0 * CUBIC) * x * x) * FACTOR;
        (S::ONE + t + bend.if_equal(0.0, S::ZERO, x * bend * steepness)) * 0.5
    };
    on normal;
}

#[cfg(test)]
mod tests {
    #[test]
    fn other_forms() {
        let x = crate::Var::constant(gradus_tensor::Tensor::linspace(-5.0, 5.0, 1001));
        let gap = x.gelu_tanh().sub(&x.gelu()).and_then(|gap| gap.abs().max());
        assert!(gap.and_then(|gap| gap.item()).is_ok_and(|gap| 0.0004 < gap && gap < 0.0005));
    }
}
