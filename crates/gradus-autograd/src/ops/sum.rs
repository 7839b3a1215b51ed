//! Sums: of all elements, along some axes, or down to the shape that was broadcast.
//!
//! `y = Σ x`, so every element of `x` gets the gradient of the sum that it went into: `x̄ = ȳ`,
//! repeated.

use gradus_tensor::{Float, Tensor, concrete};

use crate::op::total;
use crate::{At, Attributes, In, Keeps, Op, Result, Var};

/// Sums to a shape that broadcasts to the input's.
#[derive(Debug)]
struct SumTo {
    shape: Vec<usize>,
}

impl<T: Float> Op<T> for SumTo {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "sum";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.sum_to(&self.shape)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.expand(at.shape(0))?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        Ok([Some(grad.expand(at.shape(0))?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("shape", &*self.shape)
    }
}

impl<T: Float> Var<T> {
    /// The sum of all elements, of rank 0.
    pub fn sum(&self) -> Var<T> {
        concrete!(sum: fn(&Var<T>) -> Var<T>)(self)
    }

    /// Sums along `axes`, which stay as axes of size 1 if `keep` is set.
    ///
    /// # Errors
    /// If an axis does not exist or is named twice.
    pub fn sum_axes(&self, axes: &[isize], keep: bool) -> Result<Var<T>> {
        concrete!(sum_axes: fn(&Var<T>, &[isize], bool) -> Result<Var<T>>)(self, axes, keep)
    }

    /// Sums away whatever broadcasting added, down to `shape`.
    ///
    /// # Errors
    /// If `shape` does not broadcast to this shape.
    pub fn sum_to(&self, shape: &[usize]) -> Result<Var<T>> {
        concrete!(sum_to: fn(&Var<T>, &[usize]) -> Result<Var<T>>)(self, shape)
    }

    /// The mean of all elements, of rank 0; NaN if there are none.
    pub fn mean(&self) -> Var<T> {
        concrete!(mean: fn(&Var<T>) -> Var<T>)(self)
    }

    /// Means along `axes`, which stay as axes of size 1 if `keep` is set.
    ///
    /// # Errors
    /// If an axis does not exist or is named twice.
    pub fn mean_axes(&self, axes: &[isize], keep: bool) -> Result<Var<T>> {
        concrete!(mean_axes: fn(&Var<T>, &[isize], bool) -> Result<Var<T>>)(self, axes, keep)
    }

    /// The shape after a reduction along `axes`.
    pub(crate) fn reduced_shape(
        &self,
        op: &'static str,
        axes: &[isize],
        keep: bool,
    ) -> Result<Vec<usize>> {
        let mut reduced = vec![false; self.rank()];
        for &axis in axes {
            let index = self.value().axis(op, axis)?;
            if std::mem::replace(&mut reduced[index], true) {
                let got = format!("axes {axes:?}, with axis {index} twice");
                let wanted = "each axis at most once";
                return Err(gradus_tensor::Error::value(op, got, wanted).into());
            }
        }
        let sizes = self.shape().iter().zip(&reduced);
        Ok(sizes.filter(|(_, r)| keep || !**r).map(|(&n, &r)| if r { 1 } else { n }).collect())
    }
}

fn sum<T: Float>(x: &Var<T>) -> Var<T> {
    total(SumTo { shape: Vec::new() }, x, |_, x| x.sum())
}

fn sum_axes<T: Float>(x: &Var<T>, axes: &[isize], keep: bool) -> Result<Var<T>> {
    let kept = x.reduced_shape("sum", axes, true)?;
    let sum = Var::apply(SumTo { shape: kept }, [x])?;
    if keep { Ok(sum) } else { sum.reshape(x.reduced_shape("sum", axes, false)?) }
}

fn sum_to<T: Float>(x: &Var<T>, shape: &[usize]) -> Result<Var<T>> {
    if x.shape() == shape {
        return Ok(x.clone());
    }
    Var::apply(SumTo { shape: shape.to_vec() }, [x])
}

fn mean<T: Float>(x: &Var<T>) -> Var<T> {
    match sum(x).div(&Var::constant(Tensor::scalar(T::from_f64(x.len() as f64)))) {
        Ok(mean) => mean,
        Err(_) => unreachable!("a number goes with every shape"),
    }
}

fn mean_axes<T: Float>(x: &Var<T>, axes: &[isize], keep: bool) -> Result<Var<T>> {
    let sums = sum_axes(x, axes, keep)?;
    let mut count = 1;
    for &axis in axes {
        count *= x.value().dim(axis)?;
    }
    sums.div(&Var::constant(Tensor::scalar(T::from_f64(count as f64))))
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("sum", |x| Ok(x[0].sum()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .check();
        cases!("sum", |x| x[0].sum_axes(&[0, -1], false))
            .on("three axes", [normal([2, 3, 4], 1)])
            .refuses("one axis", [normal([2], 1)], "sum: got axes [0, -1], with axis 0 twice")
            .refuses("no axis", [normal([0_usize; 0], 1)], "sum: axis 0 is out of range")
            .check();
        cases!("mean", |x| x[0].mean_axes(&[1], true))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
        cases!("sum_to", |x| x[0].sum_to(&[3, 1]))
            .on("a new axis", [normal([2, 3, 4], 1)])
            .refuses("another shape", [normal([2, 4], 1)], "sum_to: got shape [2, 4]")
            .check();
    }
}
