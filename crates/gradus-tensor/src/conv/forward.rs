//! The convolution itself: per tile of output pixels, `Y = patches(X) · Wᵀ`, with one row per
//! pixel.

use super::geometry::Geometry;
use super::window::pixels_of;
use super::{Conv2dSpec, depthwise};
use crate::linalg::{Epilogue, Matrix, MatrixMut, gemm};
use crate::memory::Buffer;
use crate::threads::for_each_piece;
use crate::{Float, Result, Tensor};

/// The convolution of images `x` `[N, C, H, W]` with weights `w` `[O, C / groups, kh, kw]`:
/// `[N, O, H', W']` with `H' = (H + 2·padding - dilation·(kh - 1) - 1) / stride + 1`, rounded down,
/// and `W'` likewise. The result lies channels-last in memory.
///
/// ```
/// use gradus_tensor::{Conv2dSpec, Tensor, conv2d};
/// let x = Tensor::<f32>::arange(16).reshape([1, 1, 4, 4])?;
/// let edges = Tensor::from_vec(vec![-1.0, 1.0], [1, 1, 1, 2])?;
/// let y = conv2d(&x, &edges, &Conv2dSpec::default())?;
/// assert_eq!(y, Tensor::ones([1, 1, 4, 3]));
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) if `x` or `w` has not four axes, or if their channels do
/// not fit; [`Error::Value`](crate::Error::Value) if stride, dilation, groups or kernel is zero,
/// if the padding is larger than the kernel's span, or the kernel larger than the padded image;
/// [`Error::TooLarge`](crate::Error::TooLarge) if memory cannot address the result.
pub fn conv2d<T: Float>(x: &Tensor<T>, w: &Tensor<T>, spec: &Conv2dSpec) -> Result<Tensor<T>> {
    let g = Geometry::new("conv2d", x.shape(), w.shape(), spec)?;
    let x = x.channels_last()?;
    let layout = g.output_layout()?;
    if g.is_depthwise() {
        return depthwise::forward(&g, &x, w, layout);
    }
    let w = w.channels_last()?;
    let (x, w) = (pixels_of(&x), pixels_of(&w));
    Ok(Tensor::build(layout, |out| {
        for_each_piece(out, g.piece() * g.out_channels, |i, out| {
            forward_piece(&g, x, w, i * g.piece(), out);
        });
    }))
}

/// The output pixels from `first` on that fit into `out`.
fn forward_piece<T: Float>(g: &Geometry, x: &[T], w: &[T], first: usize, out: &mut [T]) {
    let (patch, outputs) = (g.patch(), g.group_outputs());
    let tile = g.tile().min(out.len() / g.out_channels);
    let direct = g.is_pointwise();
    let mut scratch = Buffer::stale(if direct { 0 } else { tile * patch });
    for (t, out) in out.chunks_mut(tile * g.out_channels).enumerate() {
        let first = first + t * tile;
        let count = out.len() / g.out_channels;
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
            let weights = Matrix::rows(&w[group * outputs * patch..], patch).transposed();
            let strides = [g.out_channels as isize, 1];
            let out = MatrixMut { values: &mut out[group * outputs..], strides };
            gemm([count, patch, outputs], patches, weights, out, Epilogue::default(), false);
        }
    }
}
