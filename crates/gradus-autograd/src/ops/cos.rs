//! The cosine of angles in radians: `y = cos x`, `dy/dx = -sin x`.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Cos;

impl<T: Float> Function<T> for Cos {
    const NAME: &'static str = "cos";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.cos()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        -x.sin()
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(x.sin().scale(-T::ONE))
    }
}

impl<T: Float> Var<T> {
    /// The cosine of each element, in radians.
    pub fn cos(&self) -> Var<T> {
        pointwise!(Cos, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("cos", |x| Ok(x[0].cos()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
    }
}
