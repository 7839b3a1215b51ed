//! The Gaussian error linear unit: `y = x Φ(x)` with `Φ(x) = (1 + erf(x/√2)) / 2`, the chance that a
//! standard normal number is below `x`.
//!
//! `dy/dx = Φ(x) + x φ(x)` with `φ(x) = e^(-x²/2) / √(2π)`. (Hendrycks and Gimpel, *Gaussian error
//! linear units*, 2016, section 2.)

use std::f64::consts::FRAC_1_SQRT_2;

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

/// `1 / √(2π)`.
const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

#[derive(Debug)]
pub(super) struct Gelu;

impl<T: Float> Function<T> for Gelu {
    const NAME: &'static str = "gelu";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x * x.gaussian()[0]
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        let [below, density] = x.gaussian();
        below + x * density
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        let half = T::from_f64(0.5);
        let below = x.scale(T::from_f64(FRAC_1_SQRT_2)).erf().affine(half, half);
        let density = x.square().scale(-half).exp().scale(T::from_f64(FRAC_1_SQRT_TAU));
        below.add(&x.mul(&density)?)
    }
}

impl<T: Float> Var<T> {
    /// The Gaussian error linear unit `x Φ(x)`, with the exact error function; see also
    /// [`gelu_tanh`](Var::gelu_tanh).
    pub fn gelu(&self) -> Var<T> {
        pointwise!(Gelu, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("gelu", |x| Ok(x[0].gelu()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
        Cases::new("gelu by erf", |x| Ok(x[0].gelu()))
            .equals(|x| x[0].mul(&x[0].scale(0.5_f64.sqrt()).erf().affine(0.5, 0.5)))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
