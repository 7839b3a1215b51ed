//! The difference of two tensors, with broadcasting: `z = x - y`, `x̄ = z̄`, `ȳ = -z̄`, each summed
//! over the axes that were broadcast.

use gradus_tensor::{Float, Tensor};

use crate::{At, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Sub;

impl<T: Float> Op<T> for Sub {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "sub";

    fn forward(&self, [x, y]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(x.sub(y)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([
            at.want(0, || grad.sum_to(at.shape(0)))?,
            at.want(1, || Ok(-grad.sum_to(at.shape(1))?))?,
        ])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }
}

impl<T: Float> Var<T> {
    /// The difference, element by element, with broadcasting.
    ///
    /// # Errors
    /// If the shapes do not broadcast together.
    pub fn sub(&self, other: &Var<T>) -> Result<Var<T>> {
        apply!(Sub, [self, other])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("sub", |x| x[0].sub(&x[1]))
            .equals(|x| x[0].add(&x[1].scale(-1.0)))
            .on("equal shapes", [normal([2, 3], 1), normal([2, 3], 2)])
            .on("a row and a column", [normal([1, 3], 1), normal([2, 1], 2)])
            .on("a number and a matrix", [normal([0_usize; 0], 1), normal([2, 3], 2)])
            .on("no elements", [normal([0, 3], 1), normal([3], 2)])
            .refuses(
                "shapes that do not fit",
                [normal([2, 3], 1), normal([2, 4], 2)],
                "sub: shapes [2, 3] and [2, 4] do not broadcast",
            )
            .check();
    }
}
