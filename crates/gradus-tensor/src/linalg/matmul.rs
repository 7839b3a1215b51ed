//! The product of matrices, and of stacks of matrices.
//!
//! `C[…, i, j] = Σₖ A[…, i, k] B[…, k, j]`. The axes before the last two are broadcast.

use smallvec::SmallVec;

use super::product::work;
use super::{Epilogue, Matrix, MatrixMut, gemm};
use crate::elementwise::Walk;
use crate::layout::{Dims, Layout, broadcast_shape};
use crate::threads::for_each_piece;
use crate::{Error, Float, Result, Tensor, concrete};

/// Multiplications that make a piece of work for one thread.
const PIECE: usize = 1 << 19;

impl<T: Float> Tensor<T> {
    /// The product of two matrices `[m, k]` and `[k, n]`, or of two stacks of matrices whose
    /// leading axes broadcast.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<f32>::ones([8, 2, 3]);
    /// let w = Tensor::<f32>::ones([3, 4]);
    /// let y = x.matmul(&w)?;
    /// assert_eq!(y.shape(), [8, 2, 4]);
    /// assert_eq!(y.get([0, 0, 0])?, 3.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if one of them is no matrix, or if the first has not as many columns as
    /// the second has rows; [`Error::Broadcast`] if the leading axes do not fit.
    pub fn matmul(&self, other: &Tensor<T>) -> Result<Tensor<T>> {
        concrete!(matmul: fn(&Tensor<T>, &Tensor<T>) -> Result<Tensor<T>>)(self, other)
    }
}

fn matmul<T: Float>(a: &Tensor<T>, b: &Tensor<T>) -> Result<Tensor<T>> {
    let op = "matmul";
    for side in [a, b] {
        if side.rank() < 2 {
            let wanted = "at least two axes (unsqueeze turns a vector into a row or a column)";
            return Err(Error::shape(op, side.shape(), wanted));
        }
    }
    let (lead_a, [m, k]) = split(a.shape());
    let (lead_b, [rows, n]) = split(b.shape());
    if k != rows {
        let wanted =
            format!("{k} rows (axis -2), as many as {:?} has columns (axis -1)", a.shape());
        return Err(Error::shape(op, b.shape(), wanted));
    }
    // One matrix on the right: the stack on the left is one tall matrix.
    if lead_b.is_empty() && !lead_a.is_empty() {
        let mut shape = Dims::from_slice(lead_a);
        shape.extend([m, n]);
        let tall: usize = lead_a.iter().product::<usize>() * m;
        return matmul(&a.reshape([tall, k])?, b)?.reshape(shape);
    }
    let mut shape = broadcast_shape(op, lead_a, lead_b)?;
    let batches: usize = shape.iter().product();
    let lead = shape.clone();
    shape.extend([m, n]);
    let layout = Layout::with_room::<T>(op, &shape)?;
    if layout.len() == 0 {
        return Ok(Tensor::build(layout, |_| ()));
    }
    let starts = [batch_offsets(a, &lead)?, batch_offsets(b, &lead)?];
    Ok(Tensor::build(layout, |out| {
        let sizes = [m, k, n];
        let one = |i: usize, c: &mut [T], parallel: bool| {
            let (a, b) = (matrix(a, starts[0][i]), matrix(b, starts[1][i]));
            gemm(sizes, a, b, MatrixMut::rows(c, n), Epilogue::default(), parallel);
        };
        if batches == 1 {
            one(0, out, true);
        } else {
            // As many matrices at a time as make a piece of work.
            let some = (PIECE / work(sizes).max(1)).clamp(1, batches);
            let work = |piece: usize, c: &mut [T]| {
                for (i, c) in c.chunks_mut(m * n).enumerate() {
                    one(piece * some + i, c, false);
                }
            };
            for_each_piece(out, some * m * n, work);
        }
    }))
}

/// The leading axes and the two of the matrix.
fn split(shape: &[usize]) -> (&[usize], [usize; 2]) {
    let lead = shape.len() - 2;
    (&shape[..lead], [shape[lead], shape[lead + 1]])
}

/// Where each matrix of the stack starts, with the leading axes broadcast to `lead`.
fn batch_offsets<T: Float>(stack: &Tensor<T>, lead: &[usize]) -> Result<SmallVec<[usize; 8]>> {
    let axes = stack.rank() - 2;
    let own = Layout {
        shape: Dims::from_slice(&stack.shape()[..axes]),
        strides: stack.strides()[..axes].into(),
        offset: stack.layout.offset,
    };
    let own = own.broadcast("matmul", lead)?;
    let walk = Walk::new(&Layout::checked("matmul", lead)?, [&own]);
    let [stride] = walk.strides();
    let mut offsets = SmallVec::new();
    walk.rows(0, lead.iter().product(), &mut |_, n, [start]| {
        offsets.extend((0..n as isize).map(|i| (start as isize + i * stride) as usize));
    });
    Ok(offsets)
}

/// One matrix of a stack, which starts at `offset`.
pub(super) fn matrix<T: Float>(stack: &Tensor<T>, offset: usize) -> Matrix<'_, T> {
    let [row, column] = [stack.rank() - 2, stack.rank() - 1].map(|axis| stack.strides()[axis]);
    Matrix { values: stack.buffer.as_slice(), offset, strides: [row, column] }
}
