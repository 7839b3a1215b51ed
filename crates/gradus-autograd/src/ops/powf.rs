//! A fixed power: `y = xᵖ`, `dy/dx = p xᵖ⁻¹`. NaN for negative `x` unless `p` is a whole number.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Attributes, Function, Needs, Result, Var};

#[derive(Debug)]
struct Powf<T> {
    exponent: T,
}

impl<T: Float> Function<T> for Powf<T> {
    const NAME: &'static str = "powf";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.powf(self.exponent)
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        // Without this test 0⁰ would give 0 · ∞.
        match self.exponent == T::ZERO {
            true => T::ZERO,
            false => self.exponent * x.powf(self.exponent - T::ONE),
        }
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(match self.exponent == T::ZERO {
            true => Var::constant(x.value().zeros_like()),
            false => x.powf(self.exponent - T::ONE).scale(self.exponent),
        })
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("exponent", self.exponent.to_f64())
    }
}

impl<T: Float> Var<T> {
    /// Each element to the power of `exponent`; NaN for negative elements unless `exponent` is a whole
    /// number.
    pub fn powf(&self, exponent: T) -> Var<T> {
        pointwise!(Powf { exponent }, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{
        Cases,
        inputs::{away_from_zero, positive},
    };

    #[test]
    fn properties() {
        Cases::new("powf", |x| Ok(x[0].powf(1.7)))
            .on("a matrix", [positive([3, 4], 1)])
            .on("one number", [positive([0_usize; 0], 2)])
            .on("no elements", [positive([0, 2], 3)])
            .on("odd sizes", [positive([1, 5, 3], 4)])
            .check();
        Cases::new("cube", |x| Ok(x[0].powf(3.0)))
            .equals(|x| x[0].mul(&x[0])?.mul(&x[0]))
            .on("either sign", [away_from_zero([3, 4], 1)])
            .check();
        // Whole powers have all their derivatives at zero.
        let x = crate::Var::leaf(gradus_tensor::Tensor::scalar(0.0_f64));
        let slope = |y: &crate::Var<f64>| crate::grad(y, [&x], None).map(|[slope]| slope);
        let third = slope(&x.powf(2.0)).and_then(|y| slope(&slope(&y)?));
        assert_eq!(third.and_then(|y| y.item()), Ok(0.0));
    }
}
