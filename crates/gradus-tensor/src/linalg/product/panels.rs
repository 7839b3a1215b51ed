//! How columns are cut into panels.

use pulp::{Simd, WithSimd};

use super::tile;
use crate::linalg::lanes::{Lanes, lanes};
use crate::simd::dispatch;

/// The cutting of `n` columns.
#[derive(Clone, Copy)]
pub(crate) struct Panels {
    /// Columns in a vector.
    pub(crate) lanes: usize,
    /// Vectors in all panels; the last one may go beyond the last column.
    pub(crate) vectors: usize,
    /// How many panels there are.
    pub(crate) count: usize,
}

impl Panels {
    /// Panels of almost equal width, no wider than a tile; an even number of them, so that two threads
    /// share well.
    pub(crate) fn new<T: Lanes>(n: usize) -> Self {
        let [lanes, widest] = dispatch(Registers(T::ZERO));
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

/// Asks how many numbers of this kind a register holds, and how many vectors a tile is wide.
struct Registers<T>(T);

impl<T: Lanes> WithSimd for Registers<T> {
    type Output = [usize; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [usize; 2] {
        [lanes::<S, T>(), tile::widest::<S, T>()]
    }
}
