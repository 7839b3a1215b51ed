//! The gradient by the weights: at every point the product of what the tiles of `ȳ` and of `x` are
//! there, with the tiles as the steps of the sum.
//!
//! Tiles are cut into a few blocks (`partials.rs`), whose sums are added on their way back.

use pulp::{Simd, WithSimd};

use super::patches::{Patches, gather, scatter};
use super::{IN, OUT, POINTS, block, stride, transform};
use crate::conv::geometry::Geometry;
use crate::conv::partials::Partials;
use crate::linalg::product::Panels;
use crate::linalg::product::tile::{self, Finish, Tile};
use crate::linalg::{Source, Target};
use crate::memory::Buffer;
use crate::simd::dispatch;
use crate::threads::for_each_piece;

/// The most blocks that are summed up side by side.
const BLOCKS: usize = 8;

/// The gradient by the weights for images `x` and the gradient `grad` of the result, all
/// channels-last.
pub(in crate::conv) fn weights(g: &Geometry, x: &[f32], grad: &[f32], out: &mut [f32]) {
    let (rows, columns) = (&g.images.rows, &g.images.columns);
    let (channels, outputs) = (g.images.channels, g.out_channels);
    assert!(out.len() == outputs * g.patch());
    let lead = [rows, columns].map(|w| -(w.padding as isize));
    let result = [rows.output, columns.output];
    let x = Patches::new(x, [rows.input, columns.input, channels], lead, result);
    let grad = Patches::new(grad, [result[0], result[1], outputs], [0; 2], result);
    let (tiles, size) = (x.count(), POINTS * outputs * channels);
    let step = block(channels + outputs);
    let blocks = Partials::<f32>::blocks(size, BLOCKS).min(tiles.div_ceil(step));
    let partials = Partials::new(blocks, size, |i, sums| {
        let range = [i, i + 1].map(|i| tiles * i / blocks);
        dispatch(Block { x, grad, range, step, sums });
    });
    for_each_piece(out, g.patch(), |output, out| {
        let (start, by_point) = (output * channels, outputs * channels);
        dispatch(Finished { partials: &partials, start, by_point, out });
    });
}

/// The sums over some tiles: a matrix of outputs × channels for each point.
struct Block<'a> {
    x: Patches<'a, IN>,
    grad: Patches<'a, OUT>,
    range: [usize; 2],
    step: usize,
    sums: &'a mut [f32],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { x, grad, range: [first, end], step, sums } = self;
        let (channels, outputs) = (x.channels(), grad.channels());
        let step = step.min(end - first);
        let [by_x, by_grad] = [channels, outputs].map(|n| stride(step, n));
        let [mut seen, mut back] = [by_x, by_grad].map(|n| Buffer::<f32>::stale(POINTS * n));
        let (seen, back) = (seen.as_mut_slice().as_mut_ptr(), back.as_mut_slice().as_mut_ptr());
        let panels = Panels::new::<f32>(channels);
        for start in (first..end).step_by(step) {
            let count = step.min(end - start);
            for i in 0..count {
                let (x_pixels, grad_pixels) = (x.pixels(start + i), grad.pixels(start + i));
                // SAFETY: each pixel has these channels, each point room for the tiles.
                unsafe {
                    for c in (0..channels).step_by(S::F32_LANES) {
                        let square = Patches::<IN>::load(simd, &x_pixels, c);
                        let to = seen.wrapping_add(i * channels + c);
                        scatter::<S, IN>(transform::inputs(simd, square), to, by_x);
                    }
                    for c in (0..outputs).step_by(S::F32_LANES) {
                        let square = Patches::<OUT>::load(simd, &grad_pixels, c);
                        let to = back.wrapping_add(i * outputs + c);
                        scatter::<S, IN>(transform::output_grads(simd, square), to, by_grad);
                    }
                }
            }
            let finish = Finish { load: start > first, ..Finish::PLAIN };
            for (point, sums) in sums.chunks_exact_mut(outputs * channels).enumerate() {
                let seen = seen.wrapping_add(point * by_x);
                let back = back.wrapping_add(point * by_grad);
                for panel in 0..panels.count {
                    let (column, vectors) = panels.panel(panel);
                    let tile = Tile {
                        k: count,
                        runs: 1,
                        run_strides: [0; 2],
                        a: Source::columns(back, outputs),
                        b: Source::rows(seen.wrapping_add(column), channels),
                        c: Target::rows(sums[column..].as_mut_ptr(), channels),
                        last: panels.lanes,
                        finish,
                    };
                    // SAFETY: each point has a row of channels for each tile; the sums are borrowed
                    // mutably and hold this panel.
                    unsafe { tile::run(simd, outputs, vectors, tile) };
                }
            }
        }
    }
}

/// The weights of one output channel: blocks are added up and transformed back.
struct Finished<'a> {
    partials: &'a Partials<f32>,
    /// The channel's first sum in a block, and how far on the next point is.
    start: usize,
    by_point: usize,
    /// Row, column, channel.
    out: &'a mut [f32],
}

impl WithSimd for Finished<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { partials, start, by_point, out } = self;
        let channels = out.len() / 9;
        for c in (0..channels).step_by(S::F32_LANES) {
            let mut sum = [[simd.splat_f32s(0.0); IN]; IN];
            for block in partials.iter() {
                let from = block[start + c..].as_ptr();
                // SAFETY: a block has a row of channels for each output at every point.
                let square = unsafe { gather::<S, IN>(simd, from, by_point) };
                for (sum, &x) in sum.as_flattened_mut().iter_mut().zip(square.as_flattened()) {
                    *sum = simd.add_f32s(*sum, x);
                }
            }
            let to = out[c..].as_mut_ptr();
            // SAFETY: there are 9 taps of so many channels.
            unsafe { scatter::<S, 3>(transform::kernel_grads(simd, sum), to, channels) };
        }
    }
}
