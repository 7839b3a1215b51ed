//! The Gaussian error linear unit with `tanh` in place of the error function:
//! `y = x (1 + tanh u) / 2` with `u = √(2/π) (x + 0.044715 x³)`. It differs from the exact one by less
//! than 0.0005.
//!
//! `dy/dx = (1 + t) / 2 + x (1 - t²) u′ / 2` with `t = tanh u`, `u′ = √(2/π) (1 + 3 · 0.044715 x²)`.
//! (Hendrycks and Gimpel, *Gaussian error linear units*, 2016, section 2.)

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

/// `√(2/π)`.
const FACTOR: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;

#[inline(always)]
fn half<T: Float>() -> T {
    T::from_f64(0.5)
}

/// `u`.
#[inline(always)]
fn inner<T: Float>(x: T) -> T {
    T::from_f64(FACTOR) * (x + T::from_f64(CUBIC) * x * x * x)
}

#[derive(Debug)]
struct GeluTanh;

impl<T: Float> Function<T> for GeluTanh {
    const NAME: &'static str = "gelu_tanh";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        half::<T>() * x * (T::ONE + inner(x).tanh())
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        let t = inner(x).tanh();
        let steepness = T::from_f64(FACTOR) * (T::ONE + T::from_f64(3.0 * CUBIC) * x * x);
        half::<T>() * (T::ONE + t + x * (T::ONE - t * t) * steepness)
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        let (half, factor) = (half(), T::from_f64(FACTOR));
        let square = x.square();
        let t = x.mul(&square.affine(T::from_f64(FACTOR * CUBIC), factor))?.tanh();
        let steepness = square.affine(T::from_f64(3.0 * FACTOR * CUBIC), factor);
        let second = x.mul(&t.square().affine(-T::ONE, T::ONE))?.mul(&steepness)?;
        Ok(t.add(&second)?.affine(half, half))
    }
}

impl<T: Float> Var<T> {
    /// The Gaussian error linear unit, approximated with `tanh`; see also [`gelu`](Var::gelu).
    pub fn gelu_tanh(&self) -> Var<T> {
        pointwise!(GeluTanh, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("gelu_tanh", |x| Ok(x[0].gelu_tanh()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
        let x = crate::Var::constant(gradus_tensor::Tensor::linspace(-5.0, 5.0, 1001));
        let gap = x.gelu_tanh().sub(&x.gelu()).and_then(|gap| gap.abs().max());
        assert!(gap.and_then(|gap| gap.item()).is_ok_and(|gap| 0.0004 < gap && gap < 0.0005));
    }
}
