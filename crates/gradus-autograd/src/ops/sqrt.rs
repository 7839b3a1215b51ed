//! The square root: `y = √x`, `dy/dx = 1 / (2y)`. NaN for negative numbers; at 0 the derivative is
//! infinite.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Sqrt;

impl<T: Float> Function<T> for Sqrt {
    const NAME: &'static str = "sqrt";
    const NEEDS: Needs = Needs::Output;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.sqrt()
    }

    #[inline(always)]
    fn slope(&self, y: T) -> T {
        T::from_f64(0.5) / y
    }

    fn slope_var(&self, y: &Var<T>) -> Result<Var<T>> {
        Ok(y.reciprocal().scale(T::from_f64(0.5)))
    }
}

impl<T: Float> Var<T> {
    /// The square root of each element; NaN for negative ones. The derivative at zero is infinite.
    pub fn sqrt(&self) -> Var<T> {
        pointwise!(Sqrt, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::positive};

    #[test]
    fn properties() {
        Cases::new("sqrt", |x| Ok(x[0].sqrt()))
            .on("a matrix", [positive([3, 4], 1)])
            .on("one number", [positive([0_usize; 0], 2)])
            .on("no elements", [positive([0, 2], 3)])
            .on("odd sizes", [positive([1, 5, 3], 4)])
            .check();
    }
}
