//! Copies a block of `B` so that the tiles read it in the order of its addresses.
//!
//! One row of the copy for each step of `k`, in whole vectors: what lies beyond the last column is
//! zero. A `B` whose columns are contiguous (the weight of a linear layer, transposed) is turned in
//! registers, 16 × 16 elements at a time.

use pulp::{MemMask, Simd};

/// A matrix to be read, by pointer.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub(crate) start: *const f32,
    /// From row to row, from column to column.
    pub(crate) strides: [isize; 2],
}

// SAFETY: whoever makes one keeps its memory borrowed while other threads read it.
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

impl Source {
    /// The same matrix from another element on.
    pub(crate) fn at(self, row: usize, column: usize) -> Self {
        let step = row as isize * self.strides[0] + column as isize * self.strides[1];
        Self { start: self.start.wrapping_offset(step), ..self }
    }
}

/// Copies `k × columns` elements of `b` into rows of `width ≥ columns` elements, zeros after the
/// columns. `width` is a whole number of vectors.
///
/// # Safety
/// The elements of `b` must be readable, and `out` writable over `k · width` elements.
#[inline(always)]
pub(crate) unsafe fn pack<S: Simd>(
    simd: S,
    k: usize,
    columns: usize,
    b: Source,
    width: usize,
    out: *mut f32,
) {
    match b.strides {
        // SAFETY: as the caller promises.
        [_, 1] => simd.vectorize(
            #[inline(always)]
            || unsafe { rows(simd, k, columns, b, width, out) },
        ),
        // SAFETY: as the caller promises.
        _ => simd.vectorize(
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
unsafe fn rows<S: Simd>(simd: S, k: usize, columns: usize, b: Source, width: usize, out: *mut f32) {
    let (whole, left) = (columns / S::F32_LANES, columns % S::F32_LANES);
    let mask = MemMask::new(simd.mask_between_m32s(0, left as u32).mask());
    for p in 0..k {
        let from = b.at(p, 0).start;
        let to = out.wrapping_add(p * width);
        // SAFETY: the vectors lie within the columns of `b` and the width of `out`.
        unsafe {
            for v in 0..whole {
                let x = from.add(v * S::F32_LANES).cast::<S::f32s>().read_unaligned();
                to.add(v * S::F32_LANES).cast::<S::f32s>().write_unaligned(x);
            }
            let mut at = whole * S::F32_LANES;
            if left > 0 {
                let x = simd.mask_load_ptr_f32s(mask, from.add(at));
                to.add(at).cast::<S::f32s>().write_unaligned(x);
                at += S::F32_LANES;
            }
            while at < width {
                to.add(at).cast::<S::f32s>().write_unaligned(simd.splat_f32s(0.0));
                at += S::F32_LANES;
            }
        }
    }
}

/// Any strides: element by element, but for what [`super::turn`] can do.
///
/// # Safety
/// As [`pack`].
#[inline(always)]
unsafe fn turned<S: Simd>(
    simd: S,
    k: usize,
    columns: usize,
    b: Source,
    width: usize,
    out: *mut f32,
) {
    let mut column = 0;
    if b.strides[0] == 1 {
        while column < columns {
            let count = (columns - column).min(16);
            let (from, to) = (b.at(0, column), out.wrapping_add(column));
            // SAFETY: `b` lies along `k`, and 16 columns are written where the width has room.
            let done = column + 16 <= width
                && unsafe { super::turn::sixteen(simd, k, count, from, to, width) };
            if !done {
                break;
            }
            column += 16;
        }
    }
    // Eight steps of `k` at a time: a cache line of `b` is used up while it is near.
    for first in (0..if column < width { k } else { 0 }).step_by(8) {
        for j in column..width {
            for p in first..k.min(first + 8) {
                // SAFETY: the element lies in `b`, its place within the width of `out`.
                unsafe {
                    let x = if j < columns { *b.at(p, j).start } else { 0.0 };
                    *out.add(p * width + j) = x;
                }
            }
        }
    }
}
