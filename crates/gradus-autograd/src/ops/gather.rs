//! Elements that whole numbers name along one axis: `y[i, j] = x[i, index[i, j]]` (for axis 1 of
//! two); the score of each row's label. And its adjoint, which adds them back where they came from.
//!
//! `gather` has the derivative `x̄[i, index[i, j]] += ȳ[i, j]`, which is `scatter_add`; for `y = x`
//! with `scatter_add` of `s` the derivatives are `x̄ = ȳ` and `s̄ = gather(ȳ)`.

use gradus_tensor::{Float, Tensor};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Gather {
    axis: isize,
    index: Tensor<i64>,
}

impl<T: Float> Op<T> for Gather {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "gather";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.gather(self.axis, &self.index)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let zeros = Var::constant(Tensor::zeros(at.shape(0)));
        Ok([Some(zeros.scatter_add(self.axis, &self.index, grad)?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let mut sums = Tensor::zeros(at.shape(0));
        sums.scatter_add(self.axis, &self.index, &grad)?;
        Ok([Some(sums)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis).with("index", &self.index)
    }
}

#[derive(Debug)]
struct ScatterAdd {
    axis: isize,
    index: Tensor<i64>,
}

impl<T: Float> Op<T> for ScatterAdd {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "scatter_add";

    fn forward(&self, [x, source]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        let mut sums = x.clone();
        sums.scatter_add(self.axis, &self.index, source)?;
        Ok(sums)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([at.want(0, || Ok(grad.clone()))?, at.want(1, || grad.gather(self.axis, &self.index))?])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis).with("index", &self.index)
    }
}

impl<T: Float> Var<T> {
    /// The elements that `index` names along `axis`; the result has the shape of `index`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// // The probability that each row gives to its label.
    /// let p = Var::leaf(Tensor::from_vec(vec![0.1_f32, 0.9, 0.7, 0.3], [2, 2])?);
    /// let labels = Tensor::from_vec(vec![1, 0], [2, 1])?;
    /// let y = p.gather(1, &labels)?;
    /// assert_eq!(y.value().to_vec(), [0.9, 0.7]);
    /// assert_eq!(y.sum().backward()?.of(&p).unwrap().to_vec(), [0.0, 1.0, 1.0, 0.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such axis, `index` has another rank, or more elements on another axis than
    /// `axis`, or an index is negative or too large.
    pub fn gather(&self, axis: isize, index: &Tensor<i64>) -> Result<Var<T>> {
        apply!(Gather { axis, index: index.clone() }, [self])
    }

    /// This variable with every element of `source` added to the element that `index` names along
    /// `axis`. Where several meet, they are added in the order of their index on `axis`.
    ///
    /// # Errors
    /// As [`gather`](Var::gather); also if `source` has another shape than `index`.
    pub fn scatter_add(&self, axis: isize, index: &Tensor<i64>, source: &Var<T>) -> Result<Var<T>> {
        apply!(ScatterAdd { axis, index: index.clone() }, [self, source])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        let index = || Tensor::from_vec(vec![2, 0, 2, 2, 1, 1, 0, 0], [2, 4]).unwrap();
        cases!("gather", move |x| x[0].gather(-1, &index()))
            .on("equal rows", [normal([2, 3], 1)])
            .on("rows that nothing names", [normal([5, 4], 2)])
            .refuses(
                "short rows",
                [normal([2, 2], 3)],
                "gather: index 2 is out of range for axis 1",
            )
            .refuses(
                "too few rows",
                [normal([1, 3], 3)],
                "gather: got shape [2, 4], wanted indices",
            )
            .refuses(
                "a vector",
                [normal([3], 3)],
                "gather: got shape [2, 4], wanted indices of rank 1",
            )
            .check();
        cases!("gather of columns", move |x| x[0].gather(0, &index()))
            .on("a matrix", [normal([3, 5], 1)])
            .check();
        cases!("gather nothing", |x| x[0].gather(1, &Tensor::zeros([3, 0])))
            .on("a matrix", [normal([3, 5], 1)])
            .on("no elements", [normal([3, 0], 1)])
            .refuses("no axes", [normal([0_usize; 0], 1)], "gather: axis 1 is out of range")
            .check();
        cases!("scatter_add", move |x| x[0].scatter_add(1, &index(), &x[1]))
            .on("a matrix", [normal([2, 3], 1), normal([2, 4], 2)])
            .on("more rows", [normal([5, 4], 1), normal([2, 4], 2)])
            .refuses(
                "another shape",
                [normal([2, 3], 1), normal([2, 3], 2)],
                "scatter_add: got shape [2, 3], wanted [2, 4], the shape of the indices",
            )
            .check();
    }
}
