//! `x[i, index[i, j, k], k] += source[i, j, k]` (for axis 1 of three; `torch.scatter_add`): what
//! [`gather`](Tensor::gather) read is added back where it came from, its derivative.

use super::check_lanes;
use crate::elementwise::Walk;
use crate::layout::Layout;
use crate::threads::{PIECE, for_each_piece};
use crate::{Error, Number, Result, Tensor, concrete};

impl<T: Number> Tensor<T> {
    /// Adds every element of `source` to the element of this tensor that `index` names along
    /// `axis`. Where several meet, they are added in the order of their index on `axis`, on any
    /// number of threads.
    ///
    /// Copies the elements first if other tensors share them.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let mut x = Tensor::<f32>::zeros([3]);
    /// x.scatter_add(0, &Tensor::vector([1, 1, 2]), &Tensor::vector([1.0, 2.0, 5.0]))?;
    /// assert_eq!(x.to_vec(), [0.0, 3.0, 5.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Shape`] if `source` has another shape
    /// than `index`, or `index` another rank than this tensor or more elements on another axis
    /// than `axis`, [`Error::Index`] if an index is negative or too large. The tensor is then
    /// unchanged.
    pub fn scatter_add(
        &mut self,
        axis: isize,
        index: &Tensor<i64>,
        source: &Tensor<T>,
    ) -> Result<()> {
        type Kernel<T> = fn(&mut Tensor<T>, isize, &Tensor<i64>, &Tensor<T>) -> Result<()>;
        concrete!(Number, Tensor::add_elements: Kernel<T>)(self, axis, index, source)
    }

    fn add_elements(&mut self, axis: isize, index: &Tensor<i64>, source: &Tensor<T>) -> Result<()> {
        let op = "scatter_add";
        let axis = self.layout.axis(op, axis)?;
        check_lanes(op, self, axis, index)?;
        if source.shape() != index.shape() {
            let wanted = format!("{:?}, the shape of the indices", index.shape());
            return Err(Error::shape(op, source.shape(), wanted));
        }
        if source.is_empty() {
            return Ok(());
        }
        // After this the elements are dense and belong to this tensor alone.
        self.as_dense_mut();
        let order = self.layout.order();
        // Where index 0 on the axis lies, for each element of the source.
        let mut lanes = Layout { shape: index.layout.shape.clone(), ..self.layout.clone() };
        lanes.offset = 0;
        let step = std::mem::take(&mut lanes.strides[axis]);
        let own = Layout::dense(index.shape(), &order);
        let walk = Walk::new(&own, [&index.layout, &source.layout, &lanes]);
        let strides = walk.strides();
        let (indices, values) = (index.buffer.as_slice(), source.buffer.as_slice());
        // Indices on the axes slower than `axis` divide both into blocks that have nothing to do
        // with each other; a piece is some whole blocks.
        let outer: Vec<usize> = order.iter().copied().take_while(|&a| a != axis).collect();
        let aligned = outer.iter().all(|&a| index.shape()[a] == self.shape()[a]);
        let blocks = match aligned {
            true => outer.iter().map(|&a| self.shape()[a]).product(),
            false => 1,
        };
        let (block, source_block) = (self.len() / blocks, source.len() / blocks);
        let several = (PIECE / block.max(source_block)).max(1);
        for_each_piece(self.as_dense_mut(), several * block, |i, out| {
            let start = i * several * block;
            let from = i * several * source_block;
            let to = from + out.len() / block * source_block;
            walk.rows(from, to, &mut |_, n, [at, x, lane]| {
                for i in 0..n as isize {
                    let index = indices[(at as isize + i * strides[0]) as usize] as isize;
                    let place = (lane as isize + i * strides[2] + index * step) as usize - start;
                    let value = values[(x as isize + i * strides[1]) as usize];
                    out[place] = out[place].plus(value);
                }
            });
        });
        Ok(())
    }
}
