//! The gradient by the weights: for each row of the kernel a product of `ȳ` and what the row sees, one
//! of the two turned around, with the pixels of a band as the steps of the sum.
//!
//! A tile of weights stays in registers while all pixels of a band pass by. Images are cut into a few
//! blocks (`partials.rs`).

use pulp::{Simd, WithSimd};

use super::padded::Image;
use crate::Activation;
use crate::conv::geometry::Geometry;
use crate::conv::partials::Partials;
use crate::linalg::product::Panels;
use crate::linalg::product::tile::{self, Finish, Tile};
use crate::linalg::{Source, Target};
use crate::memory::Buffer;
use crate::simd::dispatch;

/// Elements of a band of the images with its borders.
const BAND: usize = 20 << 10;
/// The most blocks of images.
const BLOCKS: usize = 8;
/// The widest vector.
const LANES: usize = 16;

/// The gradient by the weights for images `x` and the gradient `grad` of the result, all
/// channels-last.
pub(in crate::conv) fn weights(g: &Geometry, x: &[f32], grad: &[f32], out: &mut [f32]) {
    let (images, outputs) = (g.images.batch, g.group_outputs());
    let (size, outputs_last) = (out.len(), outputs_last(g));
    let blocks = Partials::<f32>::blocks(size, BLOCKS).min(images);
    let fill = |block: usize, sum: &mut [f32]| {
        let images = [block, block + 1].map(|b| images * b / blocks);
        dispatch(Block { g, x, grad, images, outputs_last, sum });
    };
    if !outputs_last {
        return Partials::sum(out, blocks, fill);
    }
    let partials = Partials::new(blocks, size, fill);
    for (o, out) in out.chunks_exact_mut(g.patch()).enumerate() {
        let start = o / outputs * outputs * g.patch() + o % outputs;
        for (i, out) in out.iter_mut().enumerate() {
            *out = partials.iter().map(|block| block[start + i * outputs]).sum();
        }
    }
}

/// Whether the sums of a group are kept as `[kh, kw, C, O]`, not as the weights `[O, kh, kw, C]`:
/// vectors lie along the last axes, and along a row of the kernel they would be mostly empty.
fn outputs_last(g: &Geometry) -> bool {
    let run = g.images.columns.kernel * g.group_channels();
    let panels = Panels::new::<f32>(run);
    g.group_outputs().is_multiple_of(panels.lanes) && panels.vectors * panels.lanes * 4 > run * 5
}

/// One of the two matrices of a product, with a row for each pixel of a band: what a row of the kernel
/// sees there, or `ȳ`.
#[derive(Clone, Copy)]
struct Side {
    /// The pixels of the first row of them.
    pixels: Source,
    /// Numbers of a pixel, side by side.
    width: usize,
    /// From one row of pixels to the next.
    by_row: usize,
}

/// The sum over some images.
struct Block<'a> {
    g: &'a Geometry,
    x: &'a [f32],
    grad: &'a [f32],
    images: [usize; 2],
    outputs_last: bool,
    sum: &'a mut [f32],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { g, x, grad, images: [first, end], outputs_last, sum } = self;
        let (rows, columns) = (&g.images.rows, &g.images.columns);
        let (channels, outputs) = (g.group_channels(), g.group_outputs());
        let (step, pixel) = (g.images.channels, g.out_channels);
        let (plane, pixels) = (g.images.input_plane() * step, g.images.output_plane());
        let run = columns.kernel * channels;
        let size = sum.len();
        assert!(size == pixel * rows.kernel * run);
        // Columns that are seen; none beyond the last tap of the last output.
        let across = (columns.output - 1) * columns.stride + columns.kernel;
        let left = -(columns.padding as isize);
        let line = across * channels;
        let high = (BAND / line).saturating_sub(rows.kernel) / rows.stride + 1;
        let bands = rows.output.div_ceil(high);
        let high = rows.output.div_ceil(bands);
        let most = (high - 1) * rows.stride + rows.kernel;
        // What a vector reads beyond the last run is not used, but it must be there.
        let mut copy = Buffer::<f32>::stale(most * line + LANES);
        let panels = Panels::new::<f32>(if outputs_last { outputs } else { run });
        for (image, group) in (first..end).flat_map(|i| (0..g.groups).map(move |j| (i, j))) {
            let values = &x[image * plane..][..plane][group * channels..];
            let source = Image { values, rows: rows.input, columns: columns.input, channels, step };
            let grad = &grad[image * pixels * pixel..][..pixels * pixel][group * outputs..];
            let sum = &mut sum[group * outputs * g.patch()..];
            for top in (0..rows.output).step_by(high) {
                let count = high.min(rows.output - top);
                let start = (top * rows.stride) as isize - rows.padding as isize;
                let seen = ((count - 1) * rows.stride + rows.kernel) as isize;
                source.copy(start..start + seen, left..left + across as isize, copy.as_mut_slice());
                let x = copy.as_slice().as_ptr();
                let grad = grad[top * columns.output * pixel..].as_ptr();
                let finish = Finish {
                    load: image > first || top > 0,
                    alpha: 1.0,
                    bias: std::ptr::null(),
                    activation: Activation::Identity,
                };
                for a in 0..rows.kernel {
                    let seen = Side {
                        pixels: Source::rows(x.wrapping_add(a * line), columns.stride * channels),
                        width: run,
                        by_row: rows.stride * line,
                    };
                    let back = Side {
                        pixels: Source::rows(grad, pixel),
                        width: outputs,
                        by_row: columns.output * pixel,
                    };
                    // The sums of this row of the kernel are `leftᵀ · right`: where they begin, and how
                    // far apart their rows are.
                    let (left, right, from, stride) = match outputs_last {
                        true => (seen, back, a * run * outputs, outputs),
                        false => (back, seen, a * run, rows.kernel * run),
                    };
                    for panel in 0..panels.count {
                        let (column, vectors) = panels.panel(panel);
                        let last = (right.width - column).min(vectors * panels.lanes);
                        let tile = Tile {
                            k: columns.output,
                            runs: count,
                            run_strides: [left.by_row as isize, right.by_row as isize],
                            a: left.pixels.transposed(),
                            b: right.pixels.at(0, column),
                            c: Target::rows(sum[from + column..].as_mut_ptr(), stride),
                            last: last - (vectors - 1) * panels.lanes,
                            finish,
                        };
                        // SAFETY: the copy holds what the band sees and a vector more; a gradient
                        // that is read in vectors has whole ones; the sums are borrowed mutably
                        // and hold this panel.
                        unsafe { tile::run(simd, left.width, vectors, tile) };
                    }
                }
            }
        }
    }
}
