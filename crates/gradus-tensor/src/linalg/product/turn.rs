//! Sixteen rows of memory become sixteen columns, in AVX-512 registers: for `f32` only.
//!
//! `pulp` has no exchange of lanes that is the same on all machines; its own wrappers of the
//! instructions are used. (The four stages are the usual ones: pairs of numbers, pairs of pairs,
//! then quarters of registers, twice.)

use std::any::TypeId;

use pulp::Simd;

use crate::linalg::lanes::Lanes;
use crate::linalg::matrix::Source;

/// Writes element `p` of column `j` of `b` to `out[p * width + j]`, for `p < k` and `j < count ≤
/// 16`, and zeros for `count ≤ j < 16`. Returns false, having done nothing, where the machine has no
/// such registers, or for other numbers than `f32`.
///
/// # Safety
/// The steps of `k` must lie side by side in `b`; its elements must be readable and 16 elements of
/// each row of `out` writable.
#[inline(always)]
pub(crate) unsafe fn sixteen<S: Simd, T: Lanes>(
    simd: S,
    k: usize,
    count: usize,
    b: Source<T>,
    out: *mut T,
    width: usize,
) -> bool {
    #[cfg(target_arch = "x86_64")]
    if TypeId::of::<S>() == TypeId::of::<pulp::x86::V4>()
        && TypeId::of::<T>() == TypeId::of::<f32>()
    {
        // SAFETY: the two types are the same.
        let simd: pulp::x86::V4 = unsafe { std::mem::transmute_copy(&simd) };
        let b = Source { start: b.start.cast(), strides: b.strides };
        // SAFETY: as the caller promises, and the numbers are `f32`.
        unsafe { avx512::sixteen(simd, k, count, b, out.cast(), width) };
        return true;
    }
    let _ = (simd, k, count, b, out, width);
    false
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{__m512, __m512d};

    use pulp::x86::V4;

    use super::Source;
    use crate::memory::place;

    /// # Safety
    /// As [`super::sixteen`].
    #[inline(always)]
    pub(super) unsafe fn sixteen(
        simd: V4,
        k: usize,
        count: usize,
        b: Source<f32>,
        out: *mut f32,
        width: usize,
    ) {
        for first in (0..k).step_by(16) {
            let steps = (k - first).min(16);
            let mask = (u32::MAX >> (32 - steps)) as u16;
            let mut rows: [__m512; 16] = [simd.avx512f._mm512_setzero_ps(); 16];
            for (j, row) in rows.iter_mut().enumerate() {
                if j < count {
                    // SAFETY: the steps that are not masked are elements of `b`.
                    *row =
                        unsafe { simd.avx512f._mm512_maskz_loadu_ps(mask, b.at(first, j).start) };
                }
            }
            let columns = turn(simd, rows);
            for (p, column) in columns.into_iter().take(steps).enumerate() {
                // SAFETY: 16 elements of the row are writable.
                unsafe { place::write(out.wrapping_add((first + p) * width), column) };
            }
        }
    }

    /// The transpose of sixteen registers.
    #[inline(always)]
    fn turn(simd: V4, r: [__m512; 16]) -> [__m512; 16] {
        let f = simd.avx512f;
        let mut t = r;
        for i in 0..8 {
            t[2 * i] = f._mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
            t[2 * i + 1] = f._mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
        }
        // No closures here: they would not be compiled for these registers.
        let mut pairs = [f._mm512_castps_pd(t[0]); 16];
        for i in 1..16 {
            pairs[i] = f._mm512_castps_pd(t[i]);
        }
        let t: [__m512d; 16] = pairs;
        let mut u = r;
        for i in 0..4 {
            u[4 * i] = f._mm512_castpd_ps(f._mm512_unpacklo_pd(t[4 * i], t[4 * i + 2]));
            u[4 * i + 1] = f._mm512_castpd_ps(f._mm512_unpackhi_pd(t[4 * i], t[4 * i + 2]));
            u[4 * i + 2] = f._mm512_castpd_ps(f._mm512_unpacklo_pd(t[4 * i + 1], t[4 * i + 3]));
            u[4 * i + 3] = f._mm512_castpd_ps(f._mm512_unpackhi_pd(t[4 * i + 1], t[4 * i + 3]));
        }
        // Quarter q of u[4 i + c] now holds rows 4 i … 4 i + 3 of column 4 q + c.
        let mut columns = r;
        for c in 0..4 {
            let low_even = f._mm512_shuffle_f32x4::<0x88>(u[c], u[4 + c]);
            let low_odd = f._mm512_shuffle_f32x4::<0xdd>(u[c], u[4 + c]);
            let high_even = f._mm512_shuffle_f32x4::<0x88>(u[8 + c], u[12 + c]);
            let high_odd = f._mm512_shuffle_f32x4::<0xdd>(u[8 + c], u[12 + c]);
            columns[c] = f._mm512_shuffle_f32x4::<0x88>(low_even, high_even);
            columns[8 + c] = f._mm512_shuffle_f32x4::<0xdd>(low_even, high_even);
            columns[4 + c] = f._mm512_shuffle_f32x4::<0x88>(low_odd, high_odd);
            columns[12 + c] = f._mm512_shuffle_f32x4::<0xdd>(low_odd, high_odd);
        }
        columns
    }
}
