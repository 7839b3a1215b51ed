//! Products of matrices of `f32`.
//!
//! The result is cut into panels of a few vectors of columns and, if it is tall, into blocks of
//! rows. For each panel `B` is copied into the order in which the tiles read it, a block of `k` at a
//! time, so that it stays in the first- or second-level cache while all rows pass over it. (Goto and
//! van de Geijn, *Anatomy of high-performance matrix multiplication*, 2008.) What differs from that
//! scheme: `A` is read where it lies, since its elements are only ever repeated over a vector; `B`
//! is not copied where it is used once or twice, or lies well; few rows times a `B` that lies along
//! `k` are scalar products.
//!
//! All of this is decided by the sizes and strides alone, and each element of the result is summed
//! up by one thread: the bits do not depend on the number of threads.

mod dot;
pub(crate) mod pack;
mod packed;
pub(crate) mod tile;
pub(crate) mod turn;

use std::mem::MaybeUninit;

use pulp::{MemMask, Simd, WithSimd};

use self::pack::Source;
use self::tile::{Finish, Tile};
use super::Epilogue;
use super::packed::Packed;
use super::shared::Shared;
use crate::memory::Buffer;
use crate::simd::dispatch;
use crate::threads::map_indices;

/// The most steps of `k` in one block.
const BLOCK_K: usize = 256;
/// The widest panel on any machine: 3 vectors of 16.
const WIDEST: usize = 48;
/// The most rows in one block.
const BLOCK_M: usize = 128;
/// The most elements of `B` that are copied at a time for a tall result.
const COPIED: usize = 4 << 20;
/// Multiplications below which one thread is faster than several.
const PARALLEL: usize = 1 << 20;
/// The same for few rows, whose time is that of reading the matrix.
const PARALLEL_DOT: usize = 1 << 18;
/// Multiplications that make a piece of work for one thread, where the shape leaves the choice.
const PIECE: usize = 1 << 17;

/// The bias's address, for the pieces.
#[derive(Clone, Copy)]
struct Bias(*const f32);

// SAFETY: the bias is borrowed while the pieces read it.
unsafe impl Send for Bias {}
// SAFETY: as above.
unsafe impl Sync for Bias {}

impl Bias {
    fn at(self, column: usize) -> *const f32 {
        if self.0.is_null() { self.0 } else { self.0.wrapping_add(column) }
    }
}

/// Where a product's `B` is.
#[derive(Clone, Copy)]
enum Right<'a> {
    /// In memory of any layout.
    Source(Source),
    /// Copied into panels.
    Panels(&'a [f32]),
}

/// A product to be computed: `C = activation(alpha · A B + C if accumulate + bias)`. The columns of
/// `C` lie side by side.
#[derive(Clone, Copy)]
struct Product<'a> {
    sizes: [usize; 3],
    a: Source,
    c: Shared<'a, f32>,
    c_stride: isize,
    alpha: f32,
    accumulate: bool,
    bias: Bias,
    activation: crate::Activation,
}

/// How the columns are cut into panels.
#[derive(Clone, Copy)]
pub(crate) struct Panels {
    pub(crate) lanes: usize,
    pub(crate) vectors: usize,
    pub(crate) count: usize,
}

impl Panels {
    /// Panels of almost equal width; an even number of them, so that two threads share well.
    pub(crate) fn new(n: usize) -> Self {
        let [lanes, widest] = dispatch(Registers);
        let vectors = n.div_ceil(lanes);
        let least = vectors.div_ceil(widest).max(1);
        let count = if least > 1 && least < vectors { least.next_multiple_of(2) } else { least };
        Self { lanes, vectors, count }
    }

    /// First vector of a panel; that of the one after the last is the number of vectors.
    fn first(&self, panel: usize) -> usize {
        panel * (self.vectors / self.count) + panel.min(self.vectors % self.count)
    }

    /// First column and width in vectors.
    pub(crate) fn panel(&self, panel: usize) -> (usize, usize) {
        let first = self.first(panel);
        (first * self.lanes, self.first(panel + 1) - first)
    }
}

struct Registers;

impl WithSimd for Registers {
    type Output = [usize; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [usize; 2] {
        [S::F32_LANES, tile::widest::<S>()]
    }
}

/// A vector from memory, or those elements of it that the mask lets through.
///
/// # Safety
/// These elements must be readable.
#[inline(always)]
unsafe fn load<S: Simd>(
    simd: S,
    place: *const f32,
    masked: bool,
    mask: MemMask<S::m32s>,
) -> S::f32s {
    // SAFETY: as the caller promises.
    unsafe {
        match masked {
            true => simd.mask_load_ptr_f32s(mask, place),
            false => place.cast::<S::f32s>().read_unaligned(),
        }
    }
}

/// Pieces of almost equal size: the first element of piece `i` of `pieces`.
fn cut(size: usize, pieces: usize, i: usize) -> usize {
    size * i / pieces
}

/// The product of three matrices that are not empty.
///
/// # Safety
/// Every element that sizes and strides lead to must lie in memory that is borrowed: that of `c`
/// mutably. No two elements of `c` may coincide.
pub(super) unsafe fn gemm(
    sizes: [usize; 3],
    a: (*const f32, [isize; 2]),
    b: (*const f32, [isize; 2]),
    c: (*mut f32, [isize; 2]),
    epilogue: Epilogue<'_, f32>,
    parallel: bool,
) {
    let a = Source { start: a.0, strides: a.1 };
    let b = Source { start: b.0, strides: b.1 };
    let [m, k, n] = sizes;
    let c_strides = c.1;
    let p = Product::new(sizes, a, c.0, c_strides[0], epilogue);
    if a.strides[1] == 1 && b.strides[0] == 1 && m.min(n) <= dot::ROWS {
        // SAFETY: as the caller promises.
        return unsafe { dots(p, b, c_strides, parallel) };
    }
    debug_assert!(c_strides[1] == 1);
    // SAFETY: as the caller promises.
    unsafe {
        if a.strides.contains(&1) {
            return tiles(p, Right::Source(b), parallel);
        }
        // An `A` of gaps in both directions: its rows are copied first.
        let mut copy = Buffer::<f32>::stale(m * k);
        let start = copy.as_mut_slice().as_mut_ptr();
        for (i, j) in (0..m).flat_map(|i| (0..k).map(move |j| (i, j))) {
            *start.add(i * k + j) = *a.at(i, j).start;
        }
        let a = Source { start, strides: [k as isize, 1] };
        tiles(Product { a, ..p }, Right::Source(b), parallel);
    }
}

impl<'a> Product<'a> {
    fn new(
        sizes: [usize; 3],
        a: Source,
        c: *mut f32,
        c_stride: isize,
        epilogue: Epilogue<'_, f32>,
    ) -> Self {
        Self {
            sizes,
            a,
            c: Shared::from_pointer(c),
            c_stride,
            alpha: epilogue.alpha,
            accumulate: epilogue.accumulate,
            bias: Bias(epilogue.bias.map_or(std::ptr::null(), <[f32]>::as_ptr)),
            activation: epilogue.activation,
        }
    }
}

/// Few rows, or few columns, by scalar products.
///
/// # Safety
/// As [`gemm`].
unsafe fn dots(p: Product<'_>, b: Source, c_strides: [isize; 2], parallel: bool) {
    let [m, k, n] = p.sizes;
    // Few columns are few rows of the transposed product.
    let turned = m > dot::ROWS;
    let flip = |s: Source| Source { strides: [s.strides[1], s.strides[0]], ..s };
    let (few, many) = if turned { (flip(b), flip(p.a)) } else { (p.a, b) };
    let [rows, columns] = if turned { [n, m] } else { [m, n] };
    let pieces = (rows * k * columns / PIECE).clamp(1, columns);
    let parallel = parallel && rows * k * columns >= PARALLEL_DOT;
    map_indices(pieces, parallel, |piece| {
        let (first, end) = (cut(columns, pieces, piece), cut(columns, pieces, piece + 1));
        let store = |i: usize, j: usize, sum: f32| {
            let [i, j] = if turned { [first + j, i] } else { [i, first + j] };
            let c = p.c.at(i as isize * c_strides[0] + j as isize * c_strides[1]);
            // SAFETY: the element is one of C, and the bias has one for each of its columns.
            unsafe {
                let mut y = p.alpha * sum;
                if p.accumulate {
                    y += *c;
                }
                if !p.bias.0.is_null() {
                    y += *p.bias.at(j);
                }
                *c = p.activation.apply(y);
            }
        };
        let sizes = [rows, k, end - first];
        dispatch(Dots { sizes, a: few, b: many.at(0, first), store });
    });
}

struct Dots<F> {
    sizes: [usize; 3],
    a: Source,
    b: Source,
    store: F,
}

impl<F: FnMut(usize, usize, f32)> WithSimd for Dots<F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // SAFETY: whoever makes the struct promises it.
        unsafe { dot::run(simd, self.sizes, self.a, self.b, self.store) }
    }
}

/// Everything else, by tiles.
///
/// # Safety
/// As [`gemm`]; panels must be those of a matrix of these sizes.
unsafe fn tiles(p: Product<'_>, b: Right<'_>, parallel: bool) {
    let [m, k, n] = p.sizes;
    let panels = Panels::new(n);
    let parallel = parallel && m * k * n >= PARALLEL;
    if let (Right::Source(b), true) = (b, m > BLOCK_M) {
        // Tall: all blocks of rows share one copy of `B`.
        let step = (COPIED / (k.max(1) * panels.lanes)).max(3);
        let mut first = 0;
        while first < panels.vectors {
            let vectors = step.min(panels.vectors - first);
            let column = first * panels.lanes;
            let columns = (n - column).min(vectors * panels.lanes);
            let part = Product {
                sizes: [m, k, columns],
                c: Shared::from_pointer(p.c.at(column as isize)),
                bias: Bias(p.bias.at(column)),
                ..p
            };
            // SAFETY: the columns are some of those of the product.
            unsafe {
                let copy = Packed::of([k, columns], b.at(0, column), parallel);
                tiles(part, Right::Panels(copy.panel(0)), parallel);
            }
            first += vectors;
        }
        return;
    }
    // Blocks of rows that are multiples of the tiles, and groups of panels.
    let blocks = m.div_ceil(BLOCK_M);
    let enough = (m * k * n / PIECE).clamp(1, 16);
    let groups = panels.count.min(enough.div_ceil(blocks));
    let groups = if m <= BLOCK_M && parallel { panels.count } else { groups };
    map_indices(blocks * groups, parallel, |piece| {
        let (block, group) = (piece / groups, piece % groups);
        let rows = [block, block + 1].map(|i| (cut(m.div_ceil(8), blocks, i) * 8).min(m));
        let range = [group, group + 1].map(|i| cut(panels.count, groups, i));
        dispatch(Piece { p, b, panels, rows, range });
    });
}

/// Some rows of some panels.
struct Piece<'a> {
    p: Product<'a>,
    b: Right<'a>,
    panels: Panels,
    rows: [usize; 2],
    range: [usize; 2],
}

impl WithSimd for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { p, b, panels, rows: [top, end], range } = self;
        let [_, k, n] = p.sizes;
        // At least one, since sums of no terms are finished like others.
        let blocks = k.div_ceil(BLOCK_K).max(1);
        let along_k = p.a.strides[1] == 1;
        let mut scratch = MaybeUninit::<[f32; WIDEST * BLOCK_K]>::uninit();
        for block in 0..blocks {
            let (first, last) = (cut(k, blocks, block), cut(k, blocks, block + 1));
            let depth = last - first;
            for panel in range[0]..range[1] {
                let (column, vectors) = panels.panel(panel);
                let width = vectors * panels.lanes;
                let columns = (n - column).min(width);
                let (b, b_stride) = match b {
                    Right::Panels(copy) => {
                        (copy[k * column + first * width..].as_ptr(), width as isize)
                    }
                    Right::Source(b) if lies_well(b, depth, end - top) && columns == width => {
                        (b.at(first, column).start, b.strides[0])
                    }
                    Right::Source(b) => {
                        let out = scratch.as_mut_ptr().cast::<f32>();
                        // SAFETY: the block has at most `BLOCK_K` rows of at most `WIDEST`.
                        unsafe {
                            pack::pack(simd, depth, columns, b.at(first, column), width, out)
                        };
                        (out.cast_const(), width as isize)
                    }
                };
                let final_block = block + 1 == blocks;
                let finish = Finish {
                    load: p.accumulate || block > 0,
                    alpha: p.alpha,
                    bias: if final_block { p.bias.at(column) } else { std::ptr::null() },
                    activation: if final_block { p.activation } else { Default::default() },
                };
                let mut row = top;
                while row < end {
                    let rows = tile::height::<S>(vectors, end - row);
                    let c = p.c.at(row as isize * p.c_stride + column as isize);
                    let tile = Tile {
                        k: depth,
                        runs: 1,
                        run_strides: [0; 2],
                        a: p.a.at(row, first).start,
                        a_stride: p.a.strides[usize::from(!along_k)],
                        a_along_k: along_k,
                        b,
                        b_stride,
                        c,
                        c_stride: p.c_stride,
                        last: columns - (vectors - 1) * panels.lanes,
                        finish,
                    };
                    // SAFETY: rows, steps and columns are some of the product's.
                    unsafe { tile::run(simd, rows, vectors, tile) };
                    row += rows;
                }
            }
        }
    }
}

/// Whether the tiles may read `B` where it lies: its rows are contiguous, and either few rows of
/// `A` use it or it lies on few pages, and not on the same places of the cache.
fn lies_well(b: Source, depth: usize, rows: usize) -> bool {
    let step = b.strides[0].unsigned_abs();
    b.strides[1] == 1 && (rows <= 16 || (depth * step <= 1 << 16 && !step.is_multiple_of(256)))
}
