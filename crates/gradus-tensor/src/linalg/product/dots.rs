//! Few rows, or few columns, by scalar products: each result is one of two runs of memory, so nothing
//! needs to be copied and the large matrix is read once, in order. This is a linear layer at batch 1.

use pulp::{Simd, WithSimd};

use super::tile::Finish;
use super::{Product, cut, work};
use crate::linalg::lanes::{Lanes, lanes, load};
use crate::linalg::matrix::{Source, Target};
use crate::simd::dispatch;
use crate::threads::map_indices;

/// The most rows, or columns, for which scalar products are used.
pub(super) const FEW: usize = 4;
/// Multiplications below which one thread is faster than several: the time is that of reading a matrix.
const PARALLEL: usize = 1 << 18;
/// Multiplications that make a piece.
const PIECE: usize = 1 << 17;

/// Computes a product whose `A` and `B` lie along the steps, of at most [`FEW`] rows or columns.
pub(super) fn compute<T: Lanes>(p: Product<'_, T>, b: Source<T>, parallel: bool) {
    let [m, k, n] = p.sizes;
    // Few columns are few rows of the transposed product.
    let turned = m > FEW;
    let (a, b) = if turned { (b.transposed(), p.a.transposed()) } else { (p.a, b) };
    let [rows, columns] = if turned { [n, m] } else { [m, n] };
    let work = work(p.sizes);
    let pieces = (work / PIECE).clamp(1, columns);
    let parallel = parallel && work >= PARALLEL;
    map_indices(pieces, parallel, |piece| {
        let [first, end] = [piece, piece + 1].map(|i| cut(columns, pieces, i));
        let c = if turned { p.c.at(first, 0) } else { p.c.at(0, first) };
        let finish = if turned { p.finish } else { p.finish.at(first) };
        let sizes = [rows, k, end - first];
        dispatch(Piece { sizes, a, b: b.at(0, first), c, finish, turned });
    });
}

/// Some columns. They are rows of `C` if it is `turned`.
struct Piece<T> {
    sizes: [usize; 3],
    a: Source<T>,
    b: Source<T>,
    c: Target<T>,
    finish: Finish<T>,
    turned: bool,
}

impl<T: Lanes> WithSimd for Piece<T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sizes: [rows, k, n], a, b, c, finish, turned } = self;
        let store = |i: usize, j: usize, sum: T| {
            let (i, j) = if turned { (j, i) } else { (i, j) };
            // SAFETY: the element is one of this piece, and the bias has one for each column.
            unsafe { finish.one(sum, c.at(i, j).start, j) };
        };
        macro_rules! sums {
            ($rows:literal: $($columns:literal)*) => {{
                let mut j = 0;
                $(
                    while n - j >= $columns {
                        // SAFETY: the rows and columns lie in the matrices.
                        let sums = unsafe { sums::<S, T, $rows, $columns>(simd, k, a, b.at(0, j)) };
                        for (i, sums) in sums.into_iter().enumerate() {
                            for (c, sum) in sums.into_iter().enumerate() {
                                store(i, j + c, sum);
                            }
                        }
                        j += $columns;
                    }
                )*
            }};
        }
        match rows {
            1 => sums!(1: 8 2 1),
            2 => sums!(2: 4 1),
            3 => sums!(3: 4 1),
            4 => sums!(4: 4 1),
            _ => unreachable!("scalar products of {rows} rows"),
        }
    }
}

/// `Σ a[i, p] b[p, j]` for `R` rows and `C` columns of matrices that lie along the `k` steps.
///
/// # Safety
/// The elements of both must be readable.
#[inline(always)]
unsafe fn sums<S: Simd, T: Lanes, const R: usize, const C: usize>(
    simd: S,
    k: usize,
    a: Source<T>,
    b: Source<T>,
) -> [[T; C]; R] {
    let mut sums = [[T::splat(simd, T::ZERO); C]; R];
    let lanes = lanes::<S, T>();
    let whole = k - k % lanes;
    let mask = T::first(simd, k - whole);
    for p in (0..k).step_by(lanes) {
        let mut x = [sums[0][0]; R];
        for (i, x) in x.iter_mut().enumerate() {
            // SAFETY: the steps that are not masked lie in the matrix.
            *x = unsafe { load::<S, T>(simd, a.at(i, p).start, p == whole, mask) };
        }
        for j in 0..C {
            // SAFETY: as above.
            let y = unsafe { load::<S, T>(simd, b.at(p, j).start, p == whole, mask) };
            for (sums, &x) in sums.iter_mut().zip(&x) {
                sums[j] = T::multiplied(simd, x, y, sums[j]);
            }
        }
    }
    let mut totals = [[T::ZERO; C]; R];
    for i in 0..R {
        for j in 0..C {
            totals[i][j] = T::total(simd, sums[i][j]);
        }
    }
    totals
}
