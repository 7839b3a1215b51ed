//! Triangles of matrices: `y[…, i, j] = x[…, i, j]` where `j ≤ i + diagonal` (the lower one) or
//! `j ≥ i + diagonal` (the upper one), zero or `false` elsewhere.

use crate::threads::{PIECE, for_each_piece};
use crate::{Element, Error, Result, Tensor, concrete};

impl<T: Element> Tensor<T> {
    /// The elements on and below a diagonal of the last two axes, zeros above it. Diagonal 0 is
    /// the main one, 1 the one above it, -1 the one below.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// // Which positions of a text each position may look at: itself and those before it.
    /// let causal = Tensor::full([2, 2], true).tril(0)?;
    /// assert_eq!(causal.to_vec(), [true, false, true, true]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if there are not at least two axes.
    pub fn tril(&self, diagonal: isize) -> Result<Tensor<T>> {
        fn bits<T: Element>(x: &Tensor<T>, diagonal: isize) -> Result<Tensor<T>> {
            type Kernel<T> = fn(&Tensor<T>, isize) -> Result<Tensor<T>>;
            concrete!(Bits, Tensor::lower_triangle: Kernel<T>)(x, diagonal)
        }
        bits(self.bits(), diagonal).map(Self::of_bits)
    }

    fn lower_triangle(&self, diagonal: isize) -> Result<Tensor<T>> {
        self.triangle("tril", |row, columns| {
            let end = (row as isize).saturating_add(diagonal).saturating_add(1);
            (end.clamp(0, columns as isize) as usize, columns)
        })
    }

    /// The elements on and above a diagonal of the last two axes, zeros below it. Diagonal 0 is
    /// the main one, 1 the one above it, -1 the one below.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::full([2, 2], 5_i64).triu(1)?.to_vec(), [0, 5, 0, 0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if there are not at least two axes.
    pub fn triu(&self, diagonal: isize) -> Result<Tensor<T>> {
        fn bits<T: Element>(x: &Tensor<T>, diagonal: isize) -> Result<Tensor<T>> {
            type Kernel<T> = fn(&Tensor<T>, isize) -> Result<Tensor<T>>;
            concrete!(Bits, Tensor::upper_triangle: Kernel<T>)(x, diagonal)
        }
        bits(self.bits(), diagonal).map(Self::of_bits)
    }

    fn upper_triangle(&self, diagonal: isize) -> Result<Tensor<T>> {
        self.triangle("triu", |row, columns| {
            let start = (row as isize).saturating_add(diagonal);
            (0, start.clamp(0, columns as isize) as usize)
        })
    }

    /// Sets the columns `outside(row, number of columns)` of each matrix row to zero.
    fn triangle(
        &self,
        op: &'static str,
        outside: impl Fn(usize, usize) -> (usize, usize) + Sync + Send,
    ) -> Result<Tensor<T>> {
        let [.., rows, columns] = *self.shape() else {
            return Err(Error::shape(op, self.shape(), "at least two axes"));
        };
        let mut result = self.contiguous();
        let several = (PIECE / columns.max(1)).max(1);
        for_each_piece(result.as_mut_slice(), several * columns, |i, piece| {
            for (j, row) in piece.chunks_mut(columns.max(1)).enumerate() {
                let (start, end) = outside((i * several + j) % rows, columns);
                row[start..end].fill(T::default());
            }
        });
        Ok(result)
    }
}
