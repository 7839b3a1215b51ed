//! The largest element of each window, and where it lies: `y[o] = max_k x[o·s + k - p]`.
//!
//! With the places `i[o]` saved, the gradient adds each `y'[o]` to the place `i[o]`, and the
//! gradient of that takes it from there again. Both are linear and need no `x`.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use super::Pool2dSpec;
use crate::conv::window::{image_layout, pixels_of, rank4};
use crate::layout::Layout;
use crate::memory::Buffer;
use crate::simd::vectorize_for;
use crate::threads::{Cut, PIECE, for_each_of, for_each_piece};
use crate::{Error, Float, Result, Tensor, concrete};

/// The largest element of each window of images `[N, C, H, W]`, and its place `row · W + column`
/// in its image: both `[N, C, H', W']` with `H' = (H + before + after - kernel) / stride + 1`,
/// rounded down, for the padding before and after, and `W'` likewise.
///
/// Padding is never chosen. Of equal elements the first counts; a NaN in the window wins, the last
/// one if there are several.
///
/// ```
/// use gradus_tensor::{Pool2dSpec, Tensor, max_pool2d};
/// let x = Tensor::from_vec(vec![1.0, 5.0, 2.0, 2.0, 3.0, 4.0, 0.0, 2.0], [1, 1, 2, 4])?;
/// let (y, places) = max_pool2d(&x, &Pool2dSpec::new([2, 2]))?;
/// assert_eq!((y.to_vec(), places.to_vec()), (vec![5.0, 2.0], vec![1, 2]));
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if `x` has not four axes, or images without pixels; [`Error::Value`] if kernel
/// or stride is zero, the padding more than half of the kernel, or the kernel larger than the
/// padded image.
pub fn max_pool2d<T: Float>(x: &Tensor<T>, spec: &Pool2dSpec) -> Result<(Tensor<T>, Tensor<i64>)> {
    concrete!(maxima: fn(&Tensor<T>, &Pool2dSpec) -> Result<(Tensor<T>, Tensor<i64>)>)(x, spec)
}

fn maxima<T: Float>(x: &Tensor<T>, spec: &Pool2dSpec) -> Result<(Tensor<T>, Tensor<i64>)> {
    let images = spec.images("max_pool2d", x.shape())?;
    let x = x.channels_last()?;
    let x = pixels_of(&x);
    let (c, plane) = (images.channels, images.input_plane());
    let work = |first: usize, out: &mut [T], places: &mut [i64]| {
        vectorize_for::<T, T, T, _>(
            #[inline(always)]
            || {
                images.each_pixel(
                    first,
                    out.len() / c,
                    #[inline(always)]
                    |j, pixel| {
                        let out = &mut out[j * c..(j + 1) * c];
                        let places = &mut places[j * c..(j + 1) * c];
                        let mut fresh = true;
                        images.each_tap(
                            pixel,
                            #[inline(always)]
                            |_, at| {
                                let x = &x[at * c..(at + 1) * c];
                                let place = (at - pixel[0] * plane) as i64;
                                if std::mem::take(&mut fresh) {
                                    out.copy_from_slice(x);
                                    places.fill(place);
                                    return;
                                }
                                take_larger(out, places, x, place);
                            },
                        );
                    },
                );
            },
        );
    };
    let layout = image_layout::<T>("max_pool2d", images.output_shape())?;
    let mut places = Buffer::stale(layout.len());
    let pixels = (PIECE / c.max(1)).max(1);
    let piece = (pixels * c).max(1);
    let y = Tensor::build(layout.clone(), |out| {
        let pieces = (Cut::new(out, piece), Cut::new(places.as_mut_slice(), piece));
        for_each_of(pieces, true, |i, (out, places)| work(i * pixels, out, places));
    });
    Ok((y, Tensor { buffer: places.into(), layout }))
}

/// Puts each `x` that is larger, or a NaN, in the place of the best so far.
#[inline(always)]
fn take_larger<T: Float>(best: &mut [T], places: &mut [i64], x: &[T], place: i64) {
    let n = x.len();
    let (best, places) = (&mut best[..n], &mut places[..n]);
    for i in 0..n {
        // Without a branch, so that it runs in vectors.
        let larger = (x[i] > best[i]) | x[i].is_nan();
        best[i] = if larger { x[i] } else { best[i] };
        places[i] = if larger { place } else { places[i] };
    }
}

/// The gradient by `x` of `Σ max_pool2d(x) · grad_y`, in the shape `input_shape` of `x`: each
/// element of `grad_y` added to its saved place.
///
/// ```
/// use gradus_tensor::{Tensor, max_pool2d_grad};
/// let places = Tensor::from_vec(vec![1, 2], [1, 1, 1, 2])?;
/// let grad = Tensor::from_vec(vec![7.0, 9.0], [1, 1, 1, 2])?;
/// let x = max_pool2d_grad(&grad, &places, &[1, 1, 2, 2])?;
/// assert_eq!(x.to_vec(), [0.0, 7.0, 9.0, 0.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if `indices` and `grad_y` differ in shape, or `input_shape` has other images or
/// channels; [`Error::Value`] if an index lies outside the image.
pub fn max_pool2d_grad<T: Float>(
    grad_y: &Tensor<T>,
    indices: &Tensor<i64>,
    input_shape: &[usize],
) -> Result<Tensor<T>> {
    type Kernel<T> = fn(&Tensor<T>, &Tensor<i64>, &[usize]) -> Result<Tensor<T>>;
    concrete!(maxima_grad: Kernel<T>)(grad_y, indices, input_shape)
}

fn maxima_grad<T: Float>(
    grad_y: &Tensor<T>,
    indices: &Tensor<i64>,
    input_shape: &[usize],
) -> Result<Tensor<T>> {
    let op = "max_pool2d_grad";
    let sizes = Sizes::new(op, input_shape, indices)?;
    if grad_y.shape() != indices.shape() {
        let wanted = format!("{:?}, the shape of the indices", indices.shape());
        return Err(Error::shape(op, grad_y.shape(), wanted));
    }
    let (grad, indices) = (grad_y.channels_last()?, indices.channels_last()?);
    let (grad, indices) = (pixels_of(&grad), pixels_of(&indices));
    let Sizes { channels: c, input, output, .. } = sizes;
    let block = (PIECE / (input * c).max(1)).max(1);
    let wrong = Wrong::none();
    let x = Tensor::build(image_layout::<T>(op, sizes.input_shape)?, |out| {
        for_each_piece(out, block * input * c, |i, out| {
            out.fill(T::ZERO);
            for (j, out) in out.chunks_mut(input * c).enumerate() {
                let image = (i * block + j) * output * c;
                for from in (image..image + output * c).step_by(c) {
                    let (grad, indices) = (&grad[from..from + c], &indices[from..from + c]);
                    for (channel, (&g, &place)) in grad.iter().zip(indices).enumerate() {
                        match usize::try_from(place) {
                            Ok(place) if place < input => out[place * c + channel] += g,
                            _ => wrong.note(place),
                        }
                    }
                }
            }
        });
    });
    wrong.check(op, input).map(|()| x)
}

/// The elements of images `x` `[N, C, H, W]` at saved places: the gradient of
/// [`max_pool2d_grad`] by its `grad_y`.
///
/// ```
/// use gradus_tensor::{Tensor, max_pool2d_gather};
/// let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], [1, 1, 2, 2])?;
/// let places = Tensor::from_vec(vec![2, 2, 0], [1, 1, 1, 3])?;
/// assert_eq!(max_pool2d_gather(&x, &places)?.to_vec(), [3.0, 3.0, 1.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] if `x` and `indices` have not the same number of images and channels;
/// [`Error::Value`] if an index lies outside the image.
pub fn max_pool2d_gather<T: Float>(x: &Tensor<T>, indices: &Tensor<i64>) -> Result<Tensor<T>> {
    concrete!(at_maxima: fn(&Tensor<T>, &Tensor<i64>) -> Result<Tensor<T>>)(x, indices)
}

fn at_maxima<T: Float>(x: &Tensor<T>, indices: &Tensor<i64>) -> Result<Tensor<T>> {
    let op = "max_pool2d_gather";
    let sizes = Sizes::new(op, x.shape(), indices)?;
    let shape = rank4(op, indices.shape(), "[N, C, H', W']")?;
    let (x, indices) = (x.channels_last()?, indices.channels_last()?);
    let (x, indices) = (pixels_of(&x), pixels_of(&indices));
    let Sizes { channels: c, input, output, .. } = sizes;
    let pixels = (PIECE / c.max(1)).max(1);
    let wrong = Wrong::none();
    let y = Tensor::build(image_layout::<T>(op, shape)?, |out| {
        for_each_piece(out, pixels * c, |i, out| {
            for (j, out) in out.chunks_mut(c).enumerate() {
                let pixel = i * pixels + j;
                let image = pixel / output * input;
                let indices = &indices[pixel * c..(pixel + 1) * c];
                for (channel, (out, &place)) in out.iter_mut().zip(indices).enumerate() {
                    *out = match usize::try_from(place) {
                        Ok(place) if place < input => x[(image + place) * c + channel],
                        _ => {
                            wrong.note(place);
                            T::ZERO
                        }
                    };
                }
            }
        });
    });
    wrong.check(op, input).map(|()| y)
}

/// Sizes of the images and of the indices into them.
struct Sizes {
    channels: usize,
    /// Pixels of an image.
    input: usize,
    /// Indices per image and channel.
    output: usize,
    input_shape: [usize; 4],
}

impl Sizes {
    fn new(op: &'static str, input: &[usize], indices: &Tensor<i64>) -> Result<Self> {
        let [batch, channels, height, width] = rank4(op, input, "[N, C, H, W]")?;
        let [n, c, rows, columns] = rank4(op, indices.shape(), "[N, C, H', W'] of indices")?;
        Layout::checked(op, input)?;
        if (n, c) != (batch, channels) {
            let wanted = format!(
                "{batch} images (axis 0) of {channels} channels (axis 1), as the input {input:?} has"
            );
            return Err(Error::shape(op, indices.shape(), wanted));
        }
        let input_shape = [batch, channels, height, width];
        if height * width == 0 && !indices.is_empty() {
            return Err(Error::shape(op, input, "images of at least one pixel (axes 2 and 3)"));
        }
        Ok(Self { channels, input: height * width, output: rows * columns, input_shape })
    }
}

/// The least index that lay outside an image, if one did.
struct Wrong(AtomicI64, std::sync::atomic::AtomicBool);

impl Wrong {
    fn none() -> Self {
        Self(AtomicI64::new(i64::MAX), false.into())
    }

    #[cold]
    fn note(&self, index: i64) {
        self.0.fetch_min(index, Relaxed);
        self.1.store(true, Relaxed);
    }

    fn check(self, op: &'static str, pixels: usize) -> Result<()> {
        match self.1.into_inner() {
            false => Ok(()),
            true => {
                let got = format!("index {}", self.0.into_inner());
                let wanted = format!("a place from 0 to {} in the image", pixels.saturating_sub(1));
                Err(Error::value(op, got, wanted))
            }
        }
    }
}
