//! `y[…, i, …] = Σ_{j ≤ i} x[…, j, …]`: running sums.

use crate::{Number, Result, Tensor, concrete};

impl<T: Number> Tensor<T> {
    /// The sum of each element along `axis` and all before it, added one by one from the first.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::vector([1_i64, 2, 3]).cumsum(0)?.to_vec(), [1, 3, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if there is no such axis.
    pub fn cumsum(&self, axis: isize) -> Result<Tensor<T>> {
        fn kernel<T: Number>(x: &Tensor<T>, axis: isize) -> Result<Tensor<T>> {
            let size = x.shape()[x.layout.axis("cumsum", axis)?];
            x.map_lanes("cumsum", axis, size, |lane, out| {
                let mut sum = T::ZERO;
                for (o, &x) in out.iter_mut().zip(lane) {
                    sum = sum.plus(x);
                    *o = sum;
                }
            })
        }
        concrete!(Number, kernel: fn(&Tensor<T>, isize) -> Result<Tensor<T>>)(self, axis)
    }
}
