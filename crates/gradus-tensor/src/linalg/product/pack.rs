//! Copies a panel of `B` so that the tiles read it in the order of its addresses.
//!
//! One row of the copy for each step, in whole vectors: what lies beyond the last column is
//! zero. A `B` whose columns are contiguous (the weight of a linear layer, transposed) is turned in
//! registers, 16 × 16 elements at a time.

use pulp::Simd;

use super::turn;
use crate::linalg::lanes::{Lanes, lanes};
use crate::linalg::matrix::Source;
use crate::memory::place;
use crate::simd::vectorize_at;

/// Copies `k × columns` elements of `b` into rows of `width ≥ columns` elements, zeros after the
/// columns. `width` is a whole number of vectors.
///
/// # Safety
/// The elements of `b` must be readable, and `out` writable over `k · width` elements.
#[inline(always)]
pub(crate) unsafe fn pack<S: Simd, T: Lanes>(
    simd: S,
    k: usize,
    columns: usize,
    b: Source<T>,
    width: usize,
    out: *mut T,
) {
    match b.strides {
        // SAFETY: as the caller promises.
        [_, 1] => vectorize_at(
            simd,
            #[inline(always)]
            || unsafe { rows(simd, k, columns, b, width, out) },
        ),
        // SAFETY: as the caller promises.
        _ => vectorize_at(
            simd,
            #[inline(always)]
            || unsafe { turned(simd, k, columns, b, width, out) },
        ),
    }
}

/// Rows are copied vector by vector.
///
/// # Safety
/// As [`pack`].
#[inline(always)]
unsafe fn rows<S: Simd, T: Lanes>(
    simd: S,
    k: usize,
    columns: usize,
    b: Source<T>,
    width: usize,
    out: *mut T,
) {
    let lanes = lanes::<S, T>();
    let (whole, left) = (columns / lanes, columns % lanes);
    let mask = T::first(simd, left);
    for p in 0..k {
        let from = b.at(p, 0).start;
        let to = out.wrapping_add(p * width);
        // SAFETY: the vectors lie within the columns of `b` and the width of `out`.
        unsafe {
            for v in 0..whole {
                let x: T::Vector<S> = place::read(from.wrapping_add(v * lanes));
                place::write(to.wrapping_add(v * lanes), x);
            }
            let mut at = whole * lanes;
            if left > 0 {
                let x = T::load_some(simd, mask, from.wrapping_add(at));
                place::write(to.wrapping_add(at), x);
                at += lanes;
            }
            while at < width {
                place::write(to.wrapping_add(at), T::splat(simd, T::ZERO));
                at += lanes;
            }
        }
    }
}

/// Any strides: element by element, but for what [`turn`] can do.
///
/// # Safety
/// As [`pack`].
#[inline(always)]
unsafe fn turned<S: Simd, T: Lanes>(
    simd: S,
    k: usize,
    columns: usize,
    b: Source<T>,
    width: usize,
    out: *mut T,
) {
    let mut column = 0;
    if b.strides[0] == 1 {
        while column < columns {
            let count = (columns - column).min(16);
            let (from, to) = (b.at(0, column), out.wrapping_add(column));
            // SAFETY: `b` lies along `k`, and 16 columns are written where the width has room.
            let done =
                column + 16 <= width && unsafe { turn::sixteen(simd, k, count, from, to, width) };
            if !done {
                break;
            }
            column += 16;
        }
    }
    // Eight steps at a time: a cache line of `b` is used up while it is near.
    for first in (0..if column < width { k } else { 0 }).step_by(8) {
        for j in column..width {
            for p in first..k.min(first + 8) {
                // SAFETY: the element lies in `b`, its place within the width of `out`.
                unsafe {
                    let x = if j < columns { place::read(b.at(p, j).start) } else { T::ZERO };
                    place::write(out.wrapping_add(p * width + j), x);
                }
            }
        }
    }
}
