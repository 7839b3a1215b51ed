//! A product by tiles: blocks of rows, panels of columns, spans of steps.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::panels::Panels;
use super::tile::{self, Tile};
use super::{Product, Right, cut, pack, work};
use crate::linalg::lanes::Lanes;
use crate::linalg::matrix::Source;
use crate::linalg::packed::Packed;
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
pub(super) fn compute<T: Lanes>(p: Product<'_, T>, parallel: bool) {
    let [m, k, n] = p.sizes;
    let (Right::Lies(b), true) = (p.b, m > BLOCK) else { return pieces(p, parallel) };
    // Tall: all blocks share one copy of `B`, of so many columns at a time.
    let lanes = Panels::new::<T>(n).lanes;
    let step = (COPIED / (k.max(1) * lanes)).max(3) * lanes;
    for first in (0..n).step_by(step) {
        let columns = step.min(n - first);
        // SAFETY: `B` is readable as long as the product is used.
        let copy = unsafe { Packed::of([k, columns], b.at(0, first), parallel) };
        let part = Product {
            sizes: [m, k, columns],
            a: p.a,
            b: Right::Packed(copy.panel(0)),
            c: p.c.at(0, first),
            finish: p.finish.at(first),
        };
        pieces(part, parallel);
    }
}

/// Cuts the product into pieces.
fn pieces<T: Lanes>(p: Product<'_, T>, parallel: bool) {
    let [m, _, n] = p.sizes;
    let panels = Panels::new::<T>(n);
    let work = work(p.sizes);
    let parallel = parallel && work >= PARALLEL;
    let blocks = m.div_ceil(BLOCK);
    let enough = (work / PIECE).clamp(1, 16);
    let groups = panels.count.min(enough.div_ceil(blocks));
    let groups = if m <= BLOCK && parallel { panels.count } else { groups };
    map_indices(blocks * groups, parallel, |piece| {
        let (block, group) = (piece / groups, piece % groups);
        // Multiples of the height of a tile.
        let rows = [block, block + 1].map(|i| (cut(m.div_ceil(8), blocks, i) * 8).min(m));
        let range = [group, group + 1].map(|i| cut(panels.count, groups, i));
        dispatch(Piece { p, panels, rows, range });
    });
}

/// Some panels of one block.
struct Piece<'a, T> {
    p: Product<'a, T>,
    panels: Panels,
    /// The block: its first row, and the one behind its last.
    rows: [usize; 2],
    /// The first panel, and the one behind the last.
    range: [usize; 2],
}

impl<T: Lanes> WithSimd for Piece<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { p, panels, rows: [top, end], range } = self;
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
                let b = match p.b {
                    Right::Packed(copy) => {
                        Source::rows(copy[k * column + first * width..].as_ptr(), width)
                    }
                    Right::Lies(b) => {
                        let b = b.at(first, column);
                        if columns == width && lies_well(b, depth, end - top) {
                            b
                        } else {
                            let out = scratch.as_mut_ptr().cast::<T>();
                            // SAFETY: there is room for a span of the widest panel.
                            unsafe { pack::pack(simd, depth, columns, b, width, out) };
                            Source::rows(out, width)
                        }
                    }
                };
                let tile = Tile {
                    k: depth,
                    runs: 1,
                    run_strides: [0; 2],
                    a: p.a.at(top, first),
                    b,
                    c: p.c.at(top, column),
                    last: columns - (vectors - 1) * panels.lanes,
                    finish: p.finish.at(column).in_span(span, spans),
                };
                // SAFETY: rows, steps and columns are some of the product's, and no other piece has
                // these elements of `C`.
                unsafe { tile::run(simd, end - top, vectors, tile) };
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
