//! A right-hand matrix in the order in which tiles read it, made once and used many times.
//!
//! Columns are cut into panels. A panel holds all `k` rows of its columns, one after the other, and
//! the panels follow each other in memory:
//!
//! ```text
//!                 columns 0 … 31   32 … 63   64 … 70, zeros
//!  rows of run 0      | 0 |         | 3 |        | 6 |
//!  rows of run 1      | 1 |         | 4 |        | 7 |        the numbers say what follows what
//!  rows of run 2      | 2 |         | 5 |        | 8 |
//! ```
//!
//! The matrix need not lie in one place. Its rows come in runs (a tap of a convolution has one row
//! for each channel), and the columns of a panel in strips (one for each gate of some units): what
//! belongs to a run and a strip is an [`Area`], wherever it is.

use std::ptr;

use pulp::{Simd, WithSimd};

use super::lanes::Lanes;
use super::matrix::{Source, Target};
use super::product::{Panels, pack};
use super::shared::Shared;
use super::small::{COLUMNS, turn};
use crate::memory::Buffer;
use crate::simd::dispatch;
use crate::threads::for_each_index;

/// Elements above which the copy is made by several threads.
const PARALLEL: usize = 1 << 16;

/// How columns are cut.
#[derive(Clone, Copy)]
pub(crate) enum Columns {
    /// Into panels as the tiles of this machine want them, each of one strip.
    Tiles(Panels),
    /// Into panels of `strips` strips of `width` columns each, a multiple of [`COLUMNS`].
    Even { panels: usize, strips: usize, width: usize },
}

impl Columns {
    /// All columns, with those that fill the last panel.
    fn count(self) -> usize {
        match self {
            Self::Tiles(panels) => panels.vectors * panels.lanes,
            Self::Even { panels, strips, width } => panels * strips * width,
        }
    }

    fn strips(self) -> usize {
        match self {
            Self::Tiles(panels) => panels.count,
            Self::Even { panels, strips, .. } => panels * strips,
        }
    }

    fn strip(self, i: usize) -> Strip {
        match self {
            Self::Tiles(panels) => {
                let (column, vectors) = panels.panel(i);
                let width = vectors * panels.lanes;
                Strip { panel: column, panel_width: width, column, width }
            }
            Self::Even { strips, width, .. } => {
                let (panel, column) = (i / strips * strips * width, i * width);
                Strip { panel, panel_width: strips * width, column, width }
            }
        }
    }
}

/// First column and width of a strip and of its panel.
struct Strip {
    panel: usize,
    panel_width: usize,
    column: usize,
    width: usize,
}

/// Some rows and columns of the matrix: where they are, and how many. Where a run has more rows or a
/// strip more columns, the copy has zeros.
pub(crate) struct Area<T> {
    pub(crate) from: Source<T>,
    pub(crate) size: [usize; 2],
}

/// A matrix of `k` rows in panels. The copy lies in the memory pool. How wide the panels of
/// [`Columns::Tiles`] are differs between machines.
pub(crate) struct Packed<T> {
    values: Buffer<T>,
    k: usize,
}

impl<T: Lanes> Packed<T> {
    /// Copies a matrix of some `runs` of `rows` rows; `area(run, column)` tells where those columns are
    /// that make the strip from `column` on. By several threads if `parallel` and it is large.
    ///
    /// # Safety
    /// The elements of all areas must be readable.
    pub(crate) unsafe fn new(
        [runs, rows]: [usize; 2],
        columns: Columns,
        parallel: bool,
        area: impl Fn(usize, usize) -> Area<T> + Sync,
    ) -> Self {
        if let Columns::Even { width, .. } = columns {
            // Rows are copied in whole vectors, and none has more lanes.
            assert!(width.is_multiple_of(COLUMNS), "strips of {width} columns");
        }
        let k = runs * rows;
        let mut values = Buffer::stale(k * columns.count());
        let parallel = parallel && k * columns.count() >= PARALLEL;
        let out = Shared::new(values.as_mut_slice());
        for_each_index(if rows > 0 { runs * columns.strips() } else { 0 }, parallel, |i| {
            let (run, strip) = (i % runs, columns.strip(i / runs));
            let at = k * strip.panel + run * rows * strip.panel_width + strip.column - strip.panel;
            let (area, to) = (area(run, strip.column), out.at(at as isize));
            // SAFETY: the caller promises readable areas; each run of each strip has places of its own.
            unsafe { copy(area, [rows, strip.width], to, strip.panel_width) };
        });
        Self { values, k }
    }

    /// Rows of the matrix.
    pub(crate) fn k(&self) -> usize {
        self.k
    }

    /// From the panel on whose first column is `column`.
    pub(crate) fn panel(&self, column: usize) -> &[T] {
        &self.values.as_slice()[self.k * column..]
    }
}

/// Copies an area to `rows × columns` elements, `width` from row to row.
///
/// # Safety
/// The elements of the area must be readable, those at `to` writable, and used by nobody else.
unsafe fn copy<T: Lanes>(area: Area<T>, [rows, columns]: [usize; 2], to: *mut T, width: usize) {
    let Area { from, size } = area;
    let (seen, count) = (size[0].min(rows), size[1].min(columns));
    let zeros = |row: usize, first: usize| {
        // SAFETY: the caller promises these rows and columns at `to`.
        (first..columns).for_each(|j| unsafe { to.add(row * width + j).write(T::ZERO) });
    };
    // SAFETY: as the caller promises; rows and columns are some of those that it speaks of.
    unsafe {
        match from.strides {
            _ if columns == width => {
                dispatch(Rows { sizes: [seen, count], from, width, to });
            }
            [1, _] if columns == COLUMNS => {
                turn(from.transposed(), [count, seen], Target::rows(to, width));
            }
            [_, step] => {
                for i in 0..seen {
                    let (from, to) = (from.at(i, 0).start, to.add(i * width));
                    match step {
                        1 => ptr::copy_nonoverlapping(from, to, count),
                        _ => (0..count).for_each(|j| *to.add(j) = *from.offset(j as isize * step)),
                    }
                    zeros(i, count);
                }
            }
        }
    }
    (seen..rows).for_each(|row| zeros(row, 0));
}

/// A copy of whole rows of a panel.
struct Rows<T> {
    sizes: [usize; 2],
    from: Source<T>,
    width: usize,
    to: *mut T,
}

impl<T: Lanes> WithSimd for Rows<T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sizes: [k, columns], from, width, to } = self;
        // SAFETY: as the caller of `copy` promises.
        unsafe { pack::pack(simd, k, columns, from, width, to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Float;

    /// Element by element, for areas that lie along their rows, along their columns, and with gaps in
    /// both directions, and that have less than a run and a strip have.
    fn every_element_has_its_place<T: Float>(columns: Columns, [seen, there]: [usize; 2]) {
        let (runs, rows) = (3, 5);
        let values: Vec<T> = (1..4000).map(|i| T::from_f64(f64::from(i))).collect();
        let start = |run: usize, column: usize| run * 100 + column;
        for strides in [[1, 7], [60, 1], [3, 11], [1, 1]] {
            let area = |run: usize, column: usize| {
                let start = values[start(run, column)..].as_ptr();
                let from = Source { start, strides };
                Area { from, size: [seen, there.saturating_sub(column)] }
            };
            // SAFETY: the last element is the one at 200 + 4 · 60, and 11 for each column, or before.
            let packed = unsafe { Packed::new([runs, rows], columns, true, area) };
            assert_eq!((packed.k(), packed.panel(0).len()), (runs * rows, columns.count() * 15));
            for strip in (0..columns.strips()).map(|i| columns.strip(i)) {
                let panel = packed.panel(strip.panel);
                for (row, j) in (0..15).flat_map(|row| (0..strip.width).map(move |j| (row, j))) {
                    let (run, i) = (row / rows, row % rows);
                    let at = start(run, strip.column) + i * strides[0] as usize;
                    let inside = i < seen && strip.column + j < there;
                    let wanted = match inside {
                        true => values[at + j * strides[1] as usize],
                        false => T::ZERO,
                    };
                    let got = panel[row * strip.panel_width + strip.column - strip.panel + j];
                    assert!(got == wanted, "{strides:?}, {row}, {} + {j}", strip.column);
                }
            }
        }
    }

    #[test]
    fn a_copy_is_what_its_areas_are() {
        for size in [[5, 96], [4, 83], [0, 96], [5, 0], [9, 200]] {
            for [panels, strips, width] in
                [[6, 1, 16], [3, 2, 16], [2, 3, 16], [3, 1, 32], [2, 1, 48]]
            {
                let columns = Columns::Even { panels, strips, width };
                every_element_has_its_place::<f32>(columns, size);
                every_element_has_its_place::<f64>(columns, size);
            }
            for n in [1, 20, 96] {
                let size = [size[0], size[1].min(n)];
                every_element_has_its_place::<f32>(Columns::Tiles(Panels::new::<f32>(n)), size);
                every_element_has_its_place::<f64>(Columns::Tiles(Panels::new::<f64>(n)), size);
            }
        }
    }
}
