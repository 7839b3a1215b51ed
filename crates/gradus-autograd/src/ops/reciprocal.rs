//! `y = 1/x`, `dy/dx = -y²`. An infinity at 0.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Reciprocal;

impl<T: Float> Function<T> for Reciprocal {
    const NAME: &'static str = "reciprocal";
    const NEEDS: Needs = Needs::Output;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        T::ONE / x
    }

    #[inline(always)]
    fn slope(&self, y: T) -> T {
        -(y * y)
    }

    fn slope_var(&self, y: &Var<T>) -> Result<Var<T>> {
        Ok(y.square().scale(-T::ONE))
    }
}

impl<T: Float> Var<T> {
    /// One divided by each element.
    pub fn reciprocal(&self) -> Var<T> {
        pointwise!(Reciprocal, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::away_from_zero};

    #[test]
    fn properties() {
        Cases::new("reciprocal", |x| Ok(x[0].reciprocal()))
            .on("a matrix", [away_from_zero([3, 4], 1)])
            .on("one number", [away_from_zero([0_usize; 0], 2)])
            .on("no elements", [away_from_zero([0, 2], 3)])
            .on("odd sizes", [away_from_zero([1, 5, 3], 4)])
            .check();
    }
}
