//! Convolution of images, forward and both gradients.
//!
//! `y[n, o, i, j] = Σ_{c, a, b} w[o, c, a, b] · x[n, g·C/groups + c, i·s + a·d - p, j·s + b·d - p]`
//!
//! with stride `s`, dilation `d`, padding `p`, and `g` the group of output channel `o`; what lies
//! outside the image is zero. It is a cross-correlation, as everywhere in deep learning: the
//! kernel is not turned around. All three are bilinear, so each is a derivative of the others, and
//! derivatives of any order need nothing else.
//!
//! Images lie channels-last in memory, see [`Tensor::channels_last`](crate::Tensor::channels_last);
//! other layouts are copied first. In `f32` the images are read where they lie (`direct`), or, for 3 × 3
//! taps and enough channels, transformed so that fewer multiplications do (`winograd`). Otherwise,
//! and with dilation, a tile of patches at a time is gathered and multiplied by the weights;
//! the matrix of all patches never exists. A kernel of one pixel needs no patches, and depthwise
//! convolution is a direct loop.

mod channels_last;
mod depthwise;
#[allow(unsafe_code, reason = "kernels read and write by pointer")]
mod direct;
mod forward;
mod geometry;
mod input_grad;
mod partials;
mod spec;
mod weight_grad;
pub(crate) mod window;
#[allow(unsafe_code, reason = "kernels read and write by pointer")]
mod winograd;

pub use forward::{conv2d, conv2d_with};
pub use input_grad::conv2d_input_grad;
pub use spec::{Conv2dSpec, ConvSpec};
pub use weight_grad::conv2d_weight_grad;
