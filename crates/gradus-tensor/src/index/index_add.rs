//! `x[…, index[j], …] += source[…, j, …]` for every `j` (`torch.index_add`): what
//! [`select`](Tensor::select) read is added back where it came from, its derivative.

use super::around::Around;
use super::checked_list;
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece};
use crate::{Error, Number, Result, Tensor, concrete};

impl<T: Number> Tensor<T> {
    /// Adds the part of `source` with index `j` on `axis` to the part of this tensor with index
    /// `index[j]`. Where the list names an index several times, their parts are added in the order
    /// of the list, on any number of threads.
    ///
    /// Copies the elements first if other tensors share them.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let mut x = Tensor::<f32>::zeros([3, 2]);
    /// let rows = Tensor::from_vec(vec![1.0, 2.0, 10.0, 20.0], [2, 2])?;
    /// x.index_add(0, &Tensor::vector([2, 2]), &rows)?;
    /// assert_eq!(x.to_vec(), [0.0, 0.0, 0.0, 0.0, 11.0, 22.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Shape`] if `index` is not of rank 1 or
    /// `source` has not the shape of this tensor with `index.len()` elements on `axis`,
    /// [`Error::Index`] if an index is negative or too large. The tensor is then unchanged.
    pub fn index_add(
        &mut self,
        axis: isize,
        index: &Tensor<i64>,
        source: &Tensor<T>,
    ) -> Result<()> {
        type Kernel<T> = fn(&mut Tensor<T>, isize, &Tensor<i64>, &Tensor<T>) -> Result<()>;
        concrete!(Number, Tensor::add_parts: Kernel<T>)(self, axis, index, source)
    }

    fn add_parts(&mut self, axis: isize, index: &Tensor<i64>, source: &Tensor<T>) -> Result<()> {
        let op = "index_add";
        let axis = self.layout.axis(op, axis)?;
        let dim = self.shape()[axis];
        let list = checked_list(op, index, axis, dim)?;
        let mut shape = self.layout.shape.clone();
        shape[axis] = list.len();
        if source.shape() != shape.as_slice() {
            let wanted = format!(
                "{shape:?}, the shape of the tensor with one element per index on axis {axis}"
            );
            return Err(Error::shape(op, source.shape(), wanted));
        }
        if source.is_empty() {
            return Ok(());
        }
        // By target first, so that a thread finds those in its piece, then in the order of the list.
        let mut pairs: Vec<(usize, usize)> =
            list.into_iter().enumerate().map(|(from, to)| (to, from)).collect();
        pairs.sort_unstable();
        // After this the elements are dense and belong to this tensor alone.
        self.as_dense_mut();
        let around = Around::new(source, axis, &self.layout.order());
        let run = around.inner_len;
        let rows = (PIECE / run).max(1);
        for_each_piece(self.as_dense_mut(), rows * run, |i, out| {
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    let (mut row, end) = (i * rows, i * rows + out.len() / run);
                    while row < end {
                        // The rows of one outer index that lie in this piece.
                        let low = row % dim;
                        let high = dim.min(low + end - row);
                        let start = around.start(row / dim);
                        let first = pairs.partition_point(|&(to, _)| to < low);
                        for &(to, from) in pairs[first..].iter().take_while(|p| p.0 < high) {
                            let at = (row - i * rows + to - low) * run;
                            let add = |o: &mut T, x: T| *o = o.plus(x);
                            around.each(start, from, 0, &mut out[at..at + run], add);
                        }
                        row += high - low;
                    }
                },
            );
        });
        Ok(())
    }
}
