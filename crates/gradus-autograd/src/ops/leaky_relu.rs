//! The leaky rectified linear unit: `y = x` where `x > 0`, else `a x`; `dy/dx` is 1 or `a`.
//!
//! The kink at 0 has no derivative; `a` is used there. (Maas, Hannun and Ng, *Rectifier nonlinearities
//! improve neural network acoustic models*, 2013, equation 2.)

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Attributes, Function, Needs, Result, Var};

#[derive(Debug)]
struct LeakyRelu<T> {
    slope: T,
}

impl<T: Float> Function<T> for LeakyRelu<T> {
    const NAME: &'static str = "leaky_relu";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        if x > T::ZERO { x } else { self.slope * x }
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        if x > T::ZERO { T::ONE } else { self.slope }
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(Var::constant(x.value().map(|x| Function::slope(self, x))))
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("slope", self.slope.to_f64())
    }
}

impl<T: Float> Var<T> {
    /// Each element where it is positive, `slope` times it elsewhere. The usual slope is 0.01.
    pub fn leaky_relu(&self, slope: T) -> Var<T> {
        pointwise!(LeakyRelu { slope }, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::away_from_zero};

    #[test]
    fn properties() {
        Cases::new("leaky_relu", |x| Ok(x[0].leaky_relu(0.1)))
            .on("a matrix", [away_from_zero([3, 4], 1)])
            .on("one number", [away_from_zero([0_usize; 0], 2)])
            .on("no elements", [away_from_zero([0, 2], 3)])
            .on("odd sizes", [away_from_zero([1, 5, 3], 4)])
            .check();
    }
}
