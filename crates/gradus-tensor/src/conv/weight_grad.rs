//! The gradient of a convolution by its weights: the sum over tiles of output pixels of
//! `Y'ᵀ · patches(X)`, in a few blocks of pixels (`partials.rs`).

use std::ops::Range;

use super::geometry::Geometry;
use super::partials::Partials;
use super::window::pixels_of;
use super::{Conv2dSpec, depthwise, direct, winograd};
use crate::cast::{as_f32, as_f32_mut};
use crate::layout::Layout;
use crate::linalg::{Epilogue, Matrix, MatrixMut, gemm};
use crate::memory::Buffer;
use crate::{Float, Result, Tensor, concrete};

/// The most blocks that are summed up side by side.
const BLOCKS: usize = 16;

/// The gradient by `w` of `Σ conv2d(x, w) · grad_y`, in the shape `weight_shape` of `w`,
/// channels-last in memory.
///
/// ```
/// use gradus_tensor::{Conv2dSpec, Tensor, conv2d_weight_grad};
/// let (x, grad) = (Tensor::<f32>::arange(9).reshape([1, 1, 3, 3])?, Tensor::ones([1, 1, 2, 2]));
/// let w = conv2d_weight_grad(&x, &grad, &[1, 1, 2, 2], &Conv2dSpec::default())?;
/// assert_eq!(w.to_vec(), [8.0, 12.0, 20.0, 24.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// As [`conv2d`](super::conv2d); also [`Error::Shape`](crate::Error::Shape) if `grad_y` has not
/// the shape of its result.
pub fn conv2d_weight_grad<T: Float>(
    x: &Tensor<T>,
    grad_y: &Tensor<T>,
    weight_shape: &[usize],
    spec: &Conv2dSpec,
) -> Result<Tensor<T>> {
    type Kernel<T> = fn(&Tensor<T>, &Tensor<T>, &[usize], &Conv2dSpec) -> Result<Tensor<T>>;
    concrete!(weight_grad: Kernel<T>)(x, grad_y, weight_shape, spec)
}

fn weight_grad<T: Float>(
    x: &Tensor<T>,
    grad_y: &Tensor<T>,
    weight_shape: &[usize],
    spec: &Conv2dSpec,
) -> Result<Tensor<T>> {
    let op = "conv2d_weight_grad";
    let g = Geometry::of_grad(op, grad_y.shape(), x.shape(), weight_shape, spec)?;
    let (x, grad) = (x.channels_last()?, grad_y.channels_last()?);
    if g.is_depthwise() {
        return depthwise::weight_grad(&g, &x, &grad, weight_shape);
    }
    let (x, grad) = (pixels_of(&x), pixels_of(&grad));
    if direct::takes(&g)
        && let (Some(x), Some(grad)) = (as_f32(x), as_f32(grad))
    {
        return Ok(Tensor::build(Layout::dense(weight_shape, &[0, 2, 3, 1]), |out| {
            if let Some(out) = as_f32_mut(out) {
                match winograd::takes(&g) {
                    true => winograd::weights(&g, x, grad, out),
                    false => direct::weights::weights(&g, x, grad, out),
                }
            }
        }));
    }
    Ok(sum_of_blocks(&g, Layout::dense(weight_shape, &[0, 2, 3, 1]), |pixels, sum| {
        sum_block(&g, x, grad, pixels, sum);
    }))
}

/// The sum of what `add` makes of each block of output pixels. `add` overwrites its slice.
pub(super) fn sum_of_blocks<T: Float>(
    g: &Geometry,
    layout: Layout,
    add: impl Fn(Range<usize>, &mut [T]) + Sync,
) -> Tensor<T> {
    let pixels = g.images.pixels();
    let most = Partials::<T>::blocks(layout.len(), BLOCKS);
    let block = pixels.div_ceil(most).next_multiple_of(g.tile()).max(g.piece());
    Tensor::build(layout, |sum| {
        if pixels == 0 || sum.is_empty() {
            return sum.fill(T::ZERO);
        }
        Partials::sum(sum, pixels.div_ceil(block), |b, sum| {
            add(b * block..pixels.min((b + 1) * block), sum);
        });
    })
}

/// The gradient that some output pixels give, as rows of patches, one per output channel.
fn sum_block<T: Float>(g: &Geometry, x: &[T], grad: &[T], pixels: Range<usize>, sum: &mut [T]) {
    let (patch, outputs) = (g.patch(), g.group_outputs());
    let tile = g.tile();
    let direct = g.is_pointwise();
    let mut scratch = Buffer::stale(if direct { 0 } else { tile * patch });
    for first in pixels.clone().step_by(tile) {
        let count = tile.min(pixels.end - first);
        for group in 0..g.groups {
            let patches = if direct {
                let channels = g.images.channels;
                let offset = first * channels + group * patch;
                Matrix { values: x, offset, strides: [channels as isize, 1] }
            } else {
                let patches = &mut scratch.as_mut_slice()[..count * patch];
                g.gather(x, group, first, patches);
                Matrix::rows(patches, patch)
            };
            let offset = first * g.out_channels + group * outputs;
            let grad = Matrix { values: grad, offset, strides: [1, g.out_channels as isize] };
            let sum = MatrixMut::rows(&mut sum[group * outputs * patch..], patch);
            gemm(
                [outputs, count, patch],
                grad,
                patches,
                sum,
                Epilogue::adding(first > pixels.start),
                false,
            );
        }
    }
}
