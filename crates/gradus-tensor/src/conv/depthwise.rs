//! Convolution of each channel by itself (as many groups as channels), forward and gradients.
//!
//! There is nothing here that a product of matrices could share, so these are plain loops over
//! the channels of a pixel. Output channel `o` sees input channel `o / m`, where `m` is the number
//! of output channels per input channel, mostly 1. Weights are brought into the order `[tap, o]`.

use super::geometry::Geometry;
use super::weight_grad::sum_of_blocks;
use super::window::pixels_of;
use crate::layout::Layout;
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece};
use crate::{Float, Result, Tensor};

/// Weights `[O, 1, kh, kw]` with the output channels of a tap side by side.
const TAPS: [usize; 4] = [2, 3, 1, 0];

pub(super) fn forward<T: Float>(
    g: &Geometry,
    x: &Tensor<T>,
    w: &Tensor<T>,
    layout: Layout,
) -> Result<Tensor<T>> {
    let w = w.copied_to(Layout::dense(w.shape(), &TAPS));
    let (x, w) = (pixels_of(x), pixels_of(&w));
    let (channels, outputs, m) = (g.images.channels, g.out_channels, g.group_outputs());
    let piece = (PIECE / outputs.max(1)).max(1);
    Ok(Tensor::build(layout, |out| {
        for_each_piece(out, piece * outputs, |i, out| {
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    out.fill(T::ZERO);
                    g.images.each_pixel(
                        i * piece,
                        out.len() / outputs,
                        #[inline(always)]
                        |j, pixel| {
                            let out = &mut out[j * outputs..(j + 1) * outputs];
                            g.images.each_tap(
                                pixel,
                                #[inline(always)]
                                |tap, at| {
                                    let x = &x[at * channels..(at + 1) * channels];
                                    let w = &w[tap * outputs..(tap + 1) * outputs];
                                    add_products(out, x, w, m);
                                },
                            );
                        },
                    );
                },
            );
        });
    }))
}

pub(super) fn input_grad<T: Float>(
    g: &Geometry,
    grad: &Tensor<T>,
    w: &Tensor<T>,
    layout: Layout,
) -> Result<Tensor<T>> {
    let w = w.copied_to(Layout::dense(w.shape(), &TAPS));
    let (grad, w) = (pixels_of(grad), pixels_of(&w));
    let (channels, outputs, m) = (g.images.channels, g.out_channels, g.group_outputs());
    let (plane, input) = (g.images.output_plane(), g.images.input_plane() * channels);
    let images = (PIECE / input.max(1)).max(1);
    Ok(Tensor::build(layout, |out| {
        for_each_piece(out, images * input, |i, out| {
            let grad = &grad[i * images * plane * outputs..];
            vectorize_for::<T, T, T, _>(
                #[inline(always)]
                || {
                    out.fill(T::ZERO);
                    g.images.each_pixel(
                        0,
                        out.len() / input * plane,
                        #[inline(always)]
                        |j, pixel| {
                            let grad = &grad[j * outputs..(j + 1) * outputs];
                            g.images.each_tap(
                                pixel,
                                #[inline(always)]
                                |tap, at| {
                                    let out = &mut out[at * channels..(at + 1) * channels];
                                    let w = &w[tap * outputs..(tap + 1) * outputs];
                                    add_dots(out, grad, w, m);
                                },
                            );
                        },
                    );
                },
            );
        });
    }))
}

pub(super) fn weight_grad<T: Float>(
    g: &Geometry,
    x: &Tensor<T>,
    grad: &Tensor<T>,
    shape: &[usize],
) -> Result<Tensor<T>> {
    let (x, grad) = (pixels_of(x), pixels_of(grad));
    let (channels, outputs, m) = (g.images.channels, g.out_channels, g.group_outputs());
    let sum = sum_of_blocks(g, Layout::dense(shape, &TAPS), |pixels, sum| {
        vectorize_for::<T, T, T, _>(
            #[inline(always)]
            || {
                sum.fill(T::ZERO);
                g.images.each_pixel(
                    pixels.start,
                    pixels.len(),
                    #[inline(always)]
                    |j, pixel| {
                        let first = (pixels.start + j) * outputs;
                        let grad = &grad[first..first + outputs];
                        g.images.each_tap(
                            pixel,
                            #[inline(always)]
                            |tap, at| {
                                let x = &x[at * channels..(at + 1) * channels];
                                let sum = &mut sum[tap * outputs..(tap + 1) * outputs];
                                add_products(sum, x, grad, m);
                            },
                        );
                    },
                );
            },
        );
    });
    sum.channels_last()
}

/// `out[o] += x[o / m] · y[o]`
#[inline(always)]
fn add_products<T: Float>(out: &mut [T], x: &[T], y: &[T], m: usize) {
    if m == 1 {
        out.iter_mut().zip(x.iter().zip(y)).for_each(|(o, (&x, &y))| *o += x * y);
        return;
    }
    for ((out, y), &x) in out.chunks_exact_mut(m).zip(y.chunks_exact(m)).zip(x) {
        out.iter_mut().zip(y).for_each(|(o, &y)| *o += x * y);
    }
}

/// `out[c] += Σ a[o] · b[o]` over the `m` output channels of input channel `c`
#[inline(always)]
fn add_dots<T: Float>(out: &mut [T], a: &[T], b: &[T], m: usize) {
    if m == 1 {
        return add_products(out, a, b, 1);
    }
    if m == 0 {
        return;
    }
    for ((a, b), out) in a.chunks_exact(m).zip(b.chunks_exact(m)).zip(out) {
        *out += a.iter().zip(b).fold(T::ZERO, |sum, (&a, &b)| sum + a * b);
    }
}
