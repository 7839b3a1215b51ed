//! The exponential linear unit: `y = x` where `x > 0`, else `α (eˣ - 1)`; `dy/dx` is 1 or `α eˣ`.
//!
//! At 0 the derivative has a jump unless `α = 1`; `α` is used there. (Clevert, Unterthiner and
//! Hochreiter, *Fast and accurate deep network learning by exponential linear units*, 2016, equation
//! 15.)

use gradus_tensor::{Float, Tensor};

use super::pointwise::pointwise;
use crate::{Attributes, Function, Needs, Result, Var};

#[derive(Debug)]
struct Elu<T> {
    alpha: T,
}

impl<T: Float> Function<T> for Elu<T> {
    const NAME: &'static str = "elu";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        if x > T::ZERO { x } else { self.alpha * x.exp_m1() }
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        if x > T::ZERO { T::ONE } else { self.alpha * x.exp() }
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        let zero = Tensor::scalar(T::ZERO);
        let one = Var::constant(Tensor::scalar(T::ONE));
        // Clamped first, so that the exponential of what is not chosen cannot overflow.
        let below = x.clamp(T::LOWEST, T::ZERO).exp().scale(self.alpha);
        Var::choose(&x.value().greater(&zero)?, &one, &below)
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("alpha", self.alpha.to_f64())
    }
}

impl<T: Float> Var<T> {
    /// Each element where it is positive, `alpha (eˣ - 1)` elsewhere. The usual `alpha` is 1.
    pub fn elu(&self, alpha: T) -> Var<T> {
        pointwise!(Elu { alpha }, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::away_from_zero};

    #[test]
    fn properties() {
        Cases::new("elu", |x| Ok(x[0].elu(0.7)))
            .on("a matrix", [away_from_zero([3, 4], 1)])
            .on("one number", [away_from_zero([0_usize; 0], 2)])
            .on("no elements", [away_from_zero([0, 2], 3)])
            .on("odd sizes", [away_from_zero([1, 5, 3], 4)])
            .check();
    }
}
