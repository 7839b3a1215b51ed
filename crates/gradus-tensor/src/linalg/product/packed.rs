//! A right-hand matrix in the order in which tiles read it.

use pulp::{Simd, WithSimd};

use super::Panels;
use super::pack;
use crate::linalg::lanes::Lanes;
use crate::linalg::matrix::Source;
use crate::linalg::shared::Shared;
use crate::memory::Buffer;
use crate::simd::dispatch;
use crate::threads::map_indices;

/// Elements above which the copy is made by several threads.
const PARALLEL: usize = 1 << 16;

/// A copy of a matrix `B` of `k × n` for products `A B`: panel after panel, each with `k` rows of its
/// width.
///
/// It lies in the memory pool and takes `k` times `n`, rounded up to whole vectors. Its order is
/// private to this crate and differs between machines.
pub(crate) struct Packed<T>(Buffer<T>);

impl<T: Lanes> Packed<T> {
    /// Copies a matrix, by several threads if `parallel` and it is large.
    ///
    /// # Safety
    /// Its elements must be readable.
    pub(super) unsafe fn of(k: usize, n: usize, b: Source<T>, parallel: bool) -> Self {
        let panels = Panels::new::<T>(n);
        let mut values = Buffer::stale(k * panels.vectors * panels.lanes);
        let out = Shared::new(values.as_mut_slice());
        map_indices(panels.count, parallel && k * n >= PARALLEL, |panel| {
            let (column, vectors) = panels.panel(panel);
            let width = vectors * panels.lanes;
            let columns = n.saturating_sub(column).min(width);
            let out = out.at((k * column) as isize);
            dispatch(Pack { k, columns, b: b.at(0, column), width, out });
        });
        Self(values)
    }

    pub(super) fn panels(&self) -> &[T] {
        self.0.as_slice()
    }
}

struct Pack<T> {
    k: usize,
    columns: usize,
    b: Source<T>,
    width: usize,
    out: *mut T,
}

impl<T: Lanes> WithSimd for Pack<T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { k, columns, b, width, out } = self;
        // SAFETY: the caller of `Packed::of` promises it of `B`; the copy has room for each panel.
        unsafe { pack::pack(simd, k, columns, b, width, out) }
    }
}
