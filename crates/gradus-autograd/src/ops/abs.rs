//! The absolute value: `y = |x|`, `dy/dx` = 1 where `x > 0`, -1 where `x < 0`. The kink at 0 has no
//! derivative; 0 is used there.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Abs;

impl<T: Float> Function<T> for Abs {
    const NAME: &'static str = "abs";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.abs()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        if x > T::ZERO {
            T::ONE
        } else if x < T::ZERO {
            -T::ONE
        } else {
            T::ZERO
        }
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(Var::constant(x.value().map(|x| Function::slope(self, x))))
    }
}

impl<T: Float> Var<T> {
    /// The absolute value of each element. The derivative at zero is zero.
    pub fn abs(&self) -> Var<T> {
        pointwise!(Abs, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::away_from_zero};

    #[test]
    fn properties() {
        Cases::new("abs", |x| Ok(x[0].abs()))
            .on("a matrix", [away_from_zero([3, 4], 1)])
            .on("one number", [away_from_zero([0_usize; 0], 2)])
            .on("no elements", [away_from_zero([0, 2], 3)])
            .on("odd sizes", [away_from_zero([1, 5, 3], 4)])
            .check();
    }
}
