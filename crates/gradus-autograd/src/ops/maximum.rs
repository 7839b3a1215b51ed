//! The larger or the smaller of each pair of elements, with broadcasting: `z = max(x, y)`.
//!
//! The gradient goes to the one that was taken, on ties to the first: `x̄ = [x ≥ y] z̄`,
//! `ȳ = [x < y] z̄`, each summed over the axes that were broadcast. A NaN on either side is taken.

use gradus_tensor::{Float, Tensor};

use crate::{At, In, Op, Result, Var, apply};

#[derive(Debug)]
struct Pick {
    larger: bool,
}

impl Pick {
    fn name(&self) -> &'static str {
        if self.larger { "maximum" } else { "minimum" }
    }

    /// Where the first was taken.
    fn first<T: Float>(&self, x: &Tensor<T>, y: &Tensor<T>) -> Result<Tensor<bool>> {
        Ok(match self.larger {
            true => x.zip(self.name(), y, |x, y| x >= y || x.is_nan())?,
            false => x.zip(self.name(), y, |x, y| x <= y || x.is_nan())?,
        })
    }
}

impl<T: Float> Op<T> for Pick {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "maximum";

    fn forward(&self, [x, y]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        Ok(if self.larger { x.maximum(y)? } else { x.minimum(y)? })
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, y] = at.values()?;
        let first = self.first(x, y)?;
        let zero = Var::constant(Tensor::scalar(T::ZERO));
        Ok([
            at.want(0, || Var::choose(&first, grad, &zero)?.sum_to(x.shape()))?,
            at.want(1, || Var::choose(&first, &zero, grad)?.sum_to(y.shape()))?,
        ])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        let [x, y] = at.values()?;
        let first = self.first(x, y)?;
        let zero = Tensor::scalar(T::ZERO);
        Ok([
            at.want(0, || Ok(first.choose(&grad, &zero)?.sum_to(x.shape())?))?,
            at.want(1, || Ok(first.choose(&zero, &grad)?.sum_to(y.shape())?))?,
        ])
    }

    fn name(&self) -> &'static str {
        Pick::name(self)
    }
}

impl<T: Float> Var<T> {
    /// The larger of each pair of elements, with broadcasting; NaN where either is NaN. On ties
    /// the gradient goes to this variable, not to `other`.
    ///
    /// # Errors
    /// If the shapes do not broadcast together.
    pub fn maximum(&self, other: &Var<T>) -> Result<Var<T>> {
        apply!(Pick { larger: true }, [self, other])
    }

    /// The smaller of each pair of elements, with broadcasting; NaN where either is NaN. On ties
    /// the gradient goes to this variable, not to `other`.
    ///
    /// # Errors
    /// If the shapes do not broadcast together.
    pub fn minimum(&self, other: &Var<T>) -> Result<Var<T>> {
        apply!(Pick { larger: false }, [self, other])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use crate::Var;
    use crate::check::{cases, inputs::distinct};

    /// Numbers that differ from all that `distinct` gives.
    fn others(shape: impl AsRef<[usize]>) -> Tensor<f64> {
        distinct(shape, 9).map(|x| x + 0.04)
    }

    #[test]
    fn properties() {
        cases!("maximum", |x| x[0].maximum(&x[1]))
            .on("equal shapes", [distinct([3, 4], 1), others([3, 4])])
            .on("a row and a column", [distinct([1, 5], 1), others([3, 1])])
            .on("a number and a matrix", [distinct([0_usize; 0], 1), others([2, 3])])
            .on("no elements", [distinct([0, 3], 1), others([3])])
            .refuses(
                "shapes that do not fit",
                [distinct([2, 3], 1), distinct([2, 4], 2)],
                "maximum: shapes [2, 3] and [2, 4] do not broadcast",
            )
            .check();
        cases!("minimum", |x| x[0].minimum(&x[1]))
            .equals(|x| Ok(-(-&x[0]).maximum(&-&x[1])?))
            .on("equal shapes", [distinct([3, 4], 1), others([3, 4])])
            .on("a row and a column", [distinct([1, 5], 1), others([3, 1])])
            .refuses(
                "shapes that do not fit",
                [distinct([2, 3], 1), distinct([2, 4], 2)],
                "minimum: shapes [2, 3] and [2, 4] do not broadcast",
            )
            .check();
    }

    #[test]
    fn on_a_tie_the_first_gets_the_gradient() {
        let (x, y) = (Var::leaf(Tensor::scalar(1.0_f32)), Var::leaf(Tensor::scalar(1.0_f32)));
        for z in [x.maximum(&y), x.minimum(&y)] {
            let gradients = z.unwrap().backward().unwrap();
            let [dx, dy] = [&x, &y].map(|v| gradients.of(v).unwrap().item().unwrap());
            assert_eq!([dx, dy], [1.0, 0.0]);
        }
    }
}
