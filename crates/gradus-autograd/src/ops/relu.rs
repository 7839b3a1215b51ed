//! The rectified linear unit: `y = max(x, 0)`, `dy/dx` = 1 where `x > 0`, else 0.
//!
//! The kink at 0 has no derivative; 0 is used there. The sign of `y` tells which side `x` was on, so
//! only `y` is kept. (Nair and Hinton, *Rectified linear units improve restricted Boltzmann machines*,
//! 2010.)

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Relu;

impl<T: Float> Function<T> for Relu {
    const NAME: &'static str = "relu";
    const NEEDS: Needs = Needs::Output;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        // Not `x > 0`: a NaN stays one.
        if x <= T::ZERO { T::ZERO } else { x }
    }

    #[inline(always)]
    fn slope(&self, y: T) -> T {
        if y > T::ZERO { T::ONE } else { T::ZERO }
    }

    fn slope_var(&self, y: &Var<T>) -> Result<Var<T>> {
        Ok(Var::constant(y.value().map(|y| Function::slope(self, y))))
    }
}

impl<T: Float> Var<T> {
    /// Each element where it is positive, zero elsewhere. The derivative at zero is zero.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let y = Var::from(Tensor::vector([-1.0_f32, 2.0])).relu();
    /// assert_eq!(y.value().to_vec(), [0.0, 2.0]);
    /// ```
    pub fn relu(&self) -> Var<T> {
        pointwise!(Relu, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::away_from_zero};

    #[test]
    fn properties() {
        Cases::new("relu", |x| Ok(x[0].relu()))
            .on("a matrix", [away_from_zero([3, 4], 1)])
            .on("one number", [away_from_zero([0_usize; 0], 2)])
            .on("no elements", [away_from_zero([0, 2], 3)])
            .on("odd sizes", [away_from_zero([1, 5, 3], 4)])
            .check();
    }
}
