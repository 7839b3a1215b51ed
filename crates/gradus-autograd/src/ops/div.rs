//! The quotient of two tensors, with broadcasting: `z = x / y`, `x̄ = z̄ / y`, `ȳ = -z̄ z / y`, each
//! summed over the axes that were broadcast. Division by zero gives an infinity or NaN.

use gradus_tensor::{Float, Tensor};

use crate::{At, In, Op, Result, Var, apply};

#[derive(Debug)]
struct Div;

impl<T: Float> Op<T> for Div {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "div";

    fn forward(&self, [x, y]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(x.div(y)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, y] = at.inputs()?;
        let share = grad.div(&y)?;
        Ok([
            at.want(0, || share.sum_to(at.shape(0)))?,
            at.want(1, || Ok(-share.mul(&x)?.div(&y)?.sum_to(at.shape(1))?))?,
        ])
    }
}

impl<T: Float> Var<T> {
    /// The quotient, element by element, with broadcasting.
    ///
    /// # Errors
    /// If the shapes do not broadcast together.
    pub fn div(&self, other: &Var<T>) -> Result<Var<T>> {
        apply!(Div, [self, other])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{
        cases,
        inputs::{away_from_zero, normal},
    };

    #[test]
    fn properties() {
        cases!("div", |x| x[0].div(&x[1]))
            .on("equal shapes", [normal([2, 3], 1), away_from_zero([2, 3], 2)])
            .on("a row and a column", [normal([1, 3], 1), away_from_zero([2, 1], 2)])
            .on("a number and a matrix", [normal([0_usize; 0], 1), away_from_zero([2, 3], 2)])
            .on("no elements", [normal([0, 3], 1), away_from_zero([3], 2)])
            .refuses(
                "shapes that do not fit",
                [normal([2, 3], 1), normal([2, 4], 2)],
                "div: shapes [2, 3] and [2, 4] do not broadcast",
            )
            .check();
    }
}
