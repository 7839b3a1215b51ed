//! Sums, means and variances; counts of what is true. Floats are added up as in [`sums`](crate::sums).

use super::fold::Fold;
use crate::layout::Layout;
use crate::{Float, Number, Result, Tensor, concrete};

impl<T: Number> Tensor<T> {
    /// The sum of all elements, as a tensor of rank 0; zero if there are none. Of whole numbers it is an `i64`
    /// (which wraps around), of floats it is off by at most `16 u Σ|x|` ([`sums`](crate::sums)).
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::<i64>::arange(5).sum().item()?, 10);
    /// assert_eq!(Tensor::full([300], 1_u8).sum().item()?, 300);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn sum(&self) -> Tensor<T::Sum> {
        self.over_all(summed)
    }

    /// Sums along `axes`, which stay as axes of size 1 if `keep` is set.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<i64>::arange(6).reshape([2, 3])?;
    /// assert_eq!(x.sum_axes(&[-1], false)?.to_vec(), [3, 12]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if an axis does not exist,
    /// [`Error::Value`](crate::Error::Value) if it is named twice.
    pub fn sum_axes(&self, axes: &[isize], keep: bool) -> Result<Tensor<T::Sum>> {
        let axes = self.reduced_axes("sum", axes)?;
        Ok(summed(self, &axes).without_axes(&axes, keep))
    }

    /// Sums away whatever broadcasting added, so that the result has the shape of the operand that
    /// was repeated. It is the derivative of broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) if `shape` does not broadcast to this shape.
    pub fn sum_to(&self, shape: &[usize]) -> Result<Tensor<T::Sum>> {
        if self.shape() == shape {
            return Ok(self.cast());
        }
        let new = self.rank().checked_sub(shape.len());
        let fits = |new: usize| {
            (0..shape.len()).all(|a| shape[a] == 1 || shape[a] == self.shape()[new + a])
        };
        let Some(new) = new.filter(|&new| fits(new)) else {
            let wanted = format!("a shape that {shape:?} broadcasts to");
            return Err(crate::Error::shape("sum_to", self.shape(), wanted));
        };
        let axes: Vec<usize> = (0..self.rank())
            .filter(|&a| a < new || (shape[a - new] == 1 && self.shape()[a] != 1))
            .collect();
        if self.is_empty() {
            Layout::with_room::<T::Sum>("sum_to", shape)?;
        }
        summed(self, &axes).reshape(shape)
    }
}

impl<T: Float> Tensor<T> {
    /// The mean of all elements, as a tensor of rank 0; NaN if there are none.
    pub fn mean(&self) -> Tensor<T> {
        &self.sum() / T::from_f64(self.len() as f64)
    }

    /// Means along `axes`, which stay as axes of size 1 if `keep` is set; NaN over no elements.
    ///
    /// # Errors
    /// As [`sum_axes`](Tensor::sum_axes).
    pub fn mean_axes(&self, axes: &[isize], keep: bool) -> Result<Tensor<T>> {
        let resolved = self.reduced_axes("mean", axes)?;
        let count: usize = resolved.iter().map(|&a| self.shape()[a]).product();
        Ok(&self.sum_axes(axes, keep)? / T::from_f64(count as f64))
    }

    /// Variances along `axes`: the mean square distance from the mean, with the sum divided by
    /// `n - correction`. Use 0 for the variance of the elements themselves, 1 for an unbiased
    /// estimate from a sample.
    ///
    /// As [`mean_var`](Tensor::mean_var), which is right however far the mean is from zero. NaN or infinite
    /// unless there are more than `correction` elements.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::vector([1.0_f32, 3.0]);
    /// assert_eq!(x.var_axes(&[0], false, 0)?.item()?, 1.0);
    /// assert_eq!(x.var_axes(&[0], false, 1)?.item()?, 2.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`sum_axes`](Tensor::sum_axes).
    pub fn var_axes(&self, axes: &[isize], keep: bool, correction: usize) -> Result<Tensor<T>> {
        self.reduced_axes("var", axes)?;
        type Kernel<T> = fn(&Tensor<T>, &[isize], bool, usize) -> Result<Tensor<T>>;
        concrete!(Tensor::variances: Kernel<T>)(self, axes, keep, correction)
    }
}

impl Tensor<bool> {
    /// Whether any element is true.
    pub fn any(&self) -> bool {
        self.to_vec().contains(&true)
    }

    /// Whether every element is true.
    pub fn all(&self) -> bool {
        !self.to_vec().contains(&false)
    }

    /// Where any element along `axes` is true.
    ///
    /// # Errors
    /// As [`sum_axes`](Tensor::sum_axes).
    pub fn any_axes(&self, axes: &[isize], keep: bool) -> Result<Tensor<bool>> {
        let axes = self.reduced_axes("any", axes)?;
        let fold = Fold { start: false, step: |a, x| a | x, merge: |a, b| a | b };
        Ok(self.fold(&axes, &fold).without_axes(&axes, keep))
    }

    /// Where every element along `axes` is true.
    ///
    /// # Errors
    /// As [`sum_axes`](Tensor::sum_axes).
    pub fn all_axes(&self, axes: &[isize], keep: bool) -> Result<Tensor<bool>> {
        let axes = self.reduced_axes("all", axes)?;
        let fold = Fold { start: true, step: |a, x| a & x, merge: |a, b| a & b };
        Ok(self.fold(&axes, &fold).without_axes(&axes, keep))
    }

    /// How many elements are true.
    pub fn count(&self) -> usize {
        self.to_vec().into_iter().filter(|&x| x).count()
    }
}

/// The sums along `axes`, which become axes of size 1.
fn summed<T: Number>(x: &Tensor<T>, axes: &[usize]) -> Tensor<T::Sum> {
    fn kernel<T: Number>(x: &Tensor<T>, axes: &[usize]) -> Tensor<T::Sum> {
        T::summed(x, axes)
    }
    concrete!(Number, kernel: fn(&Tensor<T>, &[usize]) -> Tensor<<T as Number>::Sum>)(x, axes)
}

/// The same for whole numbers.
pub(crate) fn sum_integers<T: Number>(
    x: &Tensor<T>,
    axes: &[usize],
    wide: impl Fn(T) -> i64 + Sync + Send,
) -> Tensor<i64> {
    let step = |sum: i64, x: T| sum.wrapping_add(wide(x));
    x.fold(axes, &Fold { start: 0, step, merge: i64::wrapping_add })
}
