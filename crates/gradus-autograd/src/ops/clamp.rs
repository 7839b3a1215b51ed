//! Limits: `y` is `x` moved into the range from `low` to `high`; `dy/dx` is 1 in the range, ends
//! included, and 0 outside.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Attributes, Function, Needs, Result, Var};

#[derive(Debug)]
struct Clamp<T> {
    low: T,
    high: T,
}

impl<T: Float> Function<T> for Clamp<T> {
    const NAME: &'static str = "clamp";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        // A NaN stays one.
        let x = if x < self.low { self.low } else { x };
        if x > self.high { self.high } else { x }
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        if x >= self.low && x <= self.high { T::ONE } else { T::ZERO }
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(Var::constant(x.value().map(|x| Function::slope(self, x))))
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("low", self.low.to_f64()).with("high", self.high.to_f64())
    }
}

impl<T: Float> Var<T> {
    /// Each element limited to the range from `low` to `high`; `high` if the range is empty. The
    /// derivative at the ends is one.
    pub fn clamp(&self, low: T, high: T) -> Var<T> {
        pointwise!(Clamp { low, high }, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::away_from_zero};

    #[test]
    fn properties() {
        Cases::new("clamp", |x| Ok(x[0].clamp(-1.5, 1.6)))
            .on("a matrix", [away_from_zero([3, 4], 1)])
            .on("one number", [away_from_zero([0_usize; 0], 2)])
            .on("no elements", [away_from_zero([0, 2], 3)])
            .on("odd sizes", [away_from_zero([1, 5, 3], 4)])
            .check();
    }
}
