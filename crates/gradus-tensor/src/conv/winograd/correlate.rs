//! The convolution and its gradient by the input: blocks of tiles, each transformed, multiplied at
//! every point, and transformed back.

use pulp::{Simd, WithSimd};

use super::patches::{Patches, gather, scatter};
use super::{IN, OUT, POINTS, block, stride, transform};
use crate::Activation;
use crate::conv::direct::taps::{taps, taps_in_order};
use crate::conv::geometry::Geometry;
use crate::linalg::packed::Packed;
use crate::linalg::product::Panels;
use crate::linalg::product::tile::{self, Finish, Tile};
use crate::linalg::shared::Shared;
use crate::linalg::{Source, Target};
use crate::memory::{Buffer, place};
use crate::simd::dispatch;
use crate::threads::for_each_index;

/// `activation(conv(x, w) + bias)` for images `x` and weights `w`, both channels-last.
pub(in crate::conv) fn output(
    g: &Geometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    activation: Activation,
    out: &mut [f32],
) {
    let (rows, columns) = (&g.images.rows, &g.images.columns);
    let channels = g.images.channels;
    assert!(w.len() == g.out_channels * g.patch());
    let lead = [rows, columns].map(|w| -(w.padding as isize));
    let result = [rows.output, columns.output];
    let x = Patches::new(x, [rows.input, columns.input, channels], lead, result);
    let taps = taps_in_order(w, [9, channels], g.out_channels);
    run(x, &taps, g.out_channels, result, bias, activation, out);
}

/// The gradient by the images for the gradient `grad` of the result, with weights `w`, both
/// channels-last: a correlation with the kernel turned around, and the channels exchanged.
pub(in crate::conv) fn input(g: &Geometry, grad: &[f32], w: &[f32], out: &mut [f32]) {
    let (rows, columns) = (&g.images.rows, &g.images.columns);
    let channels = g.images.channels;
    assert!(w.len() == g.out_channels * g.patch());
    let lead = [rows, columns].map(|w| w.padding as isize - 2);
    let result = [rows.input, columns.input];
    let grad = Patches::new(grad, [rows.output, columns.output, g.out_channels], lead, result);
    let tap = |[a, b]: [usize; 2]| Source {
        start: w[((2 - a) * 3 + 2 - b) * channels..].as_ptr(),
        strides: [g.patch() as isize, 1],
    };
    // SAFETY: the weights have `patch` elements for each output channel.
    let taps = unsafe { taps([3, 3], [g.out_channels, channels], tap) };
    run(grad, &taps, channels, result, None, Activation::Identity, out);
}

/// Writes images of so many channels and `size` rows and columns.
fn run(
    source: Patches<'_, IN>,
    taps: &Packed<f32>,
    outputs: usize,
    size: [usize; 2],
    bias: Option<&[f32]>,
    activation: Activation,
    out: &mut [f32],
) {
    let channels = source.channels();
    let tiles = source.count();
    assert!(bias.is_none_or(|bias| bias.len() == outputs));
    let panels = Panels::new::<f32>(outputs);
    let mut weights = Buffer::<f32>::stale(POINTS * channels * outputs);
    let shared = Shared::new(weights.as_mut_slice());
    // An eighth of the channels at a time.
    let rows = channels.div_ceil(8);
    for_each_index(panels.count * channels.div_ceil(rows), channels * outputs >= 1 << 10, |i| {
        let (panel, first) = (i % panels.count, i / panels.count * rows);
        let range = [first, channels.min(first + rows)];
        dispatch(Weights { taps, panels, panel, range, out: shared });
    });
    let block = block(channels + outputs).min(tiles.next_multiple_of(4));
    let out = Shared::new(out);
    let weights = weights.as_slice();
    for_each_index(tiles.div_ceil(block), true, |i| {
        let range = [i * block, tiles.min((i + 1) * block)];
        dispatch(Block { source, weights, panels, range, size, outputs, bias, activation, out });
    });
}

/// The transformed weights of some channels in one panel of outputs: in each panel a matrix of
/// channels × outputs for each point.
struct Weights<'a> {
    taps: &'a Packed<f32>,
    panels: Panels,
    panel: usize,
    range: [usize; 2],
    out: Shared<'a, f32>,
}

impl WithSimd for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { taps, panels, panel, range: [first, end], out } = self;
        let channels = taps.k() / 9;
        let (column, vectors) = panels.panel(panel);
        let width = vectors * panels.lanes;
        let size = channels * width;
        let from = taps.panel(column).as_ptr();
        let to = out.at((POINTS * channels * column) as isize);
        for at in (first * width..end * width).step_by(S::F32_LANES) {
            // SAFETY: a panel holds 9 taps, and has room for the points, of `size` numbers each.
            unsafe {
                let square = gather::<S, 3>(simd, from.wrapping_add(at), size);
                scatter::<S, IN>(transform::kernels(simd, square), to.wrapping_add(at), size);
            }
        }
    }
}

/// Some tiles of the result.
struct Block<'a> {
    source: Patches<'a, IN>,
    weights: &'a [f32],
    panels: Panels,
    range: [usize; 2],
    size: [usize; 2],
    outputs: usize,
    bias: Option<&'a [f32]>,
    activation: Activation,
    out: Shared<'a, f32>,
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let [first, end] = self.range;
        let (count, channels) = (end - first, self.source.channels());
        let by_point = [channels, self.outputs].map(|n| stride(count, n));
        let [mut seen, mut made] = by_point.map(|n| Buffer::<f32>::stale(POINTS * n));
        let (seen, made) = (seen.as_mut_slice().as_mut_ptr(), made.as_mut_slice().as_mut_ptr());
        for tile in first..end {
            let pixels = self.source.pixels(tile);
            let to = seen.wrapping_add((tile - first) * channels);
            for c in (0..channels).step_by(S::F32_LANES) {
                // SAFETY: each pixel has these channels, each point room for the tiles.
                unsafe {
                    let square = Patches::<IN>::load(simd, &pixels, c);
                    scatter::<S, IN>(
                        transform::inputs(simd, square),
                        to.wrapping_add(c),
                        by_point[0],
                    );
                }
            }
        }
        for point in 0..POINTS {
            let seen = seen.wrapping_add(point * by_point[0]);
            let made = made.wrapping_add(point * by_point[1]);
            // SAFETY: both hold a row of channels for each tile, and belong to this block.
            unsafe { self.product(simd, point, count, seen, made) };
        }
        for tile in first..end {
            let from = made.wrapping_add((tile - first) * self.outputs);
            // SAFETY: the points of this tile were just computed; its pixels belong to it alone.
            unsafe { self.write(simd, tile, from, by_point[1]) };
        }
    }
}

impl Block<'_> {
    /// The product at one point, for `count` tiles.
    ///
    /// # Safety
    /// `seen` and `made` must lead to a row of channels for each tile, `made` be written by nobody else.
    #[inline(always)]
    unsafe fn product<S: Simd>(
        &self,
        simd: S,
        point: usize,
        count: usize,
        seen: *const f32,
        made: *mut f32,
    ) {
        let (channels, panels) = (self.source.channels(), self.panels);
        for panel in 0..panels.count {
            let (column, vectors) = panels.panel(panel);
            let width = vectors * panels.lanes;
            let start = POINTS * channels * column + point * channels * width;
            let b = self.weights[start..start + channels * width].as_ptr();
            let tile = Tile {
                k: channels,
                runs: 1,
                run_strides: [0; 2],
                a: Source::rows(seen, channels),
                b: Source::rows(b, width),
                c: Target::rows(made.wrapping_add(column), self.outputs),
                last: panels.lanes,
                finish: Finish::PLAIN,
            };
            // SAFETY: as the caller promises; the weights have a row for each channel.
            unsafe { tile::run(simd, count, vectors, tile) };
        }
    }

    /// Transforms the points of a tile back and writes those of its pixels that there are.
    ///
    /// # Safety
    /// `from` must lead to the points, `stride` apart, and the tile's pixels be used by nobody else.
    #[inline(always)]
    unsafe fn write<S: Simd>(&self, simd: S, tile: usize, from: *const f32, stride: usize) {
        let ([rows, columns], outputs) = (self.size, self.outputs);
        let (image, [top, left]) = self.source.origin(tile);
        let [down, across] = [rows - top, columns - left].map(|left| left.min(OUT));
        for c in (0..outputs).step_by(S::F32_LANES) {
            // SAFETY: as the caller promises.
            let square = unsafe { gather::<S, IN>(simd, from.wrapping_add(c), stride) };
            let mut square = transform::outputs(simd, square);
            if let Some(bias) = self.bias {
                // SAFETY: there is a bias for each output channel.
                let bias = unsafe { place::read(bias.as_ptr().wrapping_add(c)) };
                for y in square.as_flattened_mut() {
                    *y = simd.add_f32s(*y, bias);
                }
            }
            if self.activation == Activation::Relu {
                let zero = simd.splat_f32s(0.0);
                for y in square.as_flattened_mut() {
                    *y = simd.select_f32s(simd.less_than_or_equal_f32s(*y, zero), zero, *y);
                }
            }
            for (i, line) in square.iter().enumerate().take(down) {
                let pixel = (image * rows + top + i) * columns + left;
                let out = self.out.at((pixel * outputs + c) as isize);
                for (j, &y) in line.iter().enumerate().take(across) {
                    // SAFETY: the pixel lies in the image, and is this tile's alone.
                    unsafe { place::write(out.wrapping_add(j * outputs), y) };
                }
            }
        }
    }
}
