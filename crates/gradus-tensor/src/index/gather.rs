//! `y[i, j, k] = x[i, index[i, j, k], k]` (for axis 1 of three; `torch.gather`): every element of
//! the result takes its place on one axis from `index`, on the others it stays where it is.

use super::check_lanes;
use crate::elementwise::Walk;
use crate::join::memory_order;
use crate::layout::Layout;
use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Result, Tensor, concrete};

impl<T: Element> Tensor<T> {
    /// The elements that `index` names along `axis`; the result has the shape of `index`.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// // The probability that each row gives to its label.
    /// let p = Tensor::from_vec(vec![0.1_f32, 0.9, 0.7, 0.3], [2, 2])?;
    /// let labels = Tensor::from_vec(vec![1, 0], [2, 1])?;
    /// assert_eq!(p.gather(1, &labels)?.to_vec(), [0.9, 0.7]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`](crate::Error::Axis) if there is no such axis,
    /// [`Error::Shape`](crate::Error::Shape) if `index` has another rank, or more elements on
    /// another axis than `axis`, [`Error::Index`](crate::Error::Index) if an index is negative or
    /// too large.
    pub fn gather(&self, axis: isize, index: &Tensor<i64>) -> Result<Tensor<T>> {
        fn bits<T: Element>(x: &Tensor<T>, axis: isize, index: &Tensor<i64>) -> Result<Tensor<T>> {
            type Kernel<T> = fn(&Tensor<T>, isize, &Tensor<i64>) -> Result<Tensor<T>>;
            concrete!(Bits, Tensor::gathered: Kernel<T>)(x, axis, index)
        }
        bits(self.bits(), axis, index).map(Self::of_bits)
    }

    fn gathered(&self, axis: isize, index: &Tensor<i64>) -> Result<Tensor<T>> {
        let op = "gather";
        let axis = self.layout.axis(op, axis)?;
        check_lanes(op, self, axis, index)?;
        // Where index 0 on the axis lies, for each element of the result.
        let mut lanes = Layout { shape: index.layout.shape.clone(), ..self.layout.clone() };
        let step = std::mem::take(&mut lanes.strides[axis]);
        let layout = Layout::dense(index.shape(), &memory_order(&index.layout));
        let walk = Walk::new(&layout, [&index.layout, &lanes]);
        let strides = walk.strides();
        let (indices, values) = (index.buffer.as_slice(), self.buffer.as_slice());
        Ok(Tensor::build(layout, |out| {
            for_each_piece(out, PIECE, |i, piece| {
                let start = i * PIECE;
                walk.rows(start, start + piece.len(), &mut |to, n, [at, lane]| {
                    let out = &mut piece[to - start..to - start + n];
                    for (i, o) in (0_isize..).zip(out) {
                        let index = indices[(at as isize + i * strides[0]) as usize] as isize;
                        *o = values[(lane as isize + i * strides[1] + index * step) as usize];
                    }
                });
            });
        }))
    }
}
