//! The innermost loop: a tile of the result that stays in registers.
//!
//! `R` rows by `V` vectors of sums. Each step of `k` loads `V` vectors of `B` and adds their
//! products with one element of each of the `R` rows of `A`, repeated over a vector. Two
//! multiply-adds a cycle that take four cycles each want at least eight sums; more of them mean
//! fewer loads for each product. With 32 registers 8 × 3 vectors fit, with 16 of them 6 × 2. (Van
//! Zee and van de Geijn, *BLIS: a framework for rapidly instantiating BLAS functionality*, 2015.)

use pulp::{MemMask, Simd};

use super::load;
use crate::Activation;

/// The most vectors that a tile is wide.
pub(crate) const fn widest<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 3 } else { 2 }
}

/// How many rows the next tile takes when `left` rows are left: full tiles, and the last two of
/// about equal height, since a tile of one row would wait for its own sums.
pub(crate) const fn height<S: Simd>(vectors: usize, left: usize) -> usize {
    let most = match (S::REGISTER_COUNT >= 32, vectors) {
        (true, 3) => 8,
        (true, _) => 12,
        (false, 2) => 6,
        (false, _) => 8,
    };
    if left == most || 2 * left >= 3 * most {
        return most;
    }
    let full = if most < 8 { most } else { 8 };
    if left <= full {
        return left;
    }
    let half = left.div_ceil(2);
    if half < full { half } else { full }
}

/// What is done with the sums of a tile: `C = activation(alpha · sums + C if load + bias)`.
#[derive(Clone, Copy)]
pub(crate) struct Finish {
    pub(crate) load: bool,
    pub(crate) alpha: f32,
    /// The bias of the tile's first column, or null.
    pub(crate) bias: *const f32,
    pub(crate) activation: Activation,
}

impl Finish {
    /// The sums as they are.
    pub(crate) const PLAIN: Self =
        Self { load: false, alpha: 1.0, bias: std::ptr::null(), activation: Activation::Identity };
}

/// A tile's operands. The steps of `k` come in runs: a product of matrices has one, a convolution
/// has one for each row of its kernel.
#[derive(Clone, Copy)]
pub(crate) struct Tile {
    /// Steps in one run.
    pub(crate) k: usize,
    pub(crate) runs: usize,
    /// From run to run of `A`, and of `B`.
    pub(crate) run_strides: [isize; 2],
    pub(crate) a: *const f32,
    /// From row to row of `A` if its steps of `k` lie side by side, else from step to step of `k`,
    /// its rows lying side by side.
    pub(crate) a_stride: isize,
    pub(crate) a_along_k: bool,
    pub(crate) b: *const f32,
    /// From one step of `k` to the next.
    pub(crate) b_stride: isize,
    pub(crate) c: *mut f32,
    /// From row to row.
    pub(crate) c_stride: isize,
    /// Columns of `C` in the last vector; `B` has all of them.
    pub(crate) last: usize,
    pub(crate) finish: Finish,
}

/// Computes a tile of `rows` by `vectors`, one of those that [`height`] and [`widest`] give.
///
/// # Safety
/// For every row, step of `k` and column of the tile the pointers must lead to memory that may be
/// read, and that of `c` be written by nobody else meanwhile. `B` must be readable in whole vectors.
#[inline(never)]
pub(crate) unsafe fn run<S: Simd>(simd: S, rows: usize, vectors: usize, tile: Tile) {
    // Rows, and how many steps of `k` are added up apart.
    macro_rules! pick {
        ($v:literal: $($r:literal * $u:literal)*) => {
            match (rows, tile.a_along_k) {
                $(
                    // SAFETY: as the caller promises.
                    ($r, true) => simd.vectorize(#[inline(always)] || unsafe {
                        sums::<S, $r, $v, $u, true>(simd, tile)
                    }),
                    // SAFETY: as the caller promises.
                    ($r, false) => simd.vectorize(#[inline(always)] || unsafe {
                        sums::<S, $r, $v, $u, false>(simd, tile)
                    }),
                )*
                _ => debug_assert!(false, "no tile of {rows} rows"),
            }
        };
    }
    if S::REGISTER_COUNT >= 32 {
        match vectors {
            3 => pick!(3: 1*3 2*2 3*1 4*1 5*1 6*1 7*1 8*1),
            2 => pick!(2: 1*4 2*2 3*2 4*1 5*1 6*1 7*1 8*1 12*1),
            _ => pick!(1: 1*8 2*4 3*3 4*2 5*2 6*2 7*1 8*1 12*1),
        }
    } else {
        match vectors {
            2 => pick!(2: 1*4 2*2 3*1 4*1 5*1 6*1),
            _ => pick!(1: 1*4 2*4 3*2 4*2 5*1 6*1 7*1 8*1),
        }
    }
}

/// Few sums would wait for themselves: then each of `U` steps of `k` has its own.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn sums<S: Simd, const R: usize, const V: usize, const U: usize, const ALONG_K: bool>(
    simd: S,
    t: Tile,
) {
    let mut sums = [[[simd.splat_f32s(0.0); V]; R]; U];
    for run in 0..t.runs as isize {
        let mut a = t.a.wrapping_offset(run * t.run_strides[0]);
        let mut b = t.b.wrapping_offset(run * t.run_strides[1]);
        let mut steps = t.k;
        while steps > 0 {
            for sums in &mut sums {
                // SAFETY: row, step and columns lie in the tile.
                unsafe {
                    let mut row = [sums[0][0]; V];
                    for (v, row) in row.iter_mut().enumerate() {
                        *row = b.add(v * S::F32_LANES).cast::<S::f32s>().read_unaligned();
                    }
                    for (i, sums) in sums.iter_mut().enumerate() {
                        let step = if ALONG_K { i as isize * t.a_stride } else { i as isize };
                        let x = simd.splat_f32s(*a.offset(step));
                        for (sum, &row) in sums.iter_mut().zip(&row) {
                            *sum = simd.mul_add_e_f32s(x, row, *sum);
                        }
                    }
                }
                a = a.wrapping_offset(if ALONG_K { 1 } else { t.a_stride });
                b = b.wrapping_offset(t.b_stride);
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
            *total = simd.add_f32s(*total, *other);
        }
    }
    // SAFETY: as the caller promises.
    unsafe { finish::<S, R, V>(simd, *total, t) }
}

/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn finish<S: Simd, const R: usize, const V: usize>(
    simd: S,
    mut sums: [[S::f32s; V]; R],
    t: Tile,
) {
    let f = t.finish;
    let whole = t.last == S::F32_LANES;
    let plain =
        !f.load && f.alpha == 1.0 && f.bias.is_null() && f.activation == Activation::Identity;
    if plain && whole {
        // From the registers: what follows would take the sums through memory.
        for (i, sums) in sums.iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                let c = t.c.wrapping_offset(i as isize * t.c_stride).wrapping_add(v * S::F32_LANES);
                // SAFETY: all columns of the vector lie in the tile.
                unsafe { c.cast::<S::f32s>().write_unaligned(sum) };
            }
        }
        return;
    }
    // A mask without the jump tables of `mask_between_m32s`: a plain masked move.
    let mask = MemMask::new(simd.mask_between_m32s(0, t.last as u32).mask());
    if f.alpha != 1.0 {
        let alpha = simd.splat_f32s(f.alpha);
        for sum in sums.as_flattened_mut() {
            *sum = simd.mul_f32s(*sum, alpha);
        }
    }
    for v in 0..V {
        let masked = v + 1 == V && !whole;
        let column = v * S::F32_LANES;
        if f.load {
            for (i, sums) in sums.iter_mut().enumerate() {
                let c = t.c.wrapping_offset(i as isize * t.c_stride).wrapping_add(column);
                // SAFETY: the columns that are read lie in the tile; others are masked.
                let c = unsafe { load(simd, c, masked, mask) };
                sums[v] = simd.add_f32s(c, sums[v]);
            }
        }
        if !f.bias.is_null() {
            // SAFETY: as above; there is a bias for each column.
            let bias = unsafe { load(simd, f.bias.wrapping_add(column), masked, mask) };
            for sums in &mut sums {
                sums[v] = simd.add_f32s(sums[v], bias);
            }
        }
        if f.activation == Activation::Relu {
            let zero = simd.splat_f32s(0.0);
            for sums in &mut sums {
                let below = simd.less_than_or_equal_f32s(sums[v], zero);
                sums[v] = simd.select_f32s(below, zero, sums[v]);
            }
        }
        for (i, sums) in sums.iter().enumerate() {
            let c = t.c.wrapping_offset(i as isize * t.c_stride).wrapping_add(column);
            // SAFETY: the columns that are written lie in the tile; others are masked.
            unsafe {
                match masked {
                    true => simd.mask_store_ptr_f32s(mask, c, sums[v]),
                    false => c.cast::<S::f32s>().write_unaligned(sums[v]),
                }
            }
        }
    }
}
