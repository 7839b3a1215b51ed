//! The logistic function: `y = 1 / (1 + e⁻ˣ)`, `dy/dx = y (1 - y)`.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Sigmoid;

impl<T: Float> Function<T> for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const NEEDS: Needs = Needs::Output;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.sigmoid()
    }

    #[inline(always)]
    fn slope(&self, y: T) -> T {
        y * (T::ONE - y)
    }

    fn slope_var(&self, y: &Var<T>) -> Result<Var<T>> {
        y.mul(&y.affine(-T::ONE, T::ONE))
    }
}

impl<T: Float> Var<T> {
    /// The logistic function `1 / (1 + e⁻ˣ)` of each element.
    pub fn sigmoid(&self) -> Var<T> {
        pointwise!(Sigmoid, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("sigmoid", |x| Ok(x[0].sigmoid()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
        Cases::new("sigmoid by exp", |x| Ok(x[0].sigmoid()))
            .equals(|x| Ok(x[0].scale(-1.0).exp().shift(1.0).reciprocal()))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
