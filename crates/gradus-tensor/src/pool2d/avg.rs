//! The mean of each window: `y[o] = 1 / (kh · kw) · Σ_k x[o·s + k - p]`, padding counted as zeros.
//!
//! It is linear, so its gradient is too, and the gradient of the gradient is the mean again.

use super::Pool2dSpec;
use crate::conv::window::{Images, image_layout, pixels_of};
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece};
use crate::{Error, Float, Result, Tensor, concrete};

/// The mean of each window of images `[N, C, H, W]`: `[N, C, H', W']` with
/// `H' = (H + before + after - kernel) / stride + 1`, rounded down, for the padding before and after,
/// and `W'` likewise.
///
/// Padding counts as zeros, as in PyTorch with `count_include_pad=True`, its default.
///
/// ```
/// use gradus_tensor::{Pool2dSpec, Tensor, avg_pool2d};
/// let x = Tensor::<f32>::arange(8).reshape([1, 1, 2, 4])?;
/// let y = avg_pool2d(&x, &Pool2dSpec::new([2, 2]))?;
/// assert_eq!(y.to_vec(), [2.5, 4.5]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if `x` has not four axes, or images without pixels; [`Error::Value`] if kernel
/// or stride is zero, the padding more than half of the kernel, or the kernel larger than the
/// padded image.
pub fn avg_pool2d<T: Float>(x: &Tensor<T>, spec: &Pool2dSpec) -> Result<Tensor<T>> {
    concrete!(averages: fn(&Tensor<T>, &Pool2dSpec) -> Result<Tensor<T>>)(x, spec)
}

fn averages<T: Float>(x: &Tensor<T>, spec: &Pool2dSpec) -> Result<Tensor<T>> {
    let images = spec.images("avg_pool2d", x.shape())?;
    let x = x.channels_last()?;
    let x = pixels_of(&x);
    let (c, scale) = (images.channels, scale(&images));
    let piece = (PIECE / c.max(1)).max(1);
    Ok(Tensor::build(image_layout::<T>("avg_pool2d", images.output_shape())?, |out| {
        for_each_piece(out, piece * c, |i, out| {
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    images.each_pixel(
                        i * piece,
                        out.len() / c,
                        #[inline(always)]
                        |j, pixel| {
                            let out = &mut out[j * c..(j + 1) * c];
                            out.fill(T::ZERO);
                            images.each_tap(
                                pixel,
                                #[inline(always)]
                                |_, at| {
                                    let x = &x[at * c..(at + 1) * c];
                                    out.iter_mut().zip(x).for_each(|(o, &x)| *o += x);
                                },
                            );
                            out.iter_mut().for_each(|o| *o *= scale);
                        },
                    );
                },
            );
        });
    }))
}

/// The gradient by `x` of `Σ avg_pool2d(x) · grad_y`, in the shape `input_shape` of `x`.
///
/// ```
/// use gradus_tensor::{Pool2dSpec, Tensor, avg_pool2d_grad};
/// let grad = Tensor::full([1, 1, 1, 1], 4.0);
/// let x = avg_pool2d_grad(&grad, &[1, 1, 2, 3], &Pool2dSpec::new([2, 2]))?;
/// assert_eq!(x.to_vec(), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// As [`avg_pool2d`]; also [`Error::Shape`] if `grad_y` has not the shape of its result.
pub fn avg_pool2d_grad<T: Float>(
    grad_y: &Tensor<T>,
    input_shape: &[usize],
    spec: &Pool2dSpec,
) -> Result<Tensor<T>> {
    type Kernel<T> = fn(&Tensor<T>, &[usize], &Pool2dSpec) -> Result<Tensor<T>>;
    concrete!(averages_grad: Kernel<T>)(grad_y, input_shape, spec)
}

fn averages_grad<T: Float>(
    grad_y: &Tensor<T>,
    input_shape: &[usize],
    spec: &Pool2dSpec,
) -> Result<Tensor<T>> {
    let op = "avg_pool2d_grad";
    let images = spec.images(op, input_shape)?;
    if grad_y.shape() != images.output_shape() {
        let shape = images.output_shape();
        let wanted = format!("{shape:?}, the shape of the result for {input_shape:?}");
        return Err(Error::shape(op, grad_y.shape(), wanted));
    }
    let grad = grad_y.channels_last()?;
    let grad = pixels_of(&grad);
    let (c, scale) = (images.channels, scale(&images));
    let (plane, size) = (images.output_plane(), images.input_plane() * c);
    let block = (PIECE / size.max(1)).max(1);
    let shape = [images.batch, c, images.rows.input, images.columns.input];
    Ok(Tensor::build(image_layout::<T>(op, shape)?, |out| {
        for_each_piece(out, block * size, |i, out| {
            let grad = &grad[i * block * plane * c..];
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    out.fill(T::ZERO);
                    images.each_pixel(
                        0,
                        out.len() / size * plane,
                        #[inline(always)]
                        |j, pixel| {
                            let grad = &grad[j * c..(j + 1) * c];
                            images.each_tap(
                                pixel,
                                #[inline(always)]
                                |_, at| {
                                    let out = &mut out[at * c..(at + 1) * c];
                                    out.iter_mut().zip(grad).for_each(|(o, &g)| *o += g * scale);
                                },
                            );
                        },
                    );
                },
            );
        });
    }))
}

fn scale<T: Float>(images: &Images) -> T {
    T::from_f64(1.0 / (images.rows.kernel as f64 * images.columns.kernel as f64))
}
