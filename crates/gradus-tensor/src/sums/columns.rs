//! Sums of columns, some rows at a time.

use super::kernels::OfColumns;
use super::several::{cut, each};
use super::{ROWS, Terms, Total};
use crate::Float;
use crate::simd::dispatch;

/// Adds to running totals, one for each column, those of some rows: of `S` matrices with rows of the same
/// length in one piece each, and of `P` rows of numbers for all rows. The totals are `[sums, what rounding lost]`.
///
/// # Panics
/// If a slice is too short.
#[inline(always)]
pub(crate) fn add_rows<T: Float, F, const S: usize, const P: usize, const K: usize>(
    mut totals: [[&mut [T]; 2]; K],
    rows: [&[T]; S],
    beside: [&[T]; P],
    terms: F,
) where
    F: Terms<T, S, P, K>,
{
    let width = totals.first().map_or(0, |[sums, _]| sums.len());
    if width == 0 {
        return;
    }
    let count = rows.first().map_or(0, |rows| rows.len() / width);
    for first in (0..count).step_by(ROWS) {
        let group = ROWS.min(count - first);
        let of = |row: usize| cut(rows, (first + row.min(group - 1)) * width, width);
        let rows = each([0, 1, 2, 3, 4, 5, 6, 7], of);
        add_few(&mut totals, &rows[..group], beside, terms);
    }
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
