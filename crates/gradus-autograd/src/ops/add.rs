//! The sum of two tensors, with broadcasting: `z = x + y`, `x̄ = z̄`, `ȳ = z̄`.
//!
//! Where an operand was broadcast, each of its elements was used several times, so its gradient is
//! the sum over those uses.

use gradus_tensor::{Float, Tensor};

use crate::{At, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Add;

impl<T: Float> Op<T> for Add {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "add";

    fn forward(&self, [x, y]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(x.add(y)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([at.want(0, || grad.sum_to(at.shape(0)))?, at.want(1, || grad.sum_to(at.shape(1)))?])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        let dy = at.want(1, || Ok(grad.sum_to(at.shape(1))?))?;
        // Where nothing was broadcast, it is the gradient itself.
        let dx = at.want(0, || match grad.shape() == at.shape(0) {
            true => Ok(grad),
            false => Ok(grad.sum_to(at.shape(0))?),
        })?;
        Ok([dx, dy])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }
}

impl<T: Float> Var<T> {
    /// The sum, element by element, with broadcasting.
    ///
    /// # Errors
    /// If the shapes do not broadcast together.
    pub fn add(&self, other: &Var<T>) -> Result<Var<T>> {
        apply!(Add, [self, other])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("add", |x| x[0].add(&x[1]))
            .on("equal shapes", [normal([2, 3], 1), normal([2, 3], 2)])
            .on("a row and a column", [normal([1, 3], 1), normal([2, 1], 2)])
            .on("a number and a matrix", [normal([0_usize; 0], 1), normal([2, 3], 2)])
            .on("no elements", [normal([0, 3], 1), normal([3], 2)])
            .refuses(
                "shapes that do not fit",
                [normal([2, 3], 1), normal([2, 4], 2)],
                "add: shapes [2, 3] and [2, 4] do not broadcast",
            )
            .check();
    }
}
