//! The sine of angles in radians: `y = sin x`, `dy/dx = cos x`.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Sin;

impl<T: Float> Function<T> for Sin {
    const NAME: &'static str = "sin";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.sin()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        x.cos()
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(x.cos())
    }
}

impl<T: Float> Var<T> {
    /// The sine of each element, in radians.
    pub fn sin(&self) -> Var<T> {
        pointwise!(Sin, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("sin", |x| Ok(x[0].sin()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
    }
}
