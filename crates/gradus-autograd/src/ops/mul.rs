//! The product of two tensors, element by element, with broadcasting: `z = x y`, `x̄ = z̄ y`,
//! `ȳ = z̄ x`, each summed over the axes that were broadcast.

use gradus_tensor::{Float, Tensor};

use crate::inplace::onto;
use crate::{At, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Mul;

impl<T: Float> Op<T> for Mul {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "mul";

    fn forward(&self, [x, y]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(x.mul(y)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([
            at.want(0, || grad.mul(&at.input(1)?)?.sum_to(at.shape(0)))?,
            at.want(1, || grad.mul(&at.input(0)?)?.sum_to(at.shape(1)))?,
        ])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        // Where nothing was broadcast, nothing is summed.
        if at.shape(0) != at.shape(1) {
            return at.formula(self, grad);
        }
        let dy = at.want(1, || Ok(grad.mul(at.value(0)?)?))?;
        Ok([at.want(0, || onto("mul", grad, at.value(1)?, |g, y| g * y))?, dy])
    }

    /// Each factor for the gradient of the other.
    fn keeps(&self, wanted: &[bool]) -> Keeps {
        Keeps::input(1).when(wanted[0]) | Keeps::input(0).when(wanted[1])
    }
}

impl<T: Float> Var<T> {
    /// The product, element by element, with broadcasting.
    ///
    /// # Errors
    /// If the shapes do not broadcast together.
    pub fn mul(&self, other: &Var<T>) -> Result<Var<T>> {
        apply!(Mul, [self, other])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("mul", |x| x[0].mul(&x[1]))
            .on("equal shapes", [normal([2, 3], 1), normal([2, 3], 2)])
            .on("a row and a column", [normal([1, 3], 1), normal([2, 1], 2)])
            .on("a number and a matrix", [normal([0_usize; 0], 1), normal([2, 3], 2)])
            .on("no elements", [normal([0, 3], 1), normal([3], 2)])
            .refuses(
                "shapes that do not fit",
                [normal([2, 3], 1), normal([2, 4], 2)],
                "mul: shapes [2, 3] and [2, 4] do not broadcast",
            )
            .check();
        cases!("square", |x| x[0].mul(&x[0])).on("a matrix", [normal([2, 3], 1)]).check();
    }
}
