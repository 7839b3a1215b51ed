//! Few rows times a matrix that lies along `k`: each result is a scalar product of two runs of
//! memory, so nothing needs to be copied and the matrix is read once, in order. This is a linear
//! layer at batch 1.

use pulp::{MemMask, Simd};

use super::load;
use super::pack::Source;

/// The most rows for which scalar products are used.
pub(super) const ROWS: usize = 4;

/// Calls `store(i, j, sum)` with `Σ a[i, p] b[p, j]` for each of `m ≤ ROWS` rows and `n` columns.
/// Both matrices must lie along `k`.
///
/// # Safety
/// The elements of both matrices must be readable.
#[inline(always)]
pub(super) unsafe fn run<S: Simd>(
    simd: S,
    [m, k, n]: [usize; 3],
    a: Source,
    b: Source,
    mut store: impl FnMut(usize, usize, f32),
) {
    macro_rules! tiles {
        ($rows:literal: $($columns:literal)*) => {{
            let mut j = 0;
            $(
                while n - j >= $columns {
                    // SAFETY: the rows and columns lie in the matrices.
                    let sums = unsafe { sums::<S, $rows, $columns>(simd, k, a, b.at(0, j)) };
                    for (i, sums) in sums.into_iter().enumerate() {
                        for (c, sum) in sums.into_iter().enumerate() {
                            store(i, j + c, sum);
                        }
                    }
                    j += $columns;
                }
            )*
        }};
    }
    match m {
        1 => tiles!(1: 8 2 1),
        2 => tiles!(2: 4 1),
        3 => tiles!(3: 4 1),
        _ => tiles!(4: 4 1),
    }
}

/// # Safety
/// As [`run`], for `R` rows and `C` columns.
#[inline(always)]
unsafe fn sums<S: Simd, const R: usize, const C: usize>(
    simd: S,
    k: usize,
    a: Source,
    b: Source,
) -> [[f32; C]; R] {
    let mut sums = [[simd.splat_f32s(0.0); C]; R];
    let whole = k - k % S::F32_LANES;
    let mask = MemMask::new(simd.mask_between_m32s(0, (k - whole) as u32).mask());
    for p in (0..k).step_by(S::F32_LANES) {
        let mut x = [sums[0][0]; R];
        for (i, x) in x.iter_mut().enumerate() {
            // SAFETY: the steps that are not masked lie in the matrix.
            *x = unsafe { load(simd, a.at(i, p).start, p == whole, mask) };
        }
        for j in 0..C {
            // SAFETY: as above.
            let y = unsafe { load(simd, b.at(p, j).start, p == whole, mask) };
            for (sums, &x) in sums.iter_mut().zip(&x) {
                sums[j] = simd.mul_add_e_f32s(x, y, sums[j]);
            }
        }
    }
    let mut totals = [[0.0; C]; R];
    for i in 0..R {
        for j in 0..C {
            totals[i][j] = simd.reduce_sum_f32s(sums[i][j]);
        }
    }
    totals
}
