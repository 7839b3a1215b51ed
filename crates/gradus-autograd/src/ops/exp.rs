//! The exponential function: `y = eˣ`, `dy/dx = y`.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Exp;

impl<T: Float> Function<T> for Exp {
    const NAME: &'static str = "exp";
    const NEEDS: Needs = Needs::Output;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.exp()
    }

    #[inline(always)]
    fn slope(&self, y: T) -> T {
        y
    }

    fn slope_var(&self, y: &Var<T>) -> Result<Var<T>> {
        Ok(y.clone())
    }
}

impl<T: Float> Var<T> {
    /// `e` to the power of each element.
    pub fn exp(&self) -> Var<T> {
        pointwise!(Exp, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("exp", |x| Ok(x[0].exp()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .check();
    }
}
