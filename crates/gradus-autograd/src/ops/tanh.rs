//! The hyperbolic tangent: `y = tanh x`, `dy/dx = 1 - y²`.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Tanh;

impl<T: Float> Function<T> for Tanh {
    const NAME: &'static str = "tanh";
    const NEEDS: Needs = Needs::Output;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.tanh()
    }

    #[inline(always)]
    fn slope(&self, y: T) -> T {
        T::ONE - y * y
    }

    fn slope_var(&self, y: &Var<T>) -> Result<Var<T>> {
        Ok(y.mul(y)?.affine(-T::ONE, T::ONE))
    }
}

impl<T: Float> Var<T> {
    /// The hyperbolic tangent of each element.
    pub fn tanh(&self) -> Var<T> {
        pointwise!(Tanh, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("tanh", |x| Ok(x[0].tanh()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
        Cases::new("tanh by exp", |x| Ok(x[0].tanh()))
            .equals(|x| {
                let e = x[0].scale(2.0).exp();
                e.shift(-1.0).div(&e.shift(1.0))
            })
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
