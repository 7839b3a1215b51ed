//! Products of a few rows with the recurrent weights, which are copied once for all steps.
//!
//! Sixteen units make a group. A piece of work is a group in one step, with all its gates, so that
//! what follows the product finds its sums in the first-level cache. The copy holds panels of two
//! or three gates (forward) or of 32 columns (backward), each with `k` rows as a tile reads them.

use pulp::{Simd, WithSimd};

use super::{PARALLEL, Sizes};
use crate::Float;
use crate::linalg::packed::{Area, Columns, Packed};
use crate::linalg::shared::Shared;
use crate::linalg::small;
use crate::linalg::{Source, Target};
use crate::memory::Buffer;
use crate::simd::dispatch;
use crate::threads::for_each_index;

/// Units in a group.
pub(super) const UNITS: usize = 16;
/// The most rows whose sums are kept before they are used.
pub(super) const ROWS: usize = 48;
/// Steps of `k` that pass over all rows before the next ones: 32 KiB of a panel of two gates.
const BLOCK_K: usize = 256;
/// Numbers in a cache line.
const LINE: usize = 16;

/// The recurrent weights `[gates · hidden, hidden]` in panels of equal width, so many for a group.
pub(super) struct Panels<T> {
    packed: Packed<T>,
    /// Columns of a panel.
    pub(super) width: usize,
    /// Panels of a group.
    of_group: usize,
}

impl<T: Float> Panels<T> {
    /// The transpose `Wᵀ`: for each group the columns of its gates, `together` of them in a panel.
    pub(super) fn of_gates(
        w: &[T],
        gates: usize,
        together: usize,
        hidden: usize,
        k: usize,
    ) -> Self {
        let (panels, of_group) = (hidden.div_ceil(UNITS) * gates / together, gates / together);
        let columns = Columns::Even { panels, strips: together, width: UNITS };
        assert!(w.len() == gates * hidden * k);
        let area = |_, column: usize| {
            let (group, gate) = (column / UNITS / gates, column / UNITS % gates);
            let first = gate * hidden + group * UNITS;
            let from = Source::columns(w.as_ptr().wrapping_add(first * k), k);
            Area { from, size: [k, hidden - group * UNITS] }
        };
        // SAFETY: the rows from `first` on, as many as there are units left, are rows of one gate.
        let packed = unsafe { Packed::new([1, k], columns, true, area) };
        Self { packed, width: together * UNITS, of_group }
    }

    /// A matrix `[gates · hidden, n]` as it is: for each 32 columns its rows, those of each gate
    /// filled up with zeros to whole groups.
    pub(super) fn of_columns(w: &[T], gates: usize, hidden: usize, n: usize) -> Self {
        let width = 2 * UNITS;
        let columns = Columns::Even { panels: n.div_ceil(width), strips: 1, width };
        assert!(w.len() == gates * hidden * n);
        let area = |gate, column| {
            let from = Source::rows(w.as_ptr().wrapping_add(gate * hidden * n + column), n);
            Area { from, size: [hidden, n - column] }
        };
        // SAFETY: these are the rows of a gate, from this column on.
        let packed =
            unsafe { Packed::new([gates, hidden.next_multiple_of(UNITS)], columns, true, area) };
        Self { packed, width, of_group: 1 }
    }

    /// Rows of a panel.
    pub(super) fn k(&self) -> usize {
        self.packed.k()
    }

    /// Columns of all panels of a group.
    pub(super) fn columns(&self) -> usize {
        self.width * self.of_group
    }

    pub(super) fn panel(&self, i: usize) -> &[T] {
        &self.packed.panel(i * self.width)[..self.k() * self.width]
    }

    pub(super) fn of_group(&self, group: usize) -> impl Iterator<Item = &[T]> {
        (group * self.of_group..(group + 1) * self.of_group).map(|i| self.panel(i))
    }
}

/// `W_ih x + b_ih + b_hh` for all steps, as `[groups, steps, samples, gates · 16]`: what a piece of the
/// walk needs lies side by side.
pub(super) fn input_products<T: Float>(
    out: &mut [T],
    x: &[T],
    w: &[T],
    biases: [&[T]; 2],
    gates: usize,
    sizes: Sizes,
) {
    /// Rows of a piece of work.
    const BLOCK: usize = 256;
    let Sizes { inputs, hidden, .. } = sizes;
    let (rows, width) = (sizes.steps * sizes.batch, gates * UNITS);
    let panels = Panels::of_gates(w, gates, gates / gates.div_ceil(3), hidden, inputs);
    let blocks = rows.div_ceil(BLOCK);
    let parallel = rows * inputs * hidden >= PARALLEL;
    let out = Shared::new(out);
    for_each_index(sizes.groups() * blocks, parallel, |i| {
        let (group, first) = (i / blocks, i % blocks * BLOCK);
        let count = BLOCK.min(rows - first);
        // SAFETY: a group's rows are one index's.
        let out = unsafe { out.slice((group * rows + first) * width, count * width) };
        let x = &x[first * inputs..(first + count) * inputs];
        dispatch(InputProduct { x, panels: &panels, group, out });
        let units = group * UNITS..hidden.min((group + 1) * UNITS);
        for out in out.chunks_exact_mut(width) {
            for (gate, out) in out.chunks_exact_mut(UNITS).enumerate() {
                let at = gate * hidden + units.start..gate * hidden + units.end;
                for ((out, a), b) in out.iter_mut().zip(&biases[0][at.clone()]).zip(&biases[1][at])
                {
                    *out += *a + *b;
                }
            }
        }
    });
}

/// A group's columns of some rows.
struct InputProduct<'a, T> {
    x: &'a [T],
    panels: &'a Panels<T>,
    group: usize,
    out: &'a mut [T],
}

impl<T: Float> WithSimd for InputProduct<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { x, panels, group, out } = self;
        let width = panels.width * panels.of_group;
        let rows = out.len() / width;
        for (i, panel) in panels.of_group(group).enumerate() {
            let out = out.as_mut_ptr().wrapping_add(i * panels.width);
            let sizes = [rows, panels.k(), panels.width];
            // SAFETY: `x` has these rows, `out` has room for those of all panels.
            unsafe { product(simd, sizes, (x.as_ptr(), panels.k()), panel, (out, width)) };
        }
    }
}

/// What a step hands to the next: rows that all pieces of a step write and all of the next one read.
/// Two steps take turns. Rows are an odd number of cache lines apart, so that those of a tile do not
/// all want the same places of the cache.
pub(super) struct Relay<T> {
    pub(super) values: Buffer<T>,
    /// From row to row.
    pub(super) stride: usize,
}

impl<T: Float> Relay<T> {
    pub(super) fn new(rows: usize, width: usize) -> Self {
        let stride = (width.div_ceil(LINE) | 1) * LINE;
        Self { values: Buffer::stale(2 * rows * stride), stride }
    }

    /// Hands rows of `width` to the first step.
    pub(super) fn start(&mut self, rows: &[T], width: usize) {
        let all = self.values.as_mut_slice().chunks_exact_mut(self.stride);
        all.zip(rows.chunks_exact(width.max(1))).for_each(|(to, row)| {
            to[..width].copy_from_slice(row);
        });
    }
}

/// `out = A · panel` for `rows` rows.
///
/// # Safety
/// Row `i` of `A` are `k` readable elements at `a + i · a_stride`, that of `out` as many writable
/// ones as the panel has columns at `out + i · out_stride`. Nobody may write the first meanwhile,
/// nor use the second.
#[inline(always)]
pub(super) unsafe fn product<S: Simd, T: Float>(
    simd: S,
    [rows, k, width]: [usize; 3],
    (a, a_stride): (*const T, usize),
    panel: &[T],
    (out, out_stride): (*mut T, usize),
) {
    assert!(panel.len() == k * width);
    let blocks = k.div_ceil(BLOCK_K).max(1);
    for block in 0..blocks {
        let [first, end] = [block, block + 1].map(|i| k * i / blocks);
        let a = Source::rows(a.wrapping_add(first), a_stride);
        let b = Source::rows(panel.as_ptr().wrapping_add(first * width), width);
        let out = Target::rows(out, out_stride);
        // SAFETY: rows, steps and columns are some of those that the caller speaks of.
        unsafe {
            small::product(simd, [rows, end - first, width], a, b, out, block > 0);
        }
    }
}
