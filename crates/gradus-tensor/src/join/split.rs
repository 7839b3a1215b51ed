//! A tensor cut into parts along an axis. The parts are views: nothing is copied.

use crate::memory::has_room;
use crate::{Element, Error, Result, Tensor};

impl<T: Element> Tensor<T> {
    /// Parts with the given numbers of elements on `axis`, which add up to all of them.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let parts = Tensor::<i64>::arange(5).split(&[2, 3], 0)?;
    /// assert_eq!(parts[1].to_vec(), [2, 3, 4]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Value`] if the sizes do not add up to
    /// its size.
    pub fn split(&self, sizes: &[usize], axis: isize) -> Result<Vec<Tensor<T>>> {
        let index = self.layout.axis("split", axis)?;
        let dim = self.shape()[index];
        let sum = sizes.iter().fold(0_usize, |sum, &n| sum.saturating_add(n));
        if sum != dim {
            let got = format!("sizes {sizes:?}, which add up to {sum}");
            let wanted = format!("{dim}, the size of axis {index} of {:?}", self.shape());
            return Err(Error::value("split", got, wanted));
        }
        let mut start = 0;
        sizes
            .iter()
            .map(|&n| {
                start += n;
                self.slice(axis, start - n..start)
            })
            .collect()
    }

    /// At most `n` parts of equal size along `axis`, but for the last, which may be smaller: each
    /// has `⌈dim / n⌉` elements on it (as `torch.chunk`).
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let parts = Tensor::<i64>::arange(5).chunk(2, 0)?;
    /// assert_eq!((parts[0].to_vec(), parts[1].to_vec()), (vec![0, 1, 2], vec![3, 4]));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Value`] if `n` is zero, or if memory cannot
    /// hold so many parts.
    pub fn chunk(&self, n: usize, axis: isize) -> Result<Vec<Tensor<T>>> {
        let index = self.layout.axis("chunk", axis)?;
        if n == 0 {
            return Err(Error::value("chunk", "0 parts", "at least 1"));
        }
        let dim = self.shape()[index];
        let size = dim.div_ceil(n).max(1);
        let parts = dim.div_ceil(size);
        if !has_room(parts.saturating_mul(size_of::<Self>())) {
            return Err(Error::value(
                "chunk",
                format!("{parts} parts"),
                "as many as memory can hold",
            ));
        }
        let starts = (0..dim.max(1)).step_by(size);
        starts.map(|start| self.slice(axis, start..dim.min(start.saturating_add(size)))).collect()
    }
}
