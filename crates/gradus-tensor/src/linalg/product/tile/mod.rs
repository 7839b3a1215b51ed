//! The innermost loop: a tile of the result that stays in registers.
//!
//! `R` rows by `V` vectors of sums. Each step loads `V` vectors of `B` and adds their products with one
//! element of each of the `R` rows of `A`, repeated over a vector. Two multiply-adds a cycle that take
//! four cycles each want at least eight sums; more of them mean fewer loads for each product. With 32
//! registers 8 × 3 vectors fit, with 16 of them 6 × 2. (Van Zee and van de Geijn, *BLIS: a framework for
//! rapidly instantiating BLAS functionality*, 2015.) Which shapes there are, [`shapes`] says; what
//! happens to the sums at the end, [`finish`].

mod finish;
mod shapes;

use pulp::Simd;

pub(crate) use self::finish::Finish;
use self::shapes::height;
pub(crate) use self::shapes::widest;
use crate::linalg::lanes::{Lanes, lanes};
use crate::linalg::matrix::{Source, Target};
use crate::memory::place;
use crate::simd::vectorize_at;

/// The operands of a tile, and of those below it. The steps come in runs: a product of matrices has one,
/// a convolution has one for each row of its kernel.
#[derive(Clone, Copy)]
pub(crate) struct Tile<T = f32> {
    /// Steps in one run.
    pub(crate) k: usize,
    pub(crate) runs: usize,
    /// From run to run of `A`, and of `B`.
    pub(crate) run_strides: [isize; 2],
    /// Its rows or its columns lie in one piece each.
    pub(crate) a: Source<T>,
    /// Its rows lie in one piece each.
    pub(crate) b: Source<T>,
    pub(crate) c: Target<T>,
    /// Columns of `C` in the last vector; `B` has all of them.
    pub(crate) last: usize,
    pub(crate) finish: Finish<T>,
}

/// Computes `rows` rows of a panel that is `vectors` wide, but no wider than [`widest`]: tile after tile.
///
/// # Safety
/// Every element of the three matrices must be readable, those of `C` also be writable and used by
/// nobody else meanwhile. `B` must be readable in whole vectors.
#[inline(always)]
pub(crate) unsafe fn run<S: Simd, T: Lanes>(simd: S, rows: usize, vectors: usize, tile: Tile<T>) {
    let mut row = 0;
    while row < rows {
        let height = height::<S, T>(vectors, rows - row);
        let tile = Tile { a: tile.a.at(row, 0), c: tile.c.at(row, 0), ..tile };
        // SAFETY: as the caller promises; these are some of the rows.
        unsafe { one(simd, height, vectors, tile) };
        row += height;
    }
}

/// Computes a tile of one of the shapes that there are.
///
/// # Safety
/// As [`run`].
#[inline(never)]
unsafe fn one<S: Simd, T: Lanes>(simd: S, rows: usize, vectors: usize, tile: Tile<T>) {
    // For each width the heights, and how many steps are added up apart.
    macro_rules! pick {
        ($($v:literal: $($r:literal * $u:literal)*;)*) => {
            match (vectors, rows, tile.a.strides[1] == 1) {
                $($(
                    // SAFETY: as the caller promises.
                    ($v, $r, true) => vectorize_at(simd, #[inline(always)] || unsafe {
                        sums::<S, T, $r, $v, $u, true>(simd, tile)
                    }),
                    // SAFETY: as the caller promises.
                    ($v, $r, false) => vectorize_at(simd, #[inline(always)] || unsafe {
                        sums::<S, T, $r, $v, $u, false>(simd, tile)
                    }),
                )*)*
                _ => unreachable!("a tile of {rows} rows by {vectors} vectors"),
            }
        };
    }
    // Conditions that are known when compiling, so that no other tiles than those in use are compiled.
    if const { T::FEW_TILES && S::REGISTER_COUNT >= 32 } {
        pick!(
            2: 1*4 2*2 4*1 8*1;
            1: 1*8 2*4 4*2 8*1;
        )
    } else if const { T::FEW_TILES } {
        pick!(
            2: 1*4 2*2 4*1;
            1: 1*4 2*4 4*2 8*1;
        )
    } else if const { S::REGISTER_COUNT >= 32 } {
        pick!(
            3: 1*3 2*2 3*1 4*1 5*1 6*1 7*1 8*1;
            2: 1*4 2*2 3*2 4*1 5*1 6*1 7*1 8*1 12*1;
            1: 1*8 2*4 3*3 4*2 5*2 6*2 7*1 8*1 12*1;
        )
    } else {
        pick!(
            2: 1*4 2*2 3*1 4*1 5*1 6*1;
            1: 1*4 2*4 3*2 4*2 5*1 6*1 7*1 8*1;
        )
    }
}

/// Few sums would wait for themselves: then each of `U` steps has its own.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn sums<
    S: Simd,
    T: Lanes,
    const R: usize,
    const V: usize,
    const U: usize,
    const ALONG_K: bool,
>(
    simd: S,
    t: Tile<T>,
) {
    let lanes = lanes::<S, T>();
    let a_stride = t.a.strides[if ALONG_K { 0 } else { 1 }];
    let mut sums = [[[T::splat(simd, T::ZERO); V]; R]; U];
    for run in 0..t.runs as isize {
        let mut a = t.a.start.wrapping_offset(run.wrapping_mul(t.run_strides[0]));
        let mut b = t.b.start.wrapping_offset(run.wrapping_mul(t.run_strides[1]));
        let mut steps = t.k;
        while steps > 0 {
            for sums in &mut sums {
                // SAFETY: row, step and columns lie in the tile.
                unsafe {
                    let mut row = [sums[0][0]; V];
                    for (v, row) in row.iter_mut().enumerate() {
                        *row = place::read(b.wrapping_add(v * lanes));
                    }
                    for (i, sums) in sums.iter_mut().enumerate() {
                        let i = i as isize;
                        let step = if ALONG_K { i.wrapping_mul(a_stride) } else { i };
                        let x = T::splat(simd, place::read(a.wrapping_offset(step)));
                        for (sum, &row) in sums.iter_mut().zip(&row) {
                            *sum = T::multiplied(simd, x, row, *sum);
                        }
                    }
                }
                a = a.wrapping_offset(if ALONG_K { 1 } else { a_stride });
                b = b.wrapping_offset(t.b.strides[0]);
                steps -= 1;
                if U > 1 && steps == 0 {
                    break;
                }
            }
        }
    }
    let [total, others @ ..] = &mut sums[..] else { return };
    for other in others {
        for (total, other) in total.as_flattened_mut().iter_mut().zip(other.as_flattened()) {
            *total = T::added(simd, *total, *other);
        }
    }
    // SAFETY: as the caller promises.
    unsafe { finish::finish::<S, T, R, V>(simd, *total, t) }
}
