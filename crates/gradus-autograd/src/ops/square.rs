//! The square: `y = x²`, `dy/dx = 2x`.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Square;

impl<T: Float> Function<T> for Square {
    const NAME: &'static str = "square";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x * x
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        x + x
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(x.scale(T::from_f64(2.0)))
    }
}

impl<T: Float> Var<T> {
    /// The square of each element.
    pub fn square(&self) -> Var<T> {
        pointwise!(Square, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("square", |x| Ok(x[0].square()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
        Cases::new("square by mul", |x| Ok(x[0].square()))
            .equals(|x| x[0].mul(&x[0]))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
