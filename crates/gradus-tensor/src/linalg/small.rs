//! Products of matrices that fit into the first-level cache, where they lie.
//!
//! The pieces of a larger operation (a step of a recurrent layer, a block of attention) use these
//! between other work on the same numbers. The tiles are those of [`product`](super::product), one or
//! two vectors wide; nothing is copied, and nothing but memory is done with the sums.

use pulp::{Simd, WithSimd};

use super::lanes::{Lanes, lanes};
use super::matrix::{Source, Target};
use super::product::tile::{self, Finish, Tile};
use super::product::turn::sixteen;
use crate::memory::place;
use crate::simd::{dispatch, vectorize_at};

/// Columns that [`turn`] makes at a time.
pub(crate) const COLUMNS: usize = 16;

/// Steps of `k` in several runs: how many runs there are, and how far each is from the one before it
/// in `A` and in `B`.
#[derive(Clone, Copy)]
pub(crate) struct Runs {
    pub(crate) count: usize,
    pub(crate) a: usize,
    pub(crate) b: usize,
}

/// `C = A B`, or `C += A B`, for `A` of `rows × k` and `B` of `k × columns`. Of `A` the rows or the
/// columns lie in one piece each, of `B` the rows.
///
/// # Safety
/// All elements must be readable, those of `C` also be writable and used by nobody else, and rows of
/// `B` be readable up to a multiple of [`COLUMNS`].
#[inline(always)]
pub(crate) unsafe fn product<S: Simd, T: Lanes>(
    simd: S,
    sizes: [usize; 3],
    a: Source<T>,
    b: Source<T>,
    c: Target<T>,
    add: bool,
) {
    // SAFETY: as the caller promises.
    unsafe { product_of_runs(simd, sizes, Runs { count: 1, a: 0, b: 0 }, a, b, c, add) }
}

/// The same for `A` and `B` whose steps of `k` come in runs, each of `k`.
///
/// # Safety
/// As [`product`].
#[inline(always)]
pub(crate) unsafe fn product_of_runs<S: Simd, T: Lanes>(
    simd: S,
    [rows, k, columns]: [usize; 3],
    runs: Runs,
    a: Source<T>,
    b: Source<T>,
    c: Target<T>,
    add: bool,
) {
    let lanes = lanes::<S, T>();
    let most = tile::widest::<S, T>().min(2);
    debug_assert!(a.strides.contains(&1) && b.strides[1] == 1);
    for column in (0..columns).step_by(most * lanes) {
        let left = columns - column;
        let vectors = most.min(left.div_ceil(lanes));
        let tile = Tile {
            k,
            runs: runs.count,
            run_strides: [runs.a as isize, runs.b as isize],
            a,
            b: b.at(0, column),
            c: c.at(0, column),
            last: lanes.min(left - (vectors - 1) * lanes),
            finish: Finish { load: add, ..Finish::PLAIN },
        };
        // SAFETY: rows, steps and columns are some of those that the caller speaks of.
        unsafe { tile::run(simd, rows, vectors, tile) };
    }
}

/// Writes `count` rows of `k` elements to the columns of `out`; then zeros up to sixteen columns.
///
/// # Panics
/// If there are more than sixteen rows.
///
/// # Safety
/// The rows must lie in one piece each and be readable, and nobody else may use the sixteen columns
/// of `out`.
pub(crate) unsafe fn turn<T: Lanes>(from: Source<T>, [count, k]: [usize; 2], out: Target<T>) {
    assert!(count <= COLUMNS);
    // SAFETY: as the caller promises.
    dispatch(unsafe { Turn::new(from, [count, k], out) });
}

struct Turn<T> {
    from: Source<T>,
    sizes: [usize; 2],
    out: Target<T>,
}

impl<T: Lanes> Turn<T> {
    /// # Safety
    /// As [`turn`].
    unsafe fn new(from: Source<T>, sizes: [usize; 2], out: Target<T>) -> Self {
        Self { from, sizes, out }
    }
}

impl<T: Lanes> WithSimd for Turn<T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { from, sizes: [count, k], out } = self;
        let done = vectorize_at(
            simd,
            #[inline(always)]
            // SAFETY: as the caller of `turn` promises.
            || unsafe {
                sixteen(simd, k, count, from.transposed(), out.start, out.stride as usize)
            },
        );
        if done {
            return;
        }
        for p in 0..k {
            for j in 0..COLUMNS {
                // SAFETY: as the caller of `turn` promises.
                unsafe {
                    let x = if j < count { place::read(from.at(j, p).start) } else { T::ZERO };
                    place::write(out.at(p, j).start, x);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Float, Rng};

    struct Product<T> {
        sizes: [usize; 3],
        runs: Runs,
        a: Source<T>,
        b: Source<T>,
        c: Target<T>,
        add: bool,
    }

    impl<T: Lanes> WithSimd for Product<T> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let Self { sizes, runs, a, b, c, add } = self;
            // SAFETY: `agree` makes matrices of these sizes.
            unsafe { product_of_runs(simd, sizes, runs, a, b, c, add) }
        }
    }

    /// Two runs of `k` steps, with `A` along the steps or along the rows.
    fn agree<T: Float>([rows, k, columns]: [usize; 3], along_k: bool, add: bool, rng: &mut Rng) {
        let mut numbers =
            |n| -> Vec<T> { (0..n).map(|_| T::from_f64(rng.below(7) as f64 - 3.0)).collect() };
        let wide = columns.next_multiple_of(COLUMNS);
        let (a, b) = (numbers(2 * rows * k), numbers(2 * k * wide));
        let before = numbers(rows * (columns + 1));
        let [mut got, mut want] = [before.clone(), before];
        let source = if along_k { Source::rows } else { Source::columns };
        dispatch(Product {
            sizes: [rows, k, columns],
            runs: Runs { count: 2, a: rows * k, b: k * wide },
            a: source(a.as_ptr(), if along_k { k } else { rows }),
            b: Source::rows(b.as_ptr(), wide),
            c: Target::rows(got.as_mut_ptr(), columns + 1),
            add,
        });
        for (i, j) in (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))) {
            let mut sum = T::ZERO;
            for (run, p) in (0..2).flat_map(|run| (0..k).map(move |p| (run, p))) {
                let at = if along_k { i * k + p } else { p * rows + i };
                sum += a[run * rows * k + at] * b[(run * k + p) * wide + j];
            }
            let place = &mut want[i * (columns + 1) + j];
            *place = if add { *place + sum } else { sum };
        }
        assert_eq!(got, want, "{} {rows} {k} {columns} {along_k} {add}", T::NAME);
    }

    #[test]
    fn small_products_are_what_is_defined() {
        let mut rng = Rng::new(40);
        for rows in 1..20 {
            for columns in [1, 7, 8, 13, 16, 24, 32, 37, 64] {
                for along_k in [false, true] {
                    agree::<f32>([rows, 9, columns], along_k, rows % 2 == 0, &mut rng);
                    agree::<f64>([rows, 9, columns], along_k, rows % 2 == 0, &mut rng);
                }
            }
        }
    }

    fn turned<T: Float>() {
        for count in 0..=COLUMNS {
            for k in [0, 1, 5, 16, 37] {
                let from: Vec<T> = (0..count * 40).map(|i| T::from_f64(i as f64)).collect();
                let mut out = vec![T::ONE; k * 20];
                // SAFETY: rows of up to 40 elements, columns of up to 37 with room for 20 each.
                unsafe {
                    let out = Target::rows(out.as_mut_ptr(), 20);
                    turn(Source::rows(from.as_ptr(), 40), [count, k], out);
                }
                for (p, j) in (0..k).flat_map(|p| (0..20).map(move |j| (p, j))) {
                    let want = if j < count { from[j * 40 + p] } else { T::ZERO };
                    let want = if j < COLUMNS { want } else { T::ONE };
                    assert_eq!(out[p * 20 + j], want, "{} {count} {k} {p} {j}", T::NAME);
                }
            }
        }
    }

    #[test]
    fn rows_become_columns() {
        turned::<f32>();
        turned::<f64>();
    }
}
