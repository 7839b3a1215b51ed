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
    let lanes = lanes::<S, T>();
    let whole = t.last == lanes;
    let plain =
        !f.load && f.alpha == T::ONE && f.bias.is_null() && f.activation == Activation::Identity;
    if plain && whole {
        // From the registers: what follows would take the sums through memory.
        for (i, sums) in sums.iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                let c = t.c.at(i, v * lanes).start;
                // SAFETY: all columns of the vector lie in the tile.
                unsafe { c.cast::<T::Vector<S>>().write_unaligned(sum) };
            }
        }
        return;
    }
    let mask = T::first(simd, t.last);
    if f.alpha != T::ONE {
        let alpha = T::splat(simd, f.alpha);
        for sum in sums.as_flattened_mut() {
            *sum = T::scaled(simd, *sum, alpha);
        }
    }
    for v in 0..V {
        let masked = v + 1 == V && !whole;
        let column = v * lanes;
        if f.load {
            for (i, sums) in sums.iter_mut().enumerate() {
                let c = t.c.at(i, column).start;
                // SAFETY: the columns that are read lie in the tile; others are masked.
                let c = unsafe { load::<S, T>(simd, c, masked, mask) };
                sums[v] = T::added(simd, c, sums[v]);
            }
        }
        if !f.bias.is_null() {
            // SAFETY: as above; there is a bias for each column.
            let bias = unsafe { load::<S, T>(simd, f.bias.wrapping_add(column), masked, mask) };
            for sums in &mut sums {
                sums[v] = T::added(simd, sums[v], bias);
            }
        }
        if f.activation == Activation::Relu {
            for sums in &mut sums {
                sums[v] = T::rectified(simd, sums[v]);
            }
        }
        for (i, sums) in sums.iter().enumerate() {
            let c = t.c.at(i, column).start;
            // SAFETY: the columns that are written lie in the tile; others are masked.
            unsafe { store::<S, T>(simd, c, sums[v], masked, mask) };
        }
    }
}
