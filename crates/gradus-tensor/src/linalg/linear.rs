//! The affine map of a fully connected layer with what follows it: `y = activation(x Wᵀ + b)`, and
//! its gradients.
//!
//! `x` is `[…, in]`, `W` is `[out, in]`, `b` is `[out]`, `y` is `[…, out]`. With all leading axes as
//! rows and `ḡ = ȳ · activation'(y)`: `x̄ = ḡ W`, `W̄ = ḡᵀ x`, `b̄ = Σ ḡ`. (Goodfellow, Bengio and
//! Courville, *Deep Learning*, 2016, algorithm 6.4.) Bias and activation are done on the sums while
//! they are in registers; transposes are read where they lie.

use super::matmul::matrix;
use super::shared::Shared;
use super::{Epilogue, MatrixMut, gemm};
use crate::layout::{Dims, Layout};
use crate::memory::Buffer;
use crate::simd::vectorize_for;
use crate::threads::for_each_piece;
use crate::{Activation, Error, Float, Result, Tensor, concrete, sums, threads};

impl<T: Float> Tensor<T> {
    /// `activation(x Wᵀ + b)`, for `x` of shape `[…, in]`, a weight `[out, in]` and a bias `[out]`:
    /// `[…, out]`, in one pass over the result.
    ///
    /// ```
    /// # use gradus_tensor::{Activation, Tensor};
    /// let x = Tensor::<f32>::ones([8, 3]);
    /// let w = Tensor::ones([2, 3]);
    /// let b = Tensor::vector([0.0, -5.0]);
    /// let y = x.linear(&w, Some(&b), Activation::Relu)?;
    /// assert_eq!((y.get([0, 0])?, y.get([0, 1])?), (3.0, 0.0));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if the weight is no matrix, the last axis of `x` has another size than the
    /// weight takes in, or the bias another than it gives.
    pub fn linear(
        &self,
        w: &Tensor<T>,
        b: Option<&Tensor<T>>,
        activation: Activation,
    ) -> Result<Tensor<T>> {
        let kernel = concrete!(
            linear: fn(
                &Tensor<T>,
                &Tensor<T>,
                Option<&Tensor<T>>,
                Activation,
            ) -> Result<Tensor<T>>
        );
        kernel(self, w, b, activation)
    }
}

fn linear<T: Float>(
    x: &Tensor<T>,
    w: &Tensor<T>,
    b: Option<&Tensor<T>>,
    activation: Activation,
) -> Result<Tensor<T>> {
    let op = "linear";
    let &[outputs, inputs] = w.shape() else {
        return Err(Error::shape(op, w.shape(), "a weight of two axes [out, in]"));
    };
    let lead = match x.shape() {
        [lead @ .., features] if *features == inputs => lead,
        other => {
            let wanted =
                format!("{inputs} features on axis -1, as the weight {:?} takes in", w.shape());
            return Err(Error::shape(op, other, wanted));
        }
    };
    if let Some(b) = b.filter(|b| b.shape() != [outputs]) {
        let wanted = format!("a bias [{outputs}], one number for each row of {:?}", w.shape());
        return Err(Error::shape(op, b.shape(), wanted));
    }
    let b = b.map(Tensor::contiguous);
    let mut shape = Dims::from_slice(lead);
    shape.push(outputs);
    let layout = Layout::with_room::<T>(op, &shape)?;
    let x = rows(x)?;
    let sizes = [x.shape()[0], inputs, outputs];
    let bias = b.as_ref().and_then(Tensor::as_slice);
    let epilogue = Epilogue { bias, activation, ..Epilogue::default() };
    Ok(Tensor::build(layout, |out| {
        let w = matrix(w, w.layout.offset).transposed();
        let out = MatrixMut::rows(out, outputs);
        gemm(sizes, matrix(&x, x.layout.offset), w, out, epilogue, true);
    }))
}

/// The gradients of [`Tensor::linear`] with respect to `x`, `W` and `b`, each if it is `wanted`, for
/// its value `y` and the gradient `grad_y` of it.
///
/// ```
/// use gradus_tensor::{Activation, Tensor, linear_grad};
/// let (x, w) = (Tensor::<f32>::ones([8, 3]), Tensor::ones([2, 3]));
/// let y = x.linear(&w, None, Activation::Relu)?;
/// let all = [true; 3];
/// let [dx, dw, db] = linear_grad(&x, &w, &y, Tensor::ones([8, 2]), Activation::Relu, all)?;
/// assert_eq!(dx.unwrap(), Tensor::full([8, 3], 2.0));
/// assert_eq!(dw.unwrap(), Tensor::full([2, 3], 8.0));
/// assert_eq!(db.unwrap(), Tensor::full([2], 8.0));
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if the shapes are not those of a linear map.
pub fn linear_grad<T: Float>(
    x: &Tensor<T>,
    w: &Tensor<T>,
    y: &Tensor<T>,
    grad_y: Tensor<T>,
    activation: Activation,
    wanted: [bool; 3],
) -> Result<[Option<Tensor<T>>; 3]> {
    let kernel = concrete!(
        grad: fn(
            [&Tensor<T>; 3],
            Tensor<T>,
            Activation,
            [bool; 3],
        ) -> Result<[Option<Tensor<T>>; 3]>
    );
    kernel([x, w, y], grad_y, activation, wanted)
}

fn grad<T: Float>(
    of: [&Tensor<T>; 3],
    grad_y: Tensor<T>,
    activation: Activation,
    wanted: [bool; 3],
) -> Result<[Option<Tensor<T>>; 3]> {
    grads("linear_grad", of, grad_y, wanted, |y, grad, sums| match activation {
        Activation::Identity => {
            let sums = sums.then(|| grad.sum_axes(&[0], false)).transpose()?;
            Ok((grad, sums))
        }
        _ => scaled(
            y,
            grad,
            sums,
            #[inline(always)]
            |y| activation.slope(y),
        ),
    })
}

/// The gradients with respect to `x`, `W` and `b`, each if it is wanted. `before` makes of `at` (the
/// value, or something else of its shape) and `ȳ` the gradient `ḡ` before the activation and, if
/// asked, its sums over all rows.
pub(super) fn grads<T: Float>(
    op: &'static str,
    [x, w, at]: [&Tensor<T>; 3],
    grad_y: Tensor<T>,
    wanted: [bool; 3],
    before: impl FnOnce(&Tensor<T>, Tensor<T>, bool) -> Result<(Tensor<T>, Option<Tensor<T>>)>,
) -> Result<[Option<Tensor<T>>; 3]> {
    let fits = matches!((w.shape(), x.shape(), at.shape()),
        ([out, inputs], [lead @ .., features], [rows @ .., width])
            if inputs == features && out == width && lead == rows);
    if !fits || at.shape() != grad_y.shape() {
        let wanted = format!("that of {:?} times the transpose of {:?}", x.shape(), w.shape());
        return Err(Error::shape(op, grad_y.shape(), wanted));
    }
    let (x2, at, grad) = (rows(x)?, rows(at)?, rows(&grad_y)?);
    drop(grad_y);
    let (grad, sums) = before(&at, grad, wanted[2])?;
    let dx = wanted[0].then(|| grad.matmul(w)?.reshape(x.shape())).transpose()?;
    let dw = wanted[1].then(|| grad.transpose(0, 1)?.matmul(&x2)).transpose()?;
    Ok([dx, dw, sums])
}

/// `ḡ = ȳ · slope(at)` and, if wanted, its sums over all rows, in one pass over both.
pub(super) fn scaled<T: Float>(
    at: &Tensor<T>,
    mut grad: Tensor<T>,
    wanted: bool,
    slope: impl Fn(T) -> T + Sync,
) -> Result<(Tensor<T>, Option<Tensor<T>>)> {
    let columns = grad.shape()[1];
    let at = at.contiguous();
    let at = at.as_slice().unwrap_or_default();
    // Blocks of rows with three rows of sums each: of a few rows, running totals, and what they lost.
    let block = (threads::PIECE / columns.max(1)).max(1) * columns;
    let blocks = grad.len().div_ceil(block.max(1)).max(1);
    let mut partials = Buffer::stale(blocks * 2 * columns);
    partials.as_mut_slice().fill(T::ZERO);
    let shared = Shared::new(partials.as_mut_slice());
    for_each_piece(grad.as_mut_slice(), block, |i, grad| {
        // SAFETY: each block has rows of its own, and the partial sums outlive the pieces.
        let sums = unsafe { shared.slice(i * 2 * columns, 2 * columns) };
        let (totals, lost) = sums.split_at_mut(columns);
        vectorize_for::<T, T, T, _>(
            #[inline(always)]
            || {
                let group = sums::ROWS * columns;
                for (grad, at) in grad.chunks_mut(group).zip(at[i * block..].chunks(group)) {
                    grad.iter_mut().zip(at).for_each(|(grad, &at)| *grad *= slope(at));
                    // While they are in the nearest cache.
                    let totals = [[&mut *totals, &mut *lost]];
                    sums::add_rows(totals, [&*grad], [], sums::Numbers);
                }
            },
        );
    });
    let sums = wanted.then(|| {
        Tensor::filled_by([columns], |out| {
            let mut blocks = partials.as_mut_slice().chunks_exact_mut(2 * columns.max(1));
            let Some(all) = blocks.next() else { return };
            let (all, lost) = all.split_at_mut(columns);
            for block in blocks {
                sums::join([&mut *all, &mut *lost], block.split_at(columns).into());
            }
            sums::finish(out, all, lost);
        })
    });
    Ok((grad, sums))
}

/// All axes but the last as one.
fn rows<T: Float>(x: &Tensor<T>) -> Result<Tensor<T>> {
    if x.rank() == 2 {
        return Ok(x.clone());
    }
    let (lead, columns) = x.shape().split_at(x.rank().saturating_sub(1));
    x.reshape([lead.iter().product(), columns.iter().product()])
}
