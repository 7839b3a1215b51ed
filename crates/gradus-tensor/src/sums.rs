//! The one way to add numbers up, for every sum, mean, variance, norm, loss and gradient that is added up.
//!
//! With `u` half the gap between 1 and the next number, a sum is off by at most `16 u Σ|x|` (9.6e-7 of
//! `Σ|x|` for `f32`), however many numbers there are and however they lie:
//!
//! * eight numbers are added one by one, in each of 32 lanes side by side, and pairs of lanes: 8 `u`;
//! * what they give is added to running totals that keep what rounding lost ([`Total`]): 2 `u` for all of
//!   them, and a term `n u²` that is nothing for any `n` that fits in memory;
//! * the lanes are joined by halves, and the loss added at the end: 5 `u`; joined with others, 1 `u` more.
//!
//! (Kahan, *Further remarks on reducing truncation errors*, 1965; Higham, *Accuracy and Stability of
//! Numerical Algorithms*, 2nd edition, 2002, sections 4.2 and 4.3, equation 4.8.) The rounding of the terms themselves, where
//! they are products, comes on top.

use crate::Float;

/// Numbers added side by side.
const WIDE: usize = 32;
/// Lanes of running totals.
const LANES: usize = WIDE / 2;
/// Columns whose sums over some rows are on their way to a running total.
pub(crate) const TILE: usize = 256;
/// Numbers that are added one by one before they go into a running total.
pub(crate) const ROWS: usize = 8;

/// A running sum, and what rounding lost on the way.
///
/// ```
/// use gradus_tensor::sums::Total;
/// let mut total = Total::ZERO;
/// (0..10_000_000).for_each(|_| total = total.plus(0.1_f32));
/// assert_eq!(total.value(), 1e6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total<T> {
    sum: T,
    lost: T,
}

impl<T: Float> Total<T> {
    /// Of no numbers.
    pub const ZERO: Self = Self { sum: T::ZERO, lost: T::ZERO };

    /// With one number more.
    #[inline(always)]
    pub fn plus(self, x: T) -> Self {
        let x = x + self.lost;
        let sum = self.sum + x;
        // What of `x` did not get into the sum. Of an infinite sum it is no number.
        let lost = x - (sum - self.sum);
        Self { sum, lost: if lost.is_finite() { lost } else { T::ZERO } }
    }

    /// Both together.
    #[inline(always)]
    pub fn join(self, other: Self) -> Self {
        Self { sum: self.sum, lost: self.lost + other.lost }.plus(other.sum)
    }

    /// The sum times a number.
    #[inline(always)]
    pub(crate) fn scaled(self, factor: T) -> Self {
        Self { sum: self.sum * factor, lost: self.lost * factor }
    }

    /// The sum. An infinity among the numbers, or a sum beyond all numbers, gives what plain addition gives.
    #[inline(always)]
    pub fn value(self) -> T {
        self.sum + self.lost
    }
}

/// The sums of what `f` makes of numbers that belong together, one from each of slices of one length.
///
/// The loop is compiled for wide vectors inside [`vectorize`](crate::simd::vectorize), where `f` is marked
/// `#[inline(always)]`.
///
/// ```
/// use gradus_tensor::sums::sum_of;
/// let (a, b) = ([1.0_f32, 2.0, 3.0], [1.0, 0.0, -1.0]);
/// let [dot, squares] = sum_of([&a, &b], |[a, b]| [a * b, a * a]);
/// assert_eq!((dot, squares), (-2.0, 14.0));
/// ```
///
/// # Panics
/// If another slice is shorter than the first.
#[inline(always)]
pub fn sum_of<T: Float, const S: usize, const K: usize>(
    of: [&[T]; S],
    f: impl Fn([T; S]) -> [T; K],
) -> [T; K] {
    totals_of(of, f).map(Total::value)
}

/// As [`sum_of`], with what rounding lost, to be joined with others.
///
/// ```
/// use gradus_tensor::sums::totals_of;
/// let [a, b] = [[1.0_f32, 2.0], [3.0, 4.0]].map(|part| totals_of([&part], |x| x)[0]);
/// assert_eq!(a.join(b).value(), 10.0);
/// ```
///
/// # Panics
/// If another slice is shorter than the first.
#[inline(always)]
pub fn totals_of<T: Float, const S: usize, const K: usize>(
    of: [&[T]; S],
    f: impl Fn([T; S]) -> [T; K],
) -> [Total<T>; K] {
    let n = of.first().map_or(0, |slice| slice.len());
    let of = of.map(|slice| &slice[..n]);
    if n < LANES {
        let mut sums = [T::ZERO; K];
        for i in 0..n {
            let terms = f(of.map(|slice| slice[i]));
            for k in 0..K {
                sums[k] += terms[k];
            }
        }
        return sums.map(|sum| Total { sum, lost: T::ZERO });
    }
    let rows = of.map(|slice| slice.as_chunks::<WIDE>().0);
    let count = n / WIDE;
    let whole = count / ROWS * ROWS;
    let mut parts = [[T::ZERO; WIDE]; K];
    for row in whole..count {
        add_row(&mut parts, rows.map(|rows| &rows[row]), &f);
    }
    if !n.is_multiple_of(WIDE) {
        // Of its own, so that the compiler keeps the others in registers.
        let mut last = [[T::ZERO; WIDE]; K];
        let rest = of.map(|slice| &slice[count * WIDE..]);
        for i in 0..n % WIDE {
            let terms = f(rest.map(|slice| slice[i]));
            for k in 0..K {
                last[k][i] = terms[k];
            }
        }
        for k in 0..K {
            for i in 0..WIDE {
                parts[k][i] += last[k][i];
            }
        }
    }
    let mut sums = [[T::ZERO; LANES]; K];
    for k in 0..K {
        for i in 0..LANES {
            sums[k][i] = parts[k][i] + parts[k][i + LANES];
        }
    }
    if whole == 0 {
        return sums.map(
            #[inline(always)]
            |sums| Total { sum: halved(sums), lost: T::ZERO },
        );
    }
    let mut lost = [[T::ZERO; LANES]; K];
    for run in (0..whole).step_by(ROWS) {
        let mut parts = [[T::ZERO; WIDE]; K];
        for row in run..run + ROWS {
            add_row(&mut parts, rows.map(|rows| &rows[row]), &f);
        }
        for k in 0..K {
            for i in 0..LANES {
                let total = Total { sum: sums[k][i], lost: lost[k][i] };
                let total = total.plus(parts[k][i] + parts[k][i + LANES]);
                (sums[k][i], lost[k][i]) = (total.sum, total.lost);
            }
        }
    }
    std::array::from_fn(|k| Total { sum: halved(sums[k]), lost: halved(lost[k]) })
}

#[inline(always)]
fn add_row<T: Float, const S: usize, const K: usize>(
    parts: &mut [[T; WIDE]; K],
    row: [&[T; WIDE]; S],
    f: &impl Fn([T; S]) -> [T; K],
) {
    for i in 0..WIDE {
        let terms = f(row.map(|row| row[i]));
        for k in 0..K {
            parts[k][i] += terms[k];
        }
    }
}

/// The sum of all lanes, by halves.
#[inline(always)]
pub(crate) fn halved<T: Float>(mut lanes: [T; LANES]) -> T {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// Adds to running totals, one for each column, those of some rows: of `S` matrices with rows of the same
/// length in one piece each, and of `P` rows of numbers for all rows. `f` makes `K` terms of what belongs
/// together. The totals are `[sums, what rounding lost]`.
///
/// # Panics
/// If a slice is too short.
#[inline(always)]
pub(crate) fn add_rows<T: Float, const S: usize, const P: usize, const K: usize>(
    totals: [[&mut [T]; 2]; K],
    rows: [&[T]; S],
    beside: [&[T]; P],
    f: impl Fn([T; S], [T; P]) -> [T; K],
) {
    let width = totals.first().map_or(0, |[sums, _]| sums.len());
    if width == 0 {
        return;
    }
    let mut totals = totals.map(|total| total.map(|slice| &mut slice[..width]));
    let count = rows.first().map_or(0, |rows| rows.len() / width);
    // Local, so that nothing else can point at them; of narrow rows only the beginning is used.
    let mut parts = [[T::ZERO; TILE]; K];
    for first in (0..count).step_by(ROWS) {
        let group = ROWS.min(count - first);
        for column in (0..width).step_by(TILE) {
            let n = TILE.min(width - column);
            parts.iter_mut().for_each(|part| part[..n].fill(T::ZERO));
            let beside = beside.map(|slice| &slice[column..column + n]);
            let row_of = |row: usize| rows.map(|rows| &rows[(first + row) * width + column..][..n]);
            if group == ROWS {
                for row in [0, 4] {
                    let rows = [row_of(row), row_of(row + 1), row_of(row + 2), row_of(row + 3)];
                    add_four(&mut parts, rows, beside, &f);
                }
            } else {
                for row in 0..group {
                    let rows = row_of(row);
                    for i in 0..n {
                        let terms = f(rows.map(|row| row[i]), beside.map(|slice| slice[i]));
                        for k in 0..K {
                            parts[k][i] += terms[k];
                        }
                    }
                }
            }
            for (parts, [sums, lost]) in parts.iter().zip(&mut totals) {
                put(&mut sums[column..column + n], &mut lost[column..column + n], &parts[..n]);
            }
        }
    }
}

/// Adds the terms of four rows, of up to [`TILE`] columns.
#[inline(always)]
pub(crate) fn add_four<T: Float, const S: usize, const P: usize, const K: usize>(
    parts: &mut [[T; TILE]; K],
    [first, second, third, fourth]: [[&[T]; S]; 4],
    beside: [&[T]; P],
    f: &impl Fn([T; S], [T; P]) -> [T; K],
) {
    let n = first[0].len().min(TILE);
    let [first, second, third, fourth] = [
        first.map(|r| &r[..n]),
        second.map(|r| &r[..n]),
        third.map(|r| &r[..n]),
        fourth.map(|r| &r[..n]),
    ];
    let beside = beside.map(|slice| &slice[..n]);
    // In pieces of a known length, which are done side by side whatever the width of the rows is.
    let pieces = [first, second, third, fourth].map(
        #[inline(always)]
        |rows| rows.map(|row| row.as_chunks::<LANES>().0),
    );
    let pieces_beside = beside.map(|slice| slice.as_chunks::<LANES>().0);
    for c in 0..n / LANES {
        let [a, b, c4, d] = pieces.map(
            #[inline(always)]
            |rows| rows.map(|row| &row[c]),
        );
        let beside = pieces_beside.map(|slice| &slice[c]);
        let mut sums = [[T::ZERO; LANES]; K];
        for i in 0..LANES {
            let beside = beside.map(|slice| slice[i]);
            let a = f(a.map(|row| row[i]), beside);
            let b = f(b.map(|row| row[i]), beside);
            let c = f(c4.map(|row| row[i]), beside);
            let d = f(d.map(|row| row[i]), beside);
            for k in 0..K {
                sums[k][i] = (a[k] + b[k]) + (c[k] + d[k]);
            }
        }
        for k in 0..K {
            let part = &mut parts[k].as_chunks_mut::<LANES>().0[c];
            for i in 0..LANES {
                part[i] += sums[k][i];
            }
        }
    }
    for i in n / LANES * LANES..n {
        let beside = beside.map(|slice| slice[i]);
        let a = f(first.map(|row| row[i]), beside);
        let b = f(second.map(|row| row[i]), beside);
        let c = f(third.map(|row| row[i]), beside);
        let d = f(fourth.map(|row| row[i]), beside);
        for k in 0..K {
            parts[k][i] += (a[k] + b[k]) + (c[k] + d[k]);
        }
    }
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
