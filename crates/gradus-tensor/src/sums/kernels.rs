//! The two loops that add up, for vectors of every width.
//!
//! They name their registers. Written as loops over arrays, which the compiler turns into vectors where it can,
//! they were fast in one place and up to ten times slower in the next.

use std::ops::Range;

use pulp::{Scalar, Simd, WithSimd};

use super::several::{cut, each, ith};
use super::{FEW, LANES, ROWS, Terms, Total};
use crate::Float;
use crate::linalg::lanes;

/// Chunks of `LANES` numbers between two visits to the totals: `ROWS` in each of two sums side by side.
const RUN: usize = 2 * ROWS;

/// The sums of the terms of rows of one length.
pub(super) struct OfRow<'a, T, F, const S: usize, const K: usize> {
    pub(super) of: [&'a [T]; S],
    pub(super) terms: F,
}

impl<T: Float, F: Terms<T, S, 0, K>, const S: usize, const K: usize> WithSimd
    for OfRow<'_, T, F, S, K>
{
    type Output = [Total<T>; K];

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) -> [Total<T>; K] {
        // As many registers as `LANES` numbers fill: known when compiling, so that one of these is compiled.
        match const { LANES / lanes::<V, T>() } {
            1 => self.run::<V, 1>(simd),
            2 => self.run::<V, 2>(simd),
            4 => self.run::<V, 4>(simd),
            8 => self.run::<V, 8>(simd),
            _ => self.run::<V, LANES>(simd),
        }
    }
}

/// Sums of `K` terms in `LANES` lanes, which fill `R` registers.
type Lanes<V, T, const R: usize, const K: usize> = [[<T as crate::linalg::Lanes>::Vector<V>; R]; K];

impl<T: Float, F: Terms<T, S, 0, K>, const S: usize, const K: usize> OfRow<'_, T, F, S, K> {
    #[inline(always)]
    fn run<V: Simd, const R: usize>(self, simd: V) -> [Total<T>; K] {
        let n = self.of.first().map_or(0, |slice| slice.len());
        let of = cut(self.of, 0, n);
        let chunks = Chunks::<V, T, F, S, K> {
            simd,
            vectors: each(
                of,
                #[inline(always)]
                |slice| T::vectors(simd, slice),
            ),
            terms: self.terms,
        };
        let count = n / LANES;
        let rest = cut(of, count * LANES, n % LANES);
        let zero = [[T::splat(simd, T::ZERO); R]; K];
        let mut all = [Total::ZERO; K];
        if n <= FEW {
            // Through no more than 15 additions: no totals.
            let sums = chunks.sum(zero, 0..count);
            let mut last = [T::ZERO; K];
            for i in 0..n % LANES {
                let terms = of_one(self.terms, ith(rest, i), []);
                (0..K).for_each(|k| last[k] += terms[k]);
            }
            for k in 0..K {
                let sum =
                    if count == 0 { last[k] } else { joined::<V, T, R>(simd, sums[k]) + last[k] };
                all[k] = Total { sum, lost: T::ZERO };
            }
            return all;
        }
        let (mut sums, mut lost) = (zero, zero);
        let whole = count / RUN * RUN;
        for first in (0..whole).step_by(RUN) {
            let parts = chunks.pairs::<R>(zero, first, ROWS);
            (sums, lost) = with::<V, T, R, K>(simd, sums, lost, parts);
        }
        let mut parts = chunks.pairs(zero, whole, (count - whole) / 2);
        if count % 2 == 1 {
            parts = chunks.sum(parts, count - 1..count);
        }
        (sums, lost) = with::<V, T, R, K>(simd, sums, lost, parts);
        if !n.is_multiple_of(LANES) {
            let mut last = [[T::ZERO; LANES]; K];
            (0..n % LANES).for_each(|i| {
                let terms = of_one(self.terms, ith(rest, i), []);
                (0..K).for_each(|k| last[k][i] = terms[k]);
            });
            let mut parts = zero;
            for k in 0..K {
                parts[k].copy_from_slice(T::vectors(simd, &last[k]));
            }
            (sums, lost) = with::<V, T, R, K>(simd, sums, lost, parts);
        }
        for k in 0..K {
            all[k] = Total {
                sum: joined::<V, T, R>(simd, sums[k]),
                lost: joined::<V, T, R>(simd, lost[k]),
            };
            if !all[k].value().is_finite() {
                // What was lost of an infinite sum is no number: what plain addition gives, then.
                let term = |i: usize| of_one(self.terms, ith(of, i), [])[k];
                all[k] = Total { sum: (0..n).fold(T::ZERO, |sum, i| sum + term(i)), lost: T::ZERO };
            }
        }
        all
    }
}

/// Rows in chunks of `LANES` numbers.
struct Chunks<'a, V: Simd, T: Float, F, const S: usize, const K: usize> {
    simd: V,
    vectors: [&'a [T::Vector<V>]; S],
    terms: F,
}

impl<V: Simd, T: Float, F: Terms<T, S, 0, K>, const S: usize, const K: usize>
    Chunks<'_, V, T, F, S, K>
{
    /// With the terms of some chunks.
    #[inline(always)]
    fn sum<const R: usize>(
        &self,
        mut sums: Lanes<V, T, R, K>,
        chunks: Range<usize>,
    ) -> Lanes<V, T, R, K> {
        for chunk in chunks {
            for j in 0..R {
                let x = each(
                    self.vectors,
                    #[inline(always)]
                    |vectors| vectors[chunk * R + j],
                );
                let terms = self.terms.of(self.simd, x, []);
                for k in 0..K {
                    sums[k][j] = T::added(self.simd, sums[k][j], terms[k]);
                }
            }
        }
        sums
    }

    /// The terms of pairs of chunks, in two sums that do not wait for each other, and these together.
    #[inline(always)]
    fn pairs<const R: usize>(
        &self,
        zero: Lanes<V, T, R, K>,
        first: usize,
        count: usize,
    ) -> Lanes<V, T, R, K> {
        let (mut even, mut odd) = (zero, zero);
        for pair in 0..count {
            let chunk = first + 2 * pair;
            even = self.sum(even, chunk..chunk + 1);
            odd = self.sum(odd, chunk + 1..chunk + 2);
        }
        for k in 0..K {
            for j in 0..R {
                even[k][j] = T::added(self.simd, even[k][j], odd[k][j]);
            }
        }
        even
    }
}

/// Running totals with what was added up since.
#[inline(always)]
fn with<V: Simd, T: Float, const R: usize, const K: usize>(
    simd: V,
    mut sums: Lanes<V, T, R, K>,
    mut lost: Lanes<V, T, R, K>,
    parts: Lanes<V, T, R, K>,
) -> (Lanes<V, T, R, K>, Lanes<V, T, R, K>) {
    for k in 0..K {
        for j in 0..R {
            (sums[k][j], lost[k][j]) = plus::<V, T>(simd, sums[k][j], lost[k][j], parts[k][j]);
        }
    }
    (sums, lost)
}

/// The sum of all lanes, by halves.
#[inline(always)]
fn joined<V: Simd, T: Float, const R: usize>(simd: V, mut registers: [T::Vector<V>; R]) -> T {
    let mut half = R / 2;
    while half > 0 {
        for j in 0..half {
            registers[j] = T::added(simd, registers[j], registers[j + half]);
        }
        half /= 2;
    }
    T::total(simd, registers[0])
}

/// The terms of single numbers.
#[inline(always)]
fn of_one<T: Float, F, const S: usize, const P: usize, const K: usize>(
    terms: F,
    x: [T; S],
    beside: [T; P],
) -> [T; K]
where
    F: Terms<T, S, P, K>,
{
    let simd = Scalar::new();
    let terms = terms.of(simd, splatted(x), splatted(beside));
    each(
        terms,
        #[inline(always)]
        |x| T::total(simd, x),
    )
}

#[inline(always)]
fn splatted<T: Float, const N: usize>(x: [T; N]) -> [T::Vector<Scalar>; N] {
    each(
        x,
        #[inline(always)]
        |x| T::splat(Scalar::new(), x),
    )
}

/// As [`Total::plus`], before it looks at what was lost.
#[inline(always)]
fn plus<V: Simd, T: Float>(
    simd: V,
    sum: T::Vector<V>,
    lost: T::Vector<V>,
    x: T::Vector<V>,
) -> (T::Vector<V>, T::Vector<V>) {
    let x = T::added(simd, x, lost);
    let new = T::added(simd, sum, x);
    (new, T::subtracted(simd, x, T::subtracted(simd, new, sum)))
}

/// Adds the terms of up to `ROWS` rows to running totals of columns.
pub(super) struct OfColumns<'a, 'b, T, F, const S: usize, const P: usize, const K: usize> {
    /// The sums, and what rounding lost of them.
    pub(super) totals: &'a mut [[&'b mut [T]; 2]; K],
    /// Each as long as the totals.
    pub(super) rows: &'a [[&'a [T]; S]],
    pub(super) beside: [&'a [T]; P],
    pub(super) terms: F,
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
