//! The gradient of a convolution by its input: per tile of output pixels, `G = Y' · W` gives the
//! gradients of the patches, and each of their elements is added to the input pixel that it was
//! taken from.

use super::geometry::Geometry;
use super::window::pixels_of;
use super::{Conv2dSpec, depthwise, direct, winograd};
use crate::cast::{as_f32, as_f32_mut};
use crate::linalg::{Epilogue, Matrix, MatrixMut, gemm};
use crate::memory::Buffer;
use crate::threads::for_each_piece;
use crate::{Float, Result, Tensor, concrete};

/// The gradient by `x` of `Σ conv2d(x, w) · grad_y`, in the shape `input_shape` of `x`,
/// channels-last in memory. (The output size is rounded down, so `grad_y` does not tell the size
/// of `x`.) It is also the transposed convolution of `grad_y`.
///
/// ```
/// use gradus_tensor::{Conv2dSpec, Tensor, conv2d_input_grad};
/// let (grad, w) = (Tensor::<f32>::ones([1, 1, 2, 2]), Tensor::ones([1, 1, 2, 2]));
/// let x = conv2d_input_grad(&grad, &w, &[1, 1, 3, 3], &Conv2dSpec::default())?;
/// assert_eq!(x.to_vec(), [1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// As [`conv2d`](super::conv2d); also [`Error::Shape`](crate::Error::Shape) if `grad_y` has not
/// the shape of its result.
pub fn conv2d_input_grad<T: Float>(
    grad_y: &Tensor<T>,
    w: &Tensor<T>,
    input_shape: &[usize],
    spec: &Conv2dSpec,
) -> Result<Tensor<T>> {
    type Kernel<T> = fn(&Tensor<T>, &Tensor<T>, &[usize], &Conv2dSpec) -> Result<Tensor<T>>;
    concrete!(input_grad: Kernel<T>)(grad_y, w, input_shape, spec)
}

fn input_grad<T: Float>(
    grad_y: &Tensor<T>,
    w: &Tensor<T>,
    input_shape: &[usize],
    spec: &Conv2dSpec,
) -> Result<Tensor<T>> {
    let g = Geometry::of_grad("conv2d_input_grad", grad_y.shape(), input_shape, w.shape(), spec)?;
    let grad = grad_y.channels_last()?;
    let layout = g.input_layout::<T>()?;
    if g.is_depthwise() {
        return depthwise::input_grad(&g, &grad, w, layout);
    }
    let w = w.channels_last()?;
    let (grad, w) = (pixels_of(&grad), pixels_of(&w));
    // Every pixel of a piece is written by one thread alone: pieces are whole images, or, if an
    // output pixel sees one input pixel only, any pixels.
    let plane = if g.is_pointwise() { 1 } else { g.images.output_plane() };
    let images = (g.piece() / plane).max(1);
    let size = if g.is_pointwise() { 1 } else { g.images.input_plane() } * g.images.channels;
    Ok(Tensor::build(layout, |out| {
        if direct::takes(&g)
            && let (Some(grad), Some(w)) = (as_f32(grad), as_f32(w))
            && let Some(out) = as_f32_mut(out)
        {
            return match winograd::takes(&g) {
                true => winograd::input(&g, grad, w, out),
                false => direct::input::input(&g, grad, w, out),
            };
        }
        for_each_piece(out, images * size, |i, out| {
            let pixels = out.len() / size * plane;
            input_piece(&g, &grad[i * images * plane * g.out_channels..], w, pixels, out);
        });
    }))
}

/// The gradient of the input that the first `pixels` output pixels see.
fn input_piece<T: Float>(g: &Geometry, grad: &[T], w: &[T], pixels: usize, out: &mut [T]) {
    let (patch, outputs) = (g.patch(), g.group_outputs());
    let direct = g.is_pointwise();
    if g.out_channels == 0 || !direct {
        out.fill(T::ZERO);
    }
    if g.out_channels == 0 {
        return;
    }
    let tile = g.tile().min(pixels.max(1));
    let mut scratch = Buffer::stale(if direct { 0 } else { tile * patch });
    for first in (0..pixels).step_by(tile) {
        let count = tile.min(pixels - first);
        for group in 0..g.groups {
            let offset = first * g.out_channels + group * outputs;
            let grad = Matrix { values: grad, offset, strides: [g.out_channels as isize, 1] };
            let weights = Matrix::rows(&w[group * outputs * patch..], patch);
            let sizes = [count, outputs, patch];
            if direct {
                let channels = g.images.channels;
                let values = &mut out[first * channels + group * patch..];
                let out = MatrixMut::rows(values, channels);
                gemm(sizes, grad, weights, out, Epilogue::default(), false);
            } else {
                let patches = &mut scratch.as_mut_slice()[..count * patch];
                gemm(
                    sizes,
                    grad,
                    weights,
                    MatrixMut::rows(patches, patch),
                    Epilogue::default(),
                    false,
                );
                g.scatter_add(patches, group, first, out);
            }
        }
    }
}
