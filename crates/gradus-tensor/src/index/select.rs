//! `y[…, j, …] = x[…, index[j], …]`: the elements at a list of indices on one axis, in the order of
//! the list (`torch.index_select`). Rows of an embedding table, a shuffled batch.

use super::around::Around;
use super::checked_list;
use crate::join::memory_order;
use crate::layout::Layout;
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Result, Tensor, concrete};

impl<T: Element> Tensor<T> {
    /// The elements at the given indices on `axis`, in the order of the list, which may name an
    /// index many times or never. The result has as many elements on `axis` as the list.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<i64>::arange(6).reshape([3, 2])?;
    /// let rows = x.select(0, &Tensor::vector([2, 0, 2]))?;
    /// assert_eq!(rows.to_vec(), [4, 5, 0, 1, 4, 5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if there is no such axis,
    /// [`Error::Shape`](crate::Error::Shape) if `index` is not of rank 1,
    /// [`Error::Index`](crate::Error::Index) if an index is negative or too large.
    pub fn select(&self, axis: isize, index: &Tensor<i64>) -> Result<Tensor<T>> {
        fn bits<T: Element>(x: &Tensor<T>, axis: isize, index: &Tensor<i64>) -> Result<Tensor<T>> {
            type Kernel<T> = fn(&Tensor<T>, isize, &Tensor<i64>) -> Result<Tensor<T>>;
            concrete!(Bits, Tensor::selected: Kernel<T>)(x, axis, index)
        }
        bits(self.bits(), axis, index).map(Self::of_bits)
    }

    fn selected(&self, axis: isize, index: &Tensor<i64>) -> Result<Tensor<T>> {
        let op = "select";
        let axis = self.layout.axis(op, axis)?;
        let list = checked_list(op, index, axis, self.shape()[axis])?;
        let mut shape = self.layout.shape.clone();
        shape[axis] = list.len();
        Layout::with_room::<T>(op, &shape)?;
        let order = memory_order(&self.layout);
        let around = Around::new(self, axis, &order);
        // A piece is some whole runs, or a part of one.
        let run = around.inner_len.max(1);
        let size = if run < PIECE { PIECE / run * run } else { PIECE };
        Ok(Tensor::build(Layout::dense(&shape, &order), |out| {
            for_each_piece(out, size, |i, mut out| {
                let (mut row, mut from) = (i * size / run, i * size % run);
                let mut start = around.start(row / list.len());
                while !out.is_empty() {
                    let (now, rest) = out.split_at_mut((run - from).min(out.len()));
                    around.each(start, list[row % list.len()], from, now, |o, x| *o = x);
                    (out, from) = (rest, 0);
                    row += 1;
                    if row % list.len() == 0 && !out.is_empty() {
                        start = around.start(row / list.len());
                    }
                }
            });
        }))
    }
}
