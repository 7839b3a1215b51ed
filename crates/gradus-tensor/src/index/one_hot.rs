//! `y[…, c] = 1` where `index[…] = c`, and 0 elsewhere: class numbers as unit vectors.

use super::check_range;
use crate::layout::Layout;
use crate::{Number, Result, Tensor};

impl Tensor<i64> {
    /// A new last axis of `classes` elements, with a one at the place that each number names and
    /// zeros elsewhere.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let y: Tensor<f32> = Tensor::vector([2, 0]).one_hot(3)?;
    /// assert_eq!(y.to_vec(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) if a number is negative or not below `classes`,
    /// [`Error::TooLarge`](crate::Error::TooLarge) if memory cannot hold the result.
    pub fn one_hot<T: Number>(&self, classes: usize) -> Result<Tensor<T>> {
        let op = "one_hot";
        check_range(op, self, self.rank(), classes)?;
        let numbers = self.contiguous();
        let numbers = numbers.as_slice().unwrap_or_default();
        let mut shape = self.layout.shape.clone();
        shape.push(classes);
        Ok(Tensor::build(Layout::with_room::<T>(op, &shape)?, |out| {
            out.fill(T::ZERO);
            for (row, &class) in out.chunks_exact_mut(classes.max(1)).zip(numbers) {
                row[class as usize] = T::ONE;
            }
        }))
    }
}
