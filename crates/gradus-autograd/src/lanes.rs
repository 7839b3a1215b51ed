//! Kernels over pairs of lanes: the elements of two tensors along one axis, taken as slices.

use gradus_tensor::simd::vectorize;
use gradus_tensor::sums::sum_of;
use gradus_tensor::threads::{PIECE, for_each_piece};
use gradus_tensor::{Float, Tensor};

use crate::Result;

/// Calls `f(lane of a, lane of b, lane of the result)` for each lane along `axis` of two tensors of
/// one shape, which is that of the result.
pub(crate) fn zip_lanes<T: Float>(
    op: &'static str,
    axis: isize,
    a: &Tensor<T>,
    b: &Tensor<T>,
    f: impl Fn(&[T], &[T], &mut [T]) + Sync + Send,
) -> Result<Tensor<T>> {
    let axis = a.axis(op, axis)? as isize;
    if a.shape() != b.shape() {
        let wanted = format!("{:?}", a.shape());
        return Err(gradus_tensor::Error::shape(op, b.shape(), wanted).into());
    }
    let a = a.move_axis(axis, -1)?.contiguous();
    let b = b.move_axis(axis, -1)?.contiguous();
    let size = a.dim(-1)?.max(1);
    let (left, right) = (a.as_slice().unwrap_or_default(), b.as_slice().unwrap_or_default());
    let result = Tensor::filled_by(a.shape(), |out| {
        let piece = (PIECE / size).max(1) * size;
        for_each_piece(out, piece, |i, out| {
            let range = i * piece..i * piece + out.len();
            let (left, right) = (&left[range.clone()], &right[range]);
            vectorize(
                #[inline(always)]
                || {
                    let lanes = left.chunks_exact(size).zip(right.chunks_exact(size));
                    for ((a, b), out) in lanes.zip(out.chunks_exact_mut(size)) {
                        f(a, b, out);
                    }
                },
            );
        });
    });
    Ok(result.move_axis(-1, axis)?)
}

/// The sum of `f` over pairs.
#[inline(always)]
pub(crate) fn sum_pairs<T: Float>(a: &[T], b: &[T], f: impl Fn(T, T) -> T) -> T {
    sum_of(
        [a, b],
        #[inline(always)]
        |[a, b]| f(a, b),
    )
}
