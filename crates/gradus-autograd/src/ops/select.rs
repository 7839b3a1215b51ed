//! The elements at a list of indices on one axis: `y[…, j, …] = x[…, index[j], …]`; rows of an
//! embedding table, a shuffled batch. And its adjoint, which adds them back where they came from.
//!
//! `select` has the derivative `x̄[…, index[j], …] += ȳ[…, j, …]`, which is `index_add`; for
//! `y = x` with `index_add` of `s` the derivatives are `x̄ = ȳ` and `s̄ = select(ȳ)`.

use gradus_tensor::{Float, Tensor};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Select {
    axis: isize,
    index: Tensor<i64>,
}

impl<T: Float> Op<T> for Select {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "select";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.select(self.axis, &self.index)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let zeros = Var::constant(Tensor::zeros(at.shape(0)));
        Ok([Some(zeros.index_add(self.axis, &self.index, grad)?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let mut sums = Tensor::zeros(at.shape(0));
        sums.index_add(self.axis, &self.index, &grad)?;
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
struct IndexAdd {
    axis: isize,
    index: Tensor<i64>,
}

impl<T: Float> Op<T> for IndexAdd {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = "index_add";

    fn forward(&self, [x, source]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        let mut sums = x.clone();
        sums.index_add(self.axis, &self.index, source)?;
        Ok(sums)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        Ok([at.want(0, || Ok(grad.clone()))?, at.want(1, || grad.select(self.axis, &self.index))?])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis).with("index", &self.index)
    }
}

impl<T: Float> Var<T> {
    /// The elements at the given indices on `axis`, in the order of the list, which may name an
    /// index many times or never. The result has as many elements on `axis` as the list.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([1.0_f32, 2.0, 3.0]));
    /// let y = x.select(0, &Tensor::vector([2, 0, 2]))?;
    /// assert_eq!(y.value().to_vec(), [3.0, 1.0, 3.0]);
    /// assert_eq!(y.sum().backward()?.of(&x).unwrap().to_vec(), [1.0, 0.0, 2.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such axis, `index` is not of rank 1, or an index is negative or too large.
    pub fn select(&self, axis: isize, index: &Tensor<i64>) -> Result<Var<T>> {
        apply!(Select { axis, index: index.clone() }, [self])
    }

    /// This variable with the part of `source` that has index `j` on `axis` added to the part that
    /// has index `index[j]`. Parts for one index are added in the order of the list.
    ///
    /// # Errors
    /// As [`select`](Var::select); also if `source` has not this shape with `index.len()` elements
    /// on `axis`.
    pub fn index_add(&self, axis: isize, index: &Tensor<i64>, source: &Var<T>) -> Result<Var<T>> {
        apply!(IndexAdd { axis, index: index.clone() }, [self, source])
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use crate::Var;
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        let list = || Tensor::vector([2, 0, 2, 1]);
        cases!("select", move |x| x[0].select(0, &list()))
            .on("rows", [normal([3, 2], 1)])
            .on("numbers", [normal([5], 2)])
            .on("empty rows", [normal([3, 0], 3)])
            .refuses("too few", [normal([2, 2], 4)], "select: index 2 is out of range for axis 0")
            .refuses("no axes", [normal([0_usize; 0], 5)], "select: axis 0 is out of range")
            .check();
        cases!("select of columns", move |x| x[0].select(-1, &list()))
            .on("three axes", [normal([2, 3, 3], 1)])
            .check();
        cases!("select nothing", |x| x[0].select(0, &Tensor::vector([])))
            .on("rows", [normal([3, 2], 1)])
            .check();
        let by_matrix = Var::from(normal([3], 1)).select(0, &Tensor::zeros([1, 1])).unwrap_err();
        assert_eq!(
            by_matrix.to_string(),
            "select: got shape [1, 1], wanted a list of indices, of rank 1"
        );
        cases!("index_add", move |x| x[0].index_add(1, &list(), &x[1]))
            .on("columns", [normal([2, 3], 1), normal([2, 4], 2)])
            .on("three axes", [normal([2, 3, 2], 1), normal([2, 4, 2], 2)])
            .on("no elements", [normal([0, 3], 1), normal([0, 4], 2)])
            .refuses(
                "another shape",
                [normal([2, 3], 1), normal([2, 3], 2)],
                "index_add: got shape [2, 3], wanted [2, 4]",
            )
            .check();
    }
}
