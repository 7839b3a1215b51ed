//! The one way to add numbers up, for every sum, mean, variance, norm, loss and gradient that is added up.
//!
//! With `u` half the gap between 1 and the next number, a sum is off by at most `16 u Σ|x|` (9.6e-7 of
//! `Σ|x|` for `f32`), however many numbers there are and however they lie:
//!
//! * eight numbers are added one by one, in each of 32 lanes side by side, and pairs of lanes: 8 `u`;
//! * what they give is added to running totals that keep what rounding lost ([`Total`]): 2 `u` for all of
//!   them, and a term `n u²` that is nothing for any `n` that fits in memory;
//! * of 128 and less there are no totals: eight, and the lanes by halves, and what is left over, 15 `u` at most;
//! * the lanes are joined by halves, and the loss added at the end: 5 `u`; joined with others, 1 `u` more.
//!
//! (Kahan, *Further remarks on reducing truncation errors*, 1965; Higham, *Accuracy and Stability of
//! Numerical Algorithms*, 2nd edition, 2002, sections 4.2 and 4.3, equation 4.8.) The rounding of the terms themselves, where
//! they are products, comes on top.

mod columns;
mod kernels;
mod several;
mod terms;

use pulp::{Simd, WithSimd};

use crate::Float;
use crate::simd::dispatch;

pub(crate) use columns::{add_few, add_rows, finish, join, put};
use kernels::OfRow;
pub(crate) use several::each;
use several::{chunked, cut, ith, nth, of_pieces};
pub(crate) use terms::{Deviations, DeviationsOfColumns, Numbers, Products, Terms, TwoProducts};

/// Numbers added side by side.
const WIDE: usize = 32;
/// Lanes of running totals.
const LANES: usize = WIDE / 2;
/// Numbers in a row that are added without totals.
const FEW: usize = ROWS * LANES;
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

/// The sum of numbers.
///
/// ```
/// let sum = gradus_tensor::sums::sum(&[0.1_f32; 1_000_000]);
/// assert!((sum - 100_000.0).abs() < 0.02);
/// ```
pub fn sum<T: Float>(x: &[T]) -> T {
    let [sum] = sums([x], Numbers);
    sum
}

/// The sum of products, `Σ aᵢ bᵢ`, each product rounded.
///
/// ```
/// assert_eq!(gradus_tensor::sums::dot(&[1.0_f32, 2.0], &[3.0, 4.0]), 11.0);
/// ```
///
/// # Panics
/// If the second slice is shorter than the first.
pub fn dot<T: Float>(a: &[T], b: &[T]) -> T {
    let [sum] = sums([a, b], Products);
    sum
}

/// The sum of what `f` makes of numbers that belong together, one from each of slices of one length.
///
/// The loop is compiled for wide vectors inside [`vectorize`](crate::simd::vectorize), where `f` is marked
/// `#[inline(always)]`.
///
/// ```
/// use gradus_tensor::sums::sum_of;
/// let (a, b) = ([1.0_f32, 2.0, 3.0], [1.0, 0.0, -1.0]);
/// assert_eq!(sum_of([&a, &b], |[a, b]| (a - b).exp()), 1.0 + 2.0_f32.exp() + 4.0_f32.exp());
/// ```
///
/// # Panics
/// If another slice is shorter than the first.
#[inline(always)]
pub fn sum_of<T: Float, const S: usize>(of: [&[T]; S], f: impl Fn([T; S]) -> T) -> T {
    let n = of.first().map_or(0, |slice| slice.len());
    let of = cut(of, 0, n);
    if n < LANES {
        return (0..n).fold(T::ZERO, |sum, i| sum + f(ith(of, i)));
    }
    let rows = chunked::<T, S, WIDE>(of);
    let count = n / WIDE;
    let whole = count / ROWS * ROWS;
    let mut parts = [T::ZERO; WIDE];
    for row in whole..count {
        add_row(&mut parts, nth(rows, row), &f);
    }
    if !n.is_multiple_of(WIDE) {
        // Of its own, so that the compiler keeps the others in registers.
        let mut last = [T::ZERO; WIDE];
        let rest = cut(of, count * WIDE, n % WIDE);
        for (i, last) in last[..n % WIDE].iter_mut().enumerate() {
            *last = f(ith(rest, i));
        }
        for i in 0..WIDE {
            parts[i] += last[i];
        }
    }
    let mut sums = [T::ZERO; LANES];
    for i in 0..LANES {
        sums[i] = parts[i] + parts[i + LANES];
    }
    let mut lost = [T::ZERO; LANES];
    for run in (0..whole).step_by(ROWS) {
        let mut parts = [T::ZERO; WIDE];
        for row in run..run + ROWS {
            add_row(&mut parts, nth(rows, row), &f);
        }
        for i in 0..LANES {
            let total = Total { sum: sums[i], lost: lost[i] }.plus(parts[i] + parts[i + LANES]);
            (sums[i], lost[i]) = (total.sum, total.lost);
        }
    }
    halved(sums) + halved(lost)
}

#[inline(always)]
fn add_row<T: Float, const S: usize>(
    parts: &mut [T; WIDE],
    row: [&[T; WIDE]; S],
    f: &impl Fn([T; S]) -> T,
) {
    for (i, part) in parts.iter_mut().enumerate() {
        *part += f(of_pieces(row, i));
    }
}

/// The sums of the terms of rows of one length, with what rounding lost.
///
/// # Panics
/// If another slice is shorter than the first.
#[inline(always)]
pub(crate) fn totals<T: Float, F, const S: usize, const K: usize>(
    of: [&[T]; S],
    terms: F,
) -> [Total<T>; K]
where
    F: Terms<T, S, 0, K>,
{
    dispatch(OfRow { of, terms })
}

/// As [`totals`], in a kernel that runs at a width already, as numbers.
#[inline(always)]
pub(crate) fn sums_at<V: Simd, T: Float, F, const S: usize, const K: usize>(
    simd: V,
    of: [&[T]; S],
    terms: F,
) -> [T; K]
where
    F: Terms<T, S, 0, K>,
{
    each(OfRow { of, terms }.with_simd(simd), Total::value)
}

/// As [`totals`], as numbers.
#[inline(always)]
pub(crate) fn sums<T: Float, F, const S: usize, const K: usize>(of: [&[T]; S], terms: F) -> [T; K]
where
    F: Terms<T, S, 0, K>,
{
    each(totals(of, terms), Total::value)
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
