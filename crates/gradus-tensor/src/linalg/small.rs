//! Products of matrices that fit into the first-level cache, of any kind of float, where they lie.
//!
//! The pieces of a larger operation (a step of a recurrent layer, a block of attention) use these
//! between other work on the same numbers.

use std::any::TypeId;
use std::{ptr, slice};

use pulp::{Simd, WithSimd};

use super::f32::pack::Source;
use super::f32::tile::{self, Finish, Tile};
use super::f32::turn as registers;
use crate::simd::dispatch;
use crate::{Activation, Float};

/// Columns that [`turn`] makes at a time.
pub(crate) const COLUMNS: usize = 16;

/// The matrix on the left.
#[derive(Clone, Copy)]
pub(crate) struct Left<T> {
    pub(crate) start: *const T,
    /// From row to row if the elements of a row lie side by side, else from column to column.
    pub(crate) stride: usize,
    pub(crate) rows_lie: bool,
}

/// Steps of `k` in several runs: how many runs there are, and how far each is from the one before it
/// in `A` and in `B`.
#[derive(Clone, Copy)]
pub(crate) struct Runs {
    pub(crate) count: usize,
    pub(crate) a: usize,
    pub(crate) b: usize,
}

/// `C = A B`, or `C += A B`, for `A` of `rows × k` and `B` of `k × columns`. The rows of `B` and of `C`
/// lie side by side, each at a distance from the next.
///
/// # Safety
/// All elements must be readable, those of `C` be used by nobody else, and `B` be readable up to a
/// multiple of [`COLUMNS`].
#[inline(always)]
pub(crate) unsafe fn product<S: Simd, T: Float>(
    simd: S,
    sizes: [usize; 3],
    a: Left<T>,
    b: (*const T, usize),
    c: (*mut T, usize),
    load: bool,
) {
    // SAFETY: as the caller promises.
    unsafe { product_of_runs(simd, sizes, Runs { count: 1, a: 0, b: 0 }, a, b, c, load) }
}

/// The same for `A` and `B` whose steps of `k` come in runs, each of `k`.
///
/// # Safety
/// As [`product`].
#[inline(always)]
pub(crate) unsafe fn product_of_runs<S: Simd, T: Float>(
    simd: S,
    [rows, k, columns]: [usize; 3],
    runs: Runs,
    a: Left<T>,
    (b, b_stride): (*const T, usize),
    (c, c_stride): (*mut T, usize),
    load: bool,
) {
    if TypeId::of::<T>() != TypeId::of::<f32>() {
        return simd.vectorize(
            #[inline(always)]
            || {
                for i in 0..rows {
                    // SAFETY: as the caller promises.
                    let c = unsafe { slice::from_raw_parts_mut(c.add(i * c_stride), columns) };
                    if !load {
                        c.fill(T::ZERO);
                    }
                    for step in 0..runs.count * k {
                        let (run, p) = (step / k, step % k);
                        let at = if a.rows_lie { i * a.stride + p } else { p * a.stride + i };
                        // SAFETY: as the caller promises.
                        let (x, b) = unsafe {
                            let b = b.add(run * runs.b + p * b_stride);
                            let b = slice::from_raw_parts(b, columns);
                            (*a.start.add(run * runs.a + at), b)
                        };
                        c.iter_mut().zip(b).for_each(|(c, &b)| *c += x * b);
                    }
                }
            },
        );
    }
    let (start, b, c) = (a.start.cast::<f32>(), b.cast::<f32>(), c.cast::<f32>());
    let most = tile::widest::<S>().min(2);
    for column in (0..columns).step_by(most * S::F32_LANES) {
        let left = columns - column;
        let vectors = most.min(left.div_ceil(S::F32_LANES));
        let mut row = 0;
        while row < rows {
            let height = tile::height::<S>(vectors, rows - row);
            let tile = Tile {
                k,
                runs: runs.count,
                run_strides: [runs.a as isize, runs.b as isize],
                a: start.wrapping_add(if a.rows_lie { row * a.stride } else { row }),
                a_stride: a.stride as isize,
                a_along_k: a.rows_lie,
                b: b.wrapping_add(column),
                b_stride: b_stride as isize,
                c: c.wrapping_add(row * c_stride + column),
                c_stride: c_stride as isize,
                last: S::F32_LANES.min(left - (vectors - 1) * S::F32_LANES),
                finish: Finish {
                    load,
                    alpha: 1.0,
                    bias: ptr::null(),
                    activation: Activation::Identity,
                },
            };
            // SAFETY: rows, steps and columns are some of those that the caller speaks of.
            unsafe { tile::run(simd, height, vectors, tile) };
            row += height;
        }
    }
}

/// Writes `count` rows of `k` elements, `stride` apart, to the columns of `out`, whose rows lie
/// `width` apart; then zeros up to sixteen columns.
///
/// # Safety
/// The rows must be readable, and nobody else may use the sixteen columns of `out`.
pub(crate) unsafe fn turn<T: Float>(
    (from, stride): (*const T, usize),
    [count, k]: [usize; 2],
    (out, width): (*mut T, usize),
) {
    assert!(count <= COLUMNS);
    if TypeId::of::<T>() == TypeId::of::<f32>() {
        let b = Source { start: from.cast(), strides: [1, stride as isize] };
        if dispatch(Turn { k, count, b, out: out.cast(), width }) {
            return;
        }
    }
    for p in 0..k {
        for j in 0..COLUMNS {
            // SAFETY: as the caller promises.
            unsafe {
                let x = if j < count { *from.add(j * stride + p) } else { T::ZERO };
                *out.add(p * width + j) = x;
            }
        }
    }
}

struct Turn {
    k: usize,
    count: usize,
    b: Source,
    out: *mut f32,
    width: usize,
}

impl WithSimd for Turn {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        let Self { k, count, b, out, width } = self;
        simd.vectorize(
            #[inline(always)]
            // SAFETY: as the caller of `turn` promises.
            || unsafe { registers::sixteen(simd, k, count, b, out, width) },
        )
    }
}
