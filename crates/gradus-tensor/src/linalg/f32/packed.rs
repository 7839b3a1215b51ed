//! A right-hand matrix in the order in which tiles read it, made once and used many times.

use pulp::{Simd, WithSimd};

use super::pack::{self, Source};
use super::{Panels, Product, Right, Shared, tiles};
use crate::linalg::{Epilogue, Matrix, MatrixMut, check_extent};
use crate::memory::Buffer;
use crate::simd::dispatch;
use crate::threads::map_indices;

/// Elements above which the copy is made by several threads.
const PARALLEL: usize = 1 << 16;

/// A matrix `B` of `k × n` that is copied for products `A B`.
///
/// A recurrent layer multiplies by the same matrix in each of its steps: it is packed before the
/// first one, once forward (`Wᵀ`: a [`Matrix`] with exchanged strides packs as well as any) and once
/// backward (`W`).
///
/// ```ignore
/// let recurrent = Packed::new([hidden, 4 * hidden], Matrix::rows(w, hidden).transposed(), true);
/// for step in steps {
///     let adding = Epilogue { accumulate: true, ..Epilogue::default() };
///     recurrent.product(batch, Matrix::rows(h, hidden), MatrixMut::rows(gates, width), adding, true);
/// }
/// ```
///
/// The copy lies in the memory pool and takes `k` times `n`, rounded up to whole vectors. Its order
/// is private to this crate and differs between machines.
pub(crate) struct Packed {
    /// Panel after panel, each with `k` rows of its width.
    values: Buffer<f32>,
    k: usize,
    n: usize,
}

#[allow(dead_code, reason = "recurrent layers come next")]
impl Packed {
    /// Copies a matrix of `k × n`, by several threads if `parallel` and it is large.
    ///
    /// # Panics
    /// If the matrix reaches beyond its slice.
    pub(crate) fn new([k, n]: [usize; 2], b: Matrix<'_, f32>, parallel: bool) -> Self {
        check_extent(b.values.len(), b.offset, [k, n], b.strides);
        let start = b.values[b.offset..].as_ptr();
        // SAFETY: `check_extent` made sure that every element lies in the slice.
        Self::of(k, n, Source { start, strides: b.strides }, parallel)
    }

    /// The same for a matrix whose elements are known to be readable.
    pub(super) fn of(k: usize, n: usize, b: Source, parallel: bool) -> Self {
        let panels = Panels::new(n);
        let mut values = Buffer::stale(k * panels.vectors * panels.lanes);
        let out = Shared::new(values.as_mut_slice());
        map_indices(panels.count, parallel && k * n >= PARALLEL, |panel| {
            let (column, vectors) = panels.panel(panel);
            let width = vectors * panels.lanes;
            let columns = n.saturating_sub(column).min(width);
            let out = out.at((k * column) as isize);
            dispatch(Pack { k, columns, b: b.at(0, column), width, out });
        });
        Self { values, k, n }
    }

    pub(super) fn panels(&self) -> &[f32] {
        self.values.as_slice()
    }

    /// `C = A B` for `m` rows, finished by `epilogue`. The columns of `C` must lie side by side.
    ///
    /// # Panics
    /// If a matrix reaches beyond its slice, or the columns of `C` have gaps.
    pub(crate) fn product(
        &self,
        m: usize,
        a: Matrix<'_, f32>,
        c: MatrixMut<'_, f32>,
        epilogue: Epilogue<'_, f32>,
        parallel: bool,
    ) {
        let (k, n) = (self.k, self.n);
        if m == 0 || n == 0 {
            return;
        }
        assert!(c.strides[1] == 1, "the columns of a product with a packed matrix have gaps");
        assert!(a.strides.contains(&1), "a matrix times a packed one has gaps in both directions");
        check_extent(a.values.len(), a.offset, [m, k], a.strides);
        check_extent(c.values.len(), 0, [m, n], c.strides);
        assert!(epilogue.bias.is_none_or(|b| b.len() == n), "a bias of another length");
        let a = Source { start: a.values[a.offset..].as_ptr(), strides: a.strides };
        let p = Product::new([m, k, n], a, c.values.as_mut_ptr(), c.strides[0], epilogue);
        // SAFETY: the extents were checked above; the panels are those of a matrix of k × n.
        unsafe { tiles(p, Right::Panels(self.panels()), parallel) }
    }
}

struct Pack {
    k: usize,
    columns: usize,
    b: Source,
    width: usize,
    out: *mut f32,
}

impl WithSimd for Pack {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { k, columns, b, width, out } = self;
        // SAFETY: whoever makes the struct promises it.
        unsafe { pack::pack(simd, k, columns, b, width, out) }
    }
}
