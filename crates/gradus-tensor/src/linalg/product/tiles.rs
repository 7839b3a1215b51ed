//! A product by tiles: blocks of rows, panels of columns, spans of steps.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::packed::Packed;
use super::panels::Panels;
use super::tile::{self, Tile};
use super::{Product, cut, pack};
use crate::linalg::lanes::Lanes;
use crate::linalg::matrix::Source;
use crate::simd::dispatch;
use crate::threads::map_indices;

/// The most rows in a block.
const BLOCK: usize = 128;
/// The most steps in a span.
const SPAN: usize = 256;
/// The widest panel on any machine: 3 vectors of 16.
const WIDEST: usize = 48;
/// The most elements of `B` that are copied at a time for a tall result.
const COPIED: usize = 4 << 20;
/// Multiplications below which one thread is faster than several.
const PARALLEL: usize = 1 << 20;
/// Multiplications that make a piece, where the shape leaves the choice.
const PIECE: usize = 1 << 17;

/// Computes a product whose `A` lies along the steps or along the rows.
pub(super) fn compute<T: Lanes>(p: Product<T>, parallel: bool) {
    let [m, k, n] = p.sizes;
    let parallel = parallel && m * k * n >= PARALLEL;
    if m <= BLOCK {
        return pieces(p, Panels::new::<T>(n), None, parallel);
    }
    // Tall: all blocks share one copy of `B`.
    let all = Panels::new::<T>(n);
    let step = (COPIED / (k.max(1) * all.lanes)).max(3) * all.lanes;
    for first in (0..n).step_by(step) {
        let part = p.columns(first, step.min(n - first));
        let [_, _, columns] = part.sizes;
        // SAFETY: `B` is readable as long as the product.
        let copy = unsafe { Packed::of(k, columns, part.b, parallel) };
        let parallel = parallel && m * k * columns >= PARALLEL;
        pieces(part, Panels::new::<T>(columns), Some(copy.panels()), parallel);
    }
}

/// Cuts the product into pieces; of `B` there may be a copy in these panels.
fn pieces<T: Lanes>(p: Product<T>, panels: Panels, copy: Option<&[T]>, parallel: bool) {
    let [m, k, n] = p.sizes;
    let blocks = m.div_ceil(BLOCK);
    let enough = (m * k * n / PIECE).clamp(1, 16);
    let groups = panels.count.min(enough.div_ceil(blocks));
    let groups = if m <= BLOCK && parallel { panels.count } else { groups };
    map_indices(blocks * groups, parallel, |piece| {
        let (block, group) = (piece / groups, piece % groups);
        // Multiples of the height of a tile.
        let rows = [block, block + 1].map(|i| (cut(m.div_ceil(8), blocks, i) * 8).min(m));
        let range = [group, group + 1].map(|i| cut(panels.count, groups, i));
        dispatch(Piece { p, panels, copy, rows, range });
    });
}

/// Some panels of one block.
struct Piece<'a, T> {
    p: Product<T>,
    panels: Panels,
    copy: Option<&'a [T]>,
    /// The block: its first row, and the one behind its last.
    rows: [usize; 2],
    /// The first panel, and the one behind the last.
    range: [usize; 2],
}

impl<T: Lanes> WithSimd for Piece<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { p, panels, copy, rows: [top, end], range } = self;
        let [_, k, n] = p.sizes;
        // At least one span, since sums of no terms are finished like others.
        let spans = k.div_ceil(SPAN).max(1);
        let mut scratch = MaybeUninit::<[T; WIDEST * SPAN]>::uninit();
        for span in 0..spans {
            let [first, behind] = [span, span + 1].map(|i| cut(k, spans, i));
            let depth = behind - first;
            for panel in range[0]..range[1] {
                let (column, vectors) = panels.panel(panel);
                let width = vectors * panels.lanes;
                let columns = (n - column).min(width);
                let from = p.b.at(first, column);
                let b = match copy {
                    Some(copy) => Source::rows(copy[k * column + first * width..].as_ptr(), width),
                    None if columns == width && lies_well(from, depth, end - top) => from,
                    None => {
                        let out = scratch.as_mut_ptr().cast::<T>();
                        // SAFETY: there is room for a span of the widest panel.
                        unsafe { pack::pack(simd, depth, columns, from, width, out) };
                        Source::rows(out, width)
                    }
                };
                let finish = p.finish.at(column).in_span(span, spans);
                let mut row = top;
                while row < end {
                    let rows = tile::height::<S, T>(vectors, end - row);
                    let tile = Tile {
                        k: depth,
                        runs: 1,
                        run_strides: [0; 2],
                        a: p.a.at(row, first),
                        b,
                        c: p.c.at(row, column),
                        last: columns - (vectors - 1) * panels.lanes,
                        finish,
                    };
                    // SAFETY: rows, steps and columns are some of the product's, and no other piece
                    // has these elements of `C`.
                    unsafe { tile::run(simd, rows, vectors, tile) };
                    row += rows;
                }
            }
        }
    }
}

/// Whether the tiles may read `B` where it lies: its rows are contiguous, and either few rows of
/// `A` use it or it lies on few pages, and not on the same places of the cache.
fn lies_well<T>(b: Source<T>, depth: usize, rows: usize) -> bool {
    let step = b.strides[0].unsigned_abs();
    b.strides[1] == 1 && (rows <= 16 || (depth * step <= 1 << 16 && !step.is_multiple_of(256)))
}
