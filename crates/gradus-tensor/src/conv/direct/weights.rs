//! The gradient by the weights: for each row of the kernel a product of `ȳ`, turned around, and what
//! the row sees, with the pixels of a band as the steps of the sum.
//!
//! A tile of weights stays in registers while all pixels of a band pass by. Images are cut into a few
//! blocks, which are summed up side by side and then added one after the other; the blocks depend on
//! the sizes alone, and so does every bit of the result.

use pulp::{Simd, WithSimd};

use super::padded::Image;
use crate::Activation;
use crate::conv::geometry::Geometry;
use crate::linalg::product::Panels;
use crate::linalg::product::tile::{self, Finish, Tile};
use crate::linalg::shared::Shared;
use crate::linalg::{Source, Target};
use crate::memory::Buffer;
use crate::simd::{dispatch, vectorize};
use crate::threads::{for_each_index, for_each_piece};

/// Elements of a band of the images with its borders.
const BAND: usize = 20 << 10;
/// The most blocks of images.
const BLOCKS: usize = 8;
/// The most elements, over all blocks, of partial sums; at least two blocks are allowed.
const PARTIALS: usize = 4 << 20;
/// The widest vector.
const LANES: usize = 16;
/// Elements of the result that are added up at a time.
const PIECE: usize = 4 << 10;

/// The gradient by the weights for images `x` and the gradient `grad` of the result, all
/// channels-last.
pub(in crate::conv) fn weights(g: &Geometry, x: &[f32], grad: &[f32], out: &mut [f32]) {
    let size = out.len();
    let images = g.images.batch;
    let blocks = (PARTIALS / size).clamp(2, BLOCKS).min(images);
    let mut partials = Buffer::<f32>::stale(blocks * size);
    let turned = turned(g);
    let shared = Shared::new(partials.as_mut_slice());
    for_each_index(blocks, true, |block| {
        // SAFETY: each block has a part of its own.
        let sum = unsafe { shared.slice(block * size, size) };
        let images = [block, block + 1].map(|b| images * b / blocks);
        dispatch(Block { g, x, grad, images, turned, sum });
    });
    let (partials, outputs) = (partials.as_slice(), g.group_outputs());
    if turned {
        for (o, out) in out.chunks_exact_mut(g.patch()).enumerate() {
            let start = o / outputs * outputs * g.patch() + o % outputs;
            for (i, out) in out.iter_mut().enumerate() {
                *out = (0..blocks).map(|b| partials[b * size + start + i * outputs]).sum();
            }
        }
        return;
    }
    for_each_piece(out, PIECE, |i, out| {
        vectorize(
            #[inline(always)]
            || {
                let n = out.len();
                out.copy_from_slice(&partials[i * PIECE..][..n]);
                for block in partials.chunks_exact(size).skip(1) {
                    out.iter_mut().zip(&block[i * PIECE..]).for_each(|(sum, x)| *sum += x);
                }
            },
        );
    });
}

/// Whether the sums of a group are taken as `[kh, kw, C, O]`, since the vectors along a row of the kernel would
/// be mostly empty.
fn turned(g: &Geometry) -> bool {
    let run = g.images.columns.kernel * g.group_channels();
    let panels = Panels::new::<f32>(run);
    g.group_outputs().is_multiple_of(panels.lanes) && panels.vectors * panels.lanes * 4 > run * 5
}

/// The sum over some images.
struct Block<'a> {
    g: &'a Geometry,
    x: &'a [f32],
    grad: &'a [f32],
    images: [usize; 2],
    turned: bool,
    sum: &'a mut [f32],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { g, x, grad, images: [first, end], turned, sum } = self;
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
        let panels = Panels::new::<f32>(if turned { outputs } else { run });
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
                let by_row = (rows.stride * line) as isize;
                for a in 0..rows.kernel {
                    let x = x.wrapping_add(a * line);
                    // Their rows are pixels.
                    let sides = [
                        (Source::rows(x, columns.stride * channels), by_row),
                        (Source::rows(grad, pixel), (columns.output * pixel) as isize),
                    ];
                    let [(left, l_row), (right, r_row)] =
                        if turned { sides } else { [sides[1], sides[0]] };
                    let height = if turned { run } else { outputs };
                    let from = a * run * if turned { outputs } else { 1 };
                    let width = if turned { outputs } else { run };
                    let stride = if turned { outputs } else { rows.kernel * run };
                    for panel in 0..panels.count {
                        let (column, vectors) = panels.panel(panel);
                        let last = (width - column).min(vectors * panels.lanes);
                        let mut row = 0;
                        while row < height {
                            let tall = tile::height::<S, f32>(vectors, height - row);
                            let place = from + row * stride + column;
                            let tile = Tile {
                                k: columns.output,
                                runs: count,
                                run_strides: [l_row, r_row],
                                a: left.at(0, row).transposed(),
                                b: right.at(0, column),
                                c: Target::rows(sum[place..].as_mut_ptr(), stride),
                                last: last - (vectors - 1) * panels.lanes,
                                finish,
                            };
                            // SAFETY: the copy holds what the band sees and a vector more; a
                            // gradient that is read in vectors has whole ones; the sums are
                            // borrowed mutably and hold this tile.
                            unsafe { tile::run(simd, tall, vectors, tile) };
                            row += tall;
                        }
                    }
                }
            }
        }
    }
}
