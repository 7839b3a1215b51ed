//! `y = ln(1 + x)`, precise near 0; `dy/dx = 1 / (1 + x)`. NaN below -1, minus infinity at -1.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Ln1p;

impl<T: Float> Function<T> for Ln1p {
    const NAME: &'static str = "ln_1p";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.ln_1p()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        T::ONE / (T::ONE + x)
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(x.shift(T::ONE).reciprocal())
    }
}

impl<T: Float> Var<T> {
    /// `ln(1 + x)` for each element, precise near zero; NaN below -1.
    pub fn ln_1p(&self) -> Var<T> {
        pointwise!(Ln1p, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::positive};

    #[test]
    fn properties() {
        Cases::new("ln_1p", |x| Ok(x[0].ln_1p()))
            .on("a matrix", [positive([3, 4], 1)])
            .on("one number", [positive([0_usize; 0], 2)])
            .on("no elements", [positive([0, 2], 3)])
            .on("odd sizes", [positive([1, 5, 3], 4)])
            .check();
    }
}
