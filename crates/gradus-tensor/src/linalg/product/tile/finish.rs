//! What is done with sums on their way from registers to memory.

use pulp::Simd;

use super::Tile;
use crate::Activation;
use crate::linalg::lanes::{Lanes, lanes, load, store};

/// `C = activation(alpha · sums + C if load + bias)`.
#[derive(Clone, Copy)]
pub(crate) struct Finish<T = f32> {
    pub(crate) load: bool,
    pub(crate) alpha: T,
    /// The bias of the first column, or null.
    pub(crate) bias: *const T,
    pub(crate) activation: Activation,
}

// SAFETY: the bias is an address. Who finishes sums promises that there is one for each column.
unsafe impl<T: Sync> Send for Finish<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Finish<T> {}

impl<T: Lanes> Finish<T> {
    /// The sums as they are.
    pub(crate) const PLAIN: Self = Self {
        load: false,
        alpha: T::ONE,
        bias: std::ptr::null(),
        activation: Activation::Identity,
    };

    /// The same from another column on.
    pub(crate) fn at(self, column: usize) -> Self {
        let bias = if self.bias.is_null() { self.bias } else { self.bias.wrapping_add(column) };
        Self { bias, ..self }
    }

    /// What of it is done in a span: all add to those before them, and the last one ends the work.
    pub(crate) fn in_span(self, span: usize, spans: usize) -> Self {
        let load = self.load || span > 0;
        match span + 1 == spans {
            true => Self { load, ..self },
            false => Self { load, alpha: self.alpha, ..Self::PLAIN },
        }
    }

    /// Finishes one sum, of column `column`.
    ///
    /// # Safety
    /// Nobody else may use its place, and there must be a bias for the column, or none at all.
    #[inline(always)]
    pub(crate) unsafe fn one(self, sum: T, place: *mut T, column: usize) {
        let mut y = self.alpha.times(sum);
        // SAFETY: as the caller promises.
        unsafe {
            if self.load {
                y = y.plus(*place);
            }
            if !self.bias.is_null() {
                y = y.plus(*self.bias.wrapping_add(column));
            }
            if self.activation == Activation::Relu && y <= T::ZERO {
                y = T::ZERO;
            }
            *place = y;
        }
    }
}

/// Finishes the sums of a tile.
///
/// # Safety
/// As [`super::run`].
#[inline(always)]
pub(super) unsafe fn finish<S: Simd, T: Lanes, const R: usize, const V: usize>(
    simd: S,
    mut sums: [[T::Vector<S>; V]; R],
    t: Tile<T>,
) {
    let f = t.finish;
    let whole = t.last == lanes::<S, T>();
    let plain =
        !f.load && f.alpha == T::ONE && f.bias.is_null() && f.activation == Activation::Identity;
    // SAFETY: as the caller promises; where the last vector is whole, all its columns lie in the tile.
    unsafe {
        match (plain, whole) {
            (true, true) => put::<S, T, R, V, false>(simd, &sums, t),
            (_, true) => passes::<S, T, R, V, false>(simd, &mut sums, t),
            (_, false) => passes::<S, T, R, V, true>(simd, &mut sums, t),
        }
    }
}

/// All that is to be done, pass after pass over all sums: each pass is unrolled, and the sums stay in
/// registers. One loop over the vectors would be too long to unroll and take the sums through memory.
///
/// # Safety
/// As [`super::run`]; the last vector must lie in the tile if it is not `MASKED`.
#[inline(always)]
unsafe fn passes<S: Simd, T: Lanes, const R: usize, const V: usize, const MASKED: bool>(
    simd: S,
    sums: &mut [[T::Vector<S>; V]; R],
    t: Tile<T>,
) {
    let f = t.finish;
    let lanes = lanes::<S, T>();
    let mask = T::first(simd, t.last);
    if f.alpha != T::ONE {
        let alpha = T::splat(simd, f.alpha);
        for sum in sums.as_flattened_mut() {
            *sum = T::scaled(simd, *sum, alpha);
        }
    }
    if f.load {
        for (i, sums) in sums.iter_mut().enumerate() {
            for (v, sum) in sums.iter_mut().enumerate() {
                let c = t.c.at(i, v * lanes).start;
                // SAFETY: the columns that are read lie in the tile; others are masked.
                let c = unsafe { load::<S, T>(simd, c, MASKED && v + 1 == V, mask) };
                *sum = T::added(simd, c, *sum);
            }
        }
    }
    if !f.bias.is_null() {
        for v in 0..V {
            let bias = f.bias.wrapping_add(v * lanes);
            // SAFETY: as above; there is a bias for each column.
            let bias = unsafe { load::<S, T>(simd, bias, MASKED && v + 1 == V, mask) };
            for sums in sums.iter_mut() {
                sums[v] = T::added(simd, sums[v], bias);
            }
        }
    }
    if f.activation == Activation::Relu {
        for sum in sums.as_flattened_mut() {
            *sum = T::rectified(simd, *sum);
        }
    }
    // SAFETY: as the caller promises.
    unsafe { put::<S, T, R, V, MASKED>(simd, sums, t) }
}

/// Writes the sums.
///
/// # Safety
/// As [`passes`].
#[inline(always)]
unsafe fn put<S: Simd, T: Lanes, const R: usize, const V: usize, const MASKED: bool>(
    simd: S,
    sums: &[[T::Vector<S>; V]; R],
    t: Tile<T>,
) {
    let lanes = lanes::<S, T>();
    let mask = T::first(simd, t.last);
    for (i, sums) in sums.iter().enumerate() {
        for (v, &sum) in sums.iter().enumerate() {
            let c = t.c.at(i, v * lanes).start;
            // SAFETY: the columns that are written lie in the tile; others are masked.
            unsafe { store::<S, T>(simd, c, sum, MASKED && v + 1 == V, mask) };
        }
    }
}
