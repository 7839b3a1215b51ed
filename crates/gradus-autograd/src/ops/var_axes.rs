//! Variances along some axes: `y = Σ (x - m)² / (n - c)` with `m` the mean of the `n` elements and `c`
//! the correction: 0 for the variance of the elements themselves, 1 for an unbiased estimate from a
//! sample. NaN or infinite unless `n > c`.
//!
//! `x̄ = 2 ȳ (x - m) / (n - c)`, which follows from the operations that it is made of: the part that
//! flows through `m` is `Σ (x - m) = 0`.

use gradus_tensor::{Float, Tensor, concrete};

use crate::{Result, Var};

impl<T: Float> Var<T> {
    /// Variances along `axes`, which stay as axes of size 1 if `keep` is set: the sum of the
    /// square distances from the mean, divided by the number of elements less `correction`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::from(Tensor::vector([1.0_f32, 3.0]));
    /// assert_eq!(x.var_axes(&[0], false, 0)?.item()?, 1.0);
    /// assert_eq!(x.var_axes(&[0], false, 1)?.item()?, 2.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If an axis does not exist or is named twice.
    pub fn var_axes(&self, axes: &[isize], keep: bool, correction: usize) -> Result<Var<T>> {
        concrete!(var_axes: fn(&Var<T>, &[isize], bool, usize) -> Result<Var<T>>)(
            self, axes, keep, correction,
        )
    }
}

fn var_axes<T: Float>(x: &Var<T>, axes: &[isize], keep: bool, correction: usize) -> Result<Var<T>> {
    x.reduced_shape("var", axes, keep)?;
    let distance = centered(x, axes)?;
    let mut count = 1;
    for &axis in axes {
        count *= x.value().dim(axis)?;
    }
    let divisor = T::from_f64(count.saturating_sub(correction) as f64);
    distance.square().sum_axes(axes, keep)?.div(&Var::constant(Tensor::scalar(divisor)))
}

/// `x - m` along some axes, in two steps: a mean is a rounded number, and far from zero what it was rounded by
/// is not small beside the distances. (Chan, Golub and LeVeque, *Algorithms for computing the sample
/// variance*, 1983, eq. 1.7.)
pub(super) fn centered<T: Float>(x: &Var<T>, axes: &[isize]) -> Result<Var<T>> {
    let distance = x.sub(&x.mean_axes(axes, true)?)?;
    distance.sub(&distance.mean_axes(axes, true)?)
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("var_axes", |x| x[0].var_axes(&[0, -1], false, 1))
            .equals(|x| {
                let n = (x[0].shape()[0] * x[0].shape()[2]) as f64;
                let squares = x[0].square().mean_axes(&[0, 2], false)?;
                let variance = squares.sub(&x[0].mean_axes(&[0, 2], false)?.square())?;
                Ok(variance.scale(n / (n - 1.0)))
            })
            .on("three axes", [normal([2, 3, 4], 1)])
            .on("no channels", [normal([2, 0, 4], 1)])
            .refuses("a vector", [normal([3], 1)], "var: got axes [0, -1], with axis 0 twice")
            .refuses("no axes", [normal([0_usize; 0], 1)], "var: axis 0 is out of range")
            .check();
        cases!("var_axes", |x| x[0].var_axes(&[1], true, 0))
            .on("a matrix", [normal([3, 5], 1)])
            .check();
    }
}
