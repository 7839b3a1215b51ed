//! The convolution itself: per tile of output pixels, `Y = patches(X) · Wᵀ`, with one row per
//! pixel.

use super::geometry::Geometry;
use super::window::pixels_of;
use super::{Conv2dSpec, depthwise, direct, winograd};
use crate::cast::{as_f32, as_f32_mut};
use crate::linalg::packed::Packed;
use crate::linalg::{Epilogue, Matrix, MatrixMut, gemm};
use crate::memory::Buffer;
use crate::threads::for_each_piece;
use crate::{Activation, Error, Float, Result, Tensor, concrete};

/// The convolution of images `x` `[N, C, H, W]` with weights `w` `[O, C / groups, kh, kw]`:
/// `[N, O, H', W']` with `H' = (H + before + after - dilation·(kh - 1) - 1) / stride + 1`, rounded
/// down, for the padding before and after, and `W'` likewise. The result lies channels-last in memory.
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
/// [`Error::TooLarge`](crate::Error::TooLarge) if memory cannot hold the result.
pub fn conv2d<T: Float>(x: &Tensor<T>, w: &Tensor<T>, spec: &Conv2dSpec) -> Result<Tensor<T>> {
    conv2d_with(x, w, None, Activation::Identity, spec)
}

/// `activation(conv2d(x, w) + bias)` in one pass over the result, for a bias `[O]`.
///
/// ```
/// use gradus_tensor::{Activation, Conv2dSpec, Tensor, conv2d_with};
/// let x = Tensor::<f32>::arange(4).reshape([1, 1, 2, 2])?;
/// let (w, b) = (Tensor::ones([1, 1, 1, 1]), Tensor::vector([-1.5]));
/// let y = conv2d_with(&x, &w, Some(&b), Activation::Relu, &Conv2dSpec::default())?;
/// assert_eq!(y.to_vec(), [0.0, 0.0, 0.5, 1.5]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// As [`conv2d`]; also [`Error::Shape`](crate::Error::Shape) if the bias has not `O` elements.
pub fn conv2d_with<T: Float>(
    x: &Tensor<T>,
    w: &Tensor<T>,
    bias: Option<&Tensor<T>>,
    activation: Activation,
    spec: &Conv2dSpec,
) -> Result<Tensor<T>> {
    type Kernel<T> = fn(
        &Tensor<T>,
        &Tensor<T>,
        Option<&Tensor<T>>,
        Activation,
        &Conv2dSpec,
    ) -> Result<Tensor<T>>;
    concrete!(correlation: Kernel<T>)(x, w, bias, activation, spec)
}

fn correlation<T: Float>(
    x: &Tensor<T>,
    w: &Tensor<T>,
    bias: Option<&Tensor<T>>,
    activation: Activation,
    spec: &Conv2dSpec,
) -> Result<Tensor<T>> {
    let g = Geometry::new("conv2d", x.shape(), w.shape(), spec)?;
    let channels = g.out_channels;
    if let Some(b) = bias.filter(|b| b.shape() != [channels]) {
        let wanted = format!("a bias [{channels}], one number for each channel of the result");
        return Err(Error::shape("conv2d", b.shape(), wanted));
    }
    let x = x.channels_last()?;
    let layout = g.output_layout::<T>()?;
    if g.is_depthwise() {
        let mut y = depthwise::forward(&g, &x, w, layout)?;
        if let Some(bias) = bias {
            y.zip_inplace("conv2d", &bias.reshape([channels, 1, 1])?, T::plus)?;
        }
        return match activation {
            Activation::Identity => Ok(y),
            _ => Ok(y.map(|y| activation.apply(y))),
        };
    }
    let (w, bias) = (w.channels_last()?, bias.map(Tensor::contiguous));
    let bias = bias.as_ref().and_then(Tensor::as_slice);
    let (x, w) = (pixels_of(&x), pixels_of(&w));
    Ok(Tensor::build(layout, |out| {
        if direct::takes(&g)
            && let (Some(x), Some(w), bias) = (as_f32(x), as_f32(w), bias.and_then(as_f32))
            && let Some(out) = as_f32_mut(out)
        {
            return match winograd::takes(&g) {
                true => winograd::output(&g, x, w, bias, activation, out),
                false => direct::output::output(&g, x, w, bias, activation, out),
            };
        }
        let epilogue = |group: usize| {
            let bias = bias.map(|b| &b[group * g.group_outputs()..][..g.group_outputs()]);
            Epilogue { bias, activation, ..Epilogue::default() }
        };
        let weights = Weights::new(&g, w);
        for_each_piece(out, g.piece() * channels, |i, out| {
            forward_piece(&g, x, &weights, i * g.piece(), epilogue, out);
        });
    }))
}

/// The weights of each group, transposed.
struct Weights<'a, T> {
    groups: Vec<Matrix<'a, T>>,
    /// The same, made once for all tiles of pixels; or nothing, if that would not help.
    packed: Vec<Packed<T>>,
}

impl<'a, T: Float> Weights<'a, T> {
    fn new(g: &Geometry, w: &'a [T]) -> Self {
        let (patch, outputs) = (g.patch(), g.group_outputs());
        let group = |i: usize| Matrix::rows(&w[i * outputs * patch..], patch).transposed();
        let groups: Vec<_> = (0..g.groups).map(group).collect();
        // One tile packs a block of the weights at a time, and it stays in the cache.
        let helps = g.images.pixels() > g.tile() && Packed::<T>::helps([g.tile(), outputs]);
        let pack = |w: &Matrix<'_, T>| Packed::matrix([patch, outputs], *w, true);
        let packed = groups.iter().filter(|_| helps).map(pack).collect();
        Self { groups, packed }
    }

    /// What the weights of a group make of the patches of `count` pixels.
    fn product(
        &self,
        group: usize,
        [count, patch, outputs]: [usize; 3],
        patches: Matrix<'_, T>,
        out: MatrixMut<'_, T>,
        epilogue: Epilogue<'_, T>,
    ) {
        let sizes = [count, patch, outputs];
        match self.packed.get(group) {
            Some(packed) if Packed::<T>::helps([count, outputs]) => {
                packed.product(sizes, patches, out, epilogue, false);
            }
            _ => gemm(sizes, patches, self.groups[group], out, epilogue, false),
        }
    }
}

/// The output pixels from `first` on that fit into `out`.
fn forward_piece<'a, T: Float>(
    g: &Geometry,
    x: &[T],
    weights: &Weights<'_, T>,
    first: usize,
    epilogue: impl Fn(usize) -> Epilogue<'a, T>,
    out: &mut [T],
) {
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
            let out = MatrixMut::rows(&mut out[group * outputs..], g.out_channels);
            weights.product(group, [count, patch, outputs], patches, out, epilogue(group));
        }
    }
}
