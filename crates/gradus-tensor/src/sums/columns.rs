//! Sums of columns, some rows at a time.

use pulp::{Simd, WithSimd};

use super::several::{cut, each, ith};
use super::terms::of_one;
use super::{ROWS, Terms, Total, plus};
use crate::Float;
use crate::linalg::lanes;
use crate::simd::dispatch;

/// Adds to running totals, one for each column, those of some rows: of `S` matrices with rows of the same
/// length in one piece each, and of `P` rows of numbers for all rows. The totals are `[sums, what rounding lost]`.
///
/// # Panics
/// If a slice is too short.
#[inline(always)]
pub(crate) fn add_rows<T: Float, F, const S: usize, const P: usize, const K: usize>(
    totals: [[&mut [T]; 2]; K],
    rows: [&[T]; S],
    beside: [&[T]; P],
    terms: F,
) where
    F: Terms<T, S, P, K>,
{
    dispatch(OfMatrices { totals, rows, beside, terms });
}

/// Adds the terms of up to `ROWS` rows to running totals of as many columns.
///
/// # Panics
/// If a row is shorter.
#[inline(always)]
pub(crate) fn add_few<T: Float, F, const S: usize, const P: usize, const K: usize>(
    totals: &mut [[&mut [T]; 2]; K],
    rows: &[[&[T]; S]],
    beside: [&[T]; P],
    terms: F,
) where
    F: Terms<T, S, P, K>,
{
    dispatch(OfColumns { totals, rows, beside, terms });
}

/// Adds the terms of all rows, a few at a time.
struct OfMatrices<'a, T, F, const S: usize, const P: usize, const K: usize> {
    totals: [[&'a mut [T]; 2]; K],
    rows: [&'a [T]; S],
    beside: [&'a [T]; P],
    terms: F,
}

impl<T: Float, F: Terms<T, S, P, K>, const S: usize, const P: usize, const K: usize> WithSimd
    for OfMatrices<'_, T, F, S, P, K>
{
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let Self { mut totals, rows, beside, terms } = self;
        let width = totals.first().map_or(0, |[sums, _]| sums.len());
        if width == 0 {
            return;
        }
        let count = rows.first().map_or(0, |rows| rows.len() / width);
        for first in (0..count).step_by(ROWS) {
            let group = ROWS.min(count - first);
            let rows = each(
                [0, 1, 2, 3, 4, 5, 6, 7],
                #[inline(always)]
                |row| cut(rows, (first + group.min(row + 1) - 1) * width, width),
            );
            let totals = &mut totals;
            OfColumns { totals, rows: &rows[..group], beside, terms }.with_simd(simd);
        }
    }
}

/// Adds the terms of up to `ROWS` rows to running totals of columns.
struct OfColumns<'a, 'b, T, F, const S: usize, const P: usize, const K: usize> {
    /// The sums, and what rounding lost of them.
    totals: &'a mut [[&'b mut [T]; 2]; K],
    /// Each as long as the totals.
    rows: &'a [[&'a [T]; S]],
    beside: [&'a [T]; P],
    terms: F,
}

impl<T: Float, F: Terms<T, S, P, K>, const S: usize, const P: usize, const K: usize> WithSimd
    for OfColumns<'_, '_, T, F, S, P, K>
{
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let Self { totals, rows, beside, terms } = self;
        let n = totals.first().map_or(0, |[sums, _]| sums.len());
        let whole = n / lanes::<V, T>();
        let read = Columns::<V, T, F, S, P, K> {
            simd,
            terms,
            rows: {
                let mut read = [[&[][..]; S]; ROWS];
                for (read, &row) in read.iter_mut().zip(rows) {
                    *read = each(
                        row,
                        #[inline(always)]
                        |slice| &T::vectors(simd, slice)[..whole],
                    );
                }
                read
            },
            beside: each(
                beside,
                #[inline(always)]
                |slice| &T::vectors(simd, slice)[..whole],
            ),
        };
        for j in 0..whole {
            let sums = match rows.len() {
                ROWS => {
                    let [first, second] = [read.four(0, j), read.four(4, j)];
                    added::<V, T, K>(simd, first, second)
                }
                count => {
                    let mut sums = read.term(0, j);
                    for r in 1..count {
                        sums = added::<V, T, K>(simd, sums, read.term(r, j));
                    }
                    sums
                }
            };
            for (k, [totals, lost]) in totals.iter_mut().enumerate() {
                let (total, lost) =
                    (&mut T::vectors_mut(simd, totals)[j], &mut T::vectors_mut(simd, lost)[j]);
                let (sum, rest) = plus::<V, T>(simd, *total, *lost, sums[k]);
                (*total, *lost) = (sum, T::settled(simd, rest));
            }
        }
        for i in whole * lanes::<V, T>()..n {
            let term = |r: usize| of_one(terms, ith(rows[r], i), ith(beside, i));
            for (k, [totals, lost]) in totals.iter_mut().enumerate() {
                let sum = match rows.len() {
                    ROWS => {
                        let pair = |r| term(r)[k] + term(r + 1)[k];
                        (pair(0) + pair(2)) + (pair(4) + pair(6))
                    }
                    count => (1..count).fold(term(0)[k], |sum, r| sum + term(r)[k]),
                };
                let total = Total { sum: totals[i], lost: lost[i] }.plus(sum);
                (totals[i], lost[i]) = (total.sum, total.lost);
            }
        }
    }
}

/// Rows as vectors.
struct Columns<'a, V: Simd, T: Float, F, const S: usize, const P: usize, const K: usize> {
    simd: V,
    terms: F,
    rows: [[&'a [T::Vector<V>]; S]; ROWS],
    beside: [&'a [T::Vector<V>]; P],
}

impl<V: Simd, T: Float, F, const S: usize, const P: usize, const K: usize>
    Columns<'_, V, T, F, S, P, K>
where
    F: Terms<T, S, P, K>,
{
    /// The terms of vector `j` of row `r`.
    #[inline(always)]
    fn term(&self, r: usize, j: usize) -> [T::Vector<V>; K] {
        let x = each(
            self.rows[r],
            #[inline(always)]
            |vectors| vectors[j],
        );
        let beside = each(
            self.beside,
            #[inline(always)]
            |vectors| vectors[j],
        );
        self.terms.of(self.simd, x, beside)
    }

    /// Those of four rows, added by pairs.
    #[inline(always)]
    fn four(&self, r: usize, j: usize) -> [T::Vector<V>; K] {
        let first = added::<V, T, K>(self.simd, self.term(r, j), self.term(r + 1, j));
        let second = added::<V, T, K>(self.simd, self.term(r + 2, j), self.term(r + 3, j));
        added::<V, T, K>(self.simd, first, second)
    }
}

#[inline(always)]
fn added<V: Simd, T: Float, const K: usize>(
    simd: V,
    mut a: [T::Vector<V>; K],
    b: [T::Vector<V>; K],
) -> [T::Vector<V>; K] {
    for k in 0..K {
        a[k] = T::added(simd, a[k], b[k]);
    }
    a
}

/// Adds a row of numbers to running totals.
#[inline(always)]
pub(crate) fn put<T: Float>(sums: &mut [T], lost: &mut [T], row: &[T]) {
    let n = row.len();
    let (sums, lost) = (&mut sums[..n], &mut lost[..n]);
    for i in 0..n {
        let total = Total { sum: sums[i], lost: lost[i] }.plus(row[i]);
        (sums[i], lost[i]) = (total.sum, total.lost);
    }
}

/// Joins rows of running totals.
#[inline(always)]
pub(crate) fn join<T: Float>([sums, lost]: [&mut [T]; 2], [others, more]: [&[T]; 2]) {
    lost.iter_mut().zip(more).for_each(|(lost, &x)| *lost += x);
    put(sums, lost, others);
}

/// The sums that running totals come to.
#[inline(always)]
pub(crate) fn finish<T: Float>(out: &mut [T], sums: &[T], lost: &[T]) {
    for ((out, &sum), &lost) in out.iter_mut().zip(sums).zip(lost) {
        *out = Total { sum, lost }.value();
    }
}
