//! The largest and smallest elements, and where they are.

use super::fold::Fold;
use crate::{Error, Number, Result, Tensor, concrete};

/// The largest or smallest elements along axes, which become axes of size 1.
type Extreme<T> = fn(&Tensor<T>, &[usize]) -> Tensor<T>;
/// Where along an axis they are.
type Place<T> = fn(&Tensor<T>, isize) -> Result<Tensor<i64>>;

impl<T: Number> Tensor<T> {
    /// The largest element, as a tensor of rank 0; NaN if any element is.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are no elements.
    pub fn max(&self) -> Result<Tensor<T>> {
        let axes: Vec<isize> = (0..self.rank() as isize).collect();
        self.max_axes(&axes, false)
    }

    /// The smallest element, as a tensor of rank 0; NaN if any element is.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are no elements.
    pub fn min(&self) -> Result<Tensor<T>> {
        let axes: Vec<isize> = (0..self.rank() as isize).collect();
        self.min_axes(&axes, false)
    }

    /// The largest elements along `axes`, which stay as axes of size 1 if `keep` is set.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<i64>::arange(6).reshape([2, 3])?;
    /// assert_eq!(x.max_axes(&[0], false)?.to_vec(), [3, 4, 5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`sum_axes`](Tensor::sum_axes); also [`Error::Shape`] over an axis without elements.
    pub fn max_axes(&self, axes: &[isize], keep: bool) -> Result<Tensor<T>> {
        let axes = self.reduced_axes("max", axes)?;
        self.not_empty_along("max", &axes)?;
        fn kernel<T: Number>(x: &Tensor<T>, axes: &[usize]) -> Tensor<T> {
            let larger = |a: T, x: T| if x > a || x.is_nan() { x } else { a };
            x.fold(axes, &Fold { start: T::LOWEST, step: larger, merge: larger })
        }
        let largest = concrete!(Number, kernel: Extreme<T>)(self, &axes);
        Ok(largest.without_axes(&axes, keep))
    }

    /// The smallest elements along `axes`, which stay as axes of size 1 if `keep` is set.
    ///
    /// # Errors
    /// As [`max_axes`](Tensor::max_axes).
    pub fn min_axes(&self, axes: &[isize], keep: bool) -> Result<Tensor<T>> {
        let axes = self.reduced_axes("min", axes)?;
        self.not_empty_along("min", &axes)?;
        fn kernel<T: Number>(x: &Tensor<T>, axes: &[usize]) -> Tensor<T> {
            let smaller = |a: T, x: T| if x < a || x.is_nan() { x } else { a };
            x.fold(axes, &Fold { start: T::HIGHEST, step: smaller, merge: smaller })
        }
        let smallest = concrete!(Number, kernel: Extreme<T>)(self, &axes);
        Ok(smallest.without_axes(&axes, keep))
    }

    /// The index of the largest element along `axis`: of the first if there are several, of the
    /// first NaN if there is one.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::vector([1.0_f32, 5.0, 5.0]).argmax(0)?.item()?, 1);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Shape`] if it has no elements.
    pub fn argmax(&self, axis: isize) -> Result<Tensor<i64>> {
        fn kernel<T: Number>(x: &Tensor<T>, axis: isize) -> Result<Tensor<i64>> {
            x.arg("argmax", axis, |x, best| x > best)
        }
        concrete!(Number, kernel: Place<T>)(self, axis)
    }

    /// The index of the smallest element along `axis`: of the first if there are several, of the
    /// first NaN if there is one.
    ///
    /// # Errors
    /// As [`argmax`](Tensor::argmax).
    pub fn argmin(&self, axis: isize) -> Result<Tensor<i64>> {
        fn kernel<T: Number>(x: &Tensor<T>, axis: isize) -> Result<Tensor<i64>> {
            x.arg("argmin", axis, |x, best| x < best)
        }
        concrete!(Number, kernel: Place<T>)(self, axis)
    }

    fn arg(
        &self,
        op: &'static str,
        axis: isize,
        better: impl Fn(T, T) -> bool + Sync + Send,
    ) -> Result<Tensor<i64>> {
        let index = self.axis(op, axis)?;
        self.not_empty_along(op, &[index])?;
        let found = self.map_lanes(op, axis, 1, |lane, out| {
            let mut best = 0;
            for (i, &x) in lane.iter().enumerate() {
                if better(x, lane[best]) || (x.is_nan() && !lane[best].is_nan()) {
                    best = i;
                }
            }
            out[0] = best as i64;
        })?;
        Ok(found.without_axes(&[index], false))
    }

    fn not_empty_along(&self, op: &'static str, axes: &[usize]) -> Result<()> {
        match axes.iter().find(|&&axis| self.shape()[axis] == 0) {
            Some(axis) => {
                Err(Error::shape(op, self.shape(), format!("at least one element on axis {axis}")))
            }
            None => Ok(()),
        }
    }
}
