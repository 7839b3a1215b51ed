//! The natural logarithm: `y = ln x`, `dy/dx = 1/x`. NaN for negative numbers, minus infinity for 0.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Ln;

impl<T: Float> Function<T> for Ln {
    const NAME: &'static str = "ln";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.ln()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        T::ONE / x
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(x.reciprocal())
    }
}

impl<T: Float> Var<T> {
    /// The natural logarithm of each element; NaN for negative ones, minus infinity for zero.
    pub fn ln(&self) -> Var<T> {
        pointwise!(Ln, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::positive};

    #[test]
    fn properties() {
        Cases::new("ln", |x| Ok(x[0].ln()))
            .on("a matrix", [positive([3, 4], 1)])
            .on("one number", [positive([0_usize; 0], 2)])
            .on("no elements", [positive([0, 2], 3)])
            .on("odd sizes", [positive([1, 5, 3], 4)])
            .check();
    }
}
