//! Vectors of either kind of number.
//!
//! `pulp` has a name for each operation and kind of number: `add_f32s`, `add_f64s`. [`Lanes`] has one for
//! both kinds, so that a kernel is written once. All of it is `#[inline(always)]`: a kernel is compiled
//! for the widest vectors, and what it calls must be part of it.

use pulp::{MemMask, Simd};

use crate::Number;
use crate::memory::place;

/// A number that vectors are made of. The names of the operations are such that none is that of a method
/// of [`Float`](crate::Float), which this trait is a part of.
pub trait Lanes: Number {
    /// Whether there are tiles of a few shapes only: each takes its time to compile, and this kind of
    /// number is seldom used.
    const FEW_TILES: bool;
    /// As many numbers as a register holds.
    type Vector<S: Simd>: Copy;
    /// Which of them are meant.
    type Mask<S: Simd>: Copy;

    /// The first `count` of a vector.
    fn first<S: Simd>(simd: S, count: usize) -> Self::Mask<S>;
    /// The same number in all lanes.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Vector<S>;
    /// `a + b`.
    fn added<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// `a - b`.
    fn subtracted<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// Zero where a number is infinite or NaN.
    fn settled<S: Simd>(simd: S, x: Self::Vector<S>) -> Self::Vector<S>;
    /// `a b`.
    fn scaled<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// `a b + c`, rounded once where the machine can.
    fn multiplied<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// Zero where a number is not above it; NaN stays NaN.
    fn rectified<S: Simd>(simd: S, x: Self::Vector<S>) -> Self::Vector<S>;
    /// `y` where `x` is above zero or NaN, else zero.
    fn where_positive<S: Simd>(simd: S, x: Self::Vector<S>, y: Self::Vector<S>) -> Self::Vector<S>;
    /// The sum of all lanes, by halves.
    fn total<S: Simd>(simd: S, x: Self::Vector<S>) -> Self;
    /// Numbers side by side as vectors; what is left over is left out.
    fn vectors<S: Simd>(simd: S, x: &[Self]) -> &[Self::Vector<S>];
    /// As [`vectors`](Self::vectors), to be written.
    fn vectors_mut<S: Simd>(simd: S, x: &mut [Self]) -> &mut [Self::Vector<S>];
    /// Those numbers that are meant, and zeros.
    ///
    /// # Safety
    /// They must be readable.
    unsafe fn load_some<S: Simd>(
        simd: S,
        mask: Self::Mask<S>,
        from: *const Self,
    ) -> Self::Vector<S>;
    /// Writes those numbers that are meant.
    ///
    /// # Safety
    /// There must be room for them, that nobody else uses.
    unsafe fn store_some<S: Simd>(simd: S, mask: Self::Mask<S>, to: *mut Self, x: Self::Vector<S>);
}

/// How many numbers are in a vector.
pub(crate) const fn lanes<S: Simd, T: Lanes>() -> usize {
    size_of::<T::Vector<S>>() / size_of::<T>()
}

/// A vector from memory, or those numbers of it that the mask lets through.
///
/// # Safety
/// These numbers must be readable.
#[inline(always)]
pub(super) unsafe fn load<S: Simd, T: Lanes>(
    simd: S,
    from: *const T,
    masked: bool,
    mask: T::Mask<S>,
) -> T::Vector<S> {
    // SAFETY: as the caller promises.
    unsafe {
        match masked {
            true => T::load_some(simd, mask, from),
            false => place::read(from),
        }
    }
}

/// Writes a vector, or those numbers of it that the mask lets through.
///
/// # Safety
/// There must be room for these numbers, that nobody else uses.
#[inline(always)]
pub(super) unsafe fn store<S: Simd, T: Lanes>(
    simd: S,
    to: *mut T,
    x: T::Vector<S>,
    masked: bool,
    mask: T::Mask<S>,
) {
    // SAFETY: as the caller promises.
    unsafe {
        match masked {
            true => T::store_some(simd, mask, to, x),
            false => place::write(to, x),
        }
    }
}

macro_rules! lanes {
    (
        $t:ident, $few:literal, $vector:ident, $mask:ident, $first:ident, $splat:ident, $add:ident,
        $sub:ident, $equal:ident, $as_simd:ident, $as_mut_simd:ident,
        $mul:ident, $mul_add:ident, $below:ident, $select:ident, $total:ident, $load:ident, $store:ident
    ) => {
        impl Lanes for $t {
            const FEW_TILES: bool = $few;
            type Vector<S: Simd> = S::$vector;
            type Mask<S: Simd> = MemMask<S::$mask>;

            #[inline(always)]
            fn first<S: Simd>(simd: S, count: usize) -> Self::Mask<S> {
                // Made anew, it is without the jump tables of `pulp`: a plain masked move.
                MemMask::new(simd.$first(0, count as _).mask())
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: $t) -> S::$vector {
                simd.$splat(x)
            }
            #[inline(always)]
            fn added<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }
            #[inline(always)]
            fn subtracted<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$sub(a, b)
            }
            #[inline(always)]
            fn settled<S: Simd>(simd: S, x: S::$vector) -> S::$vector {
                let zero = simd.$splat(0.0);
                simd.$select(simd.$equal(simd.$sub(x, x), zero), x, zero)
            }
            #[inline(always)]
            fn vectors<S: Simd>(_: S, x: &[$t]) -> &[S::$vector] {
                S::$as_simd(x).0
            }
            #[inline(always)]
            fn vectors_mut<S: Simd>(_: S, x: &mut [$t]) -> &mut [S::$vector] {
                S::$as_mut_simd(x).0
            }
            #[inline(always)]
            fn scaled<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$mul(a, b)
            }
            #[inline(always)]
            fn multiplied<S: Simd>(
                simd: S,
                a: S::$vector,
                b: S::$vector,
                c: S::$vector,
            ) -> S::$vector {
                simd.$mul_add(a, b, c)
            }
            #[inline(always)]
            fn rectified<S: Simd>(simd: S, x: S::$vector) -> S::$vector {
                let zero = simd.$splat(0.0);
                simd.$select(simd.$below(x, zero), zero, x)
            }
            #[inline(always)]
            fn where_positive<S: Simd>(simd: S, x: S::$vector, y: S::$vector) -> S::$vector {
                let zero = simd.$splat(0.0);
                simd.$select(simd.$below(x, zero), zero, y)
            }
            #[inline(always)]
            fn total<S: Simd>(simd: S, x: S::$vector) -> $t {
                simd.$total(x)
            }
            #[inline(always)]
            unsafe fn load_some<S: Simd>(
                simd: S,
                mask: Self::Mask<S>,
                from: *const $t,
            ) -> S::$vector {
                // SAFETY: as the caller promises.
                unsafe { simd.$load(mask, from) }
            }
            #[inline(always)]
            unsafe fn store_some<S: Simd>(
                simd: S,
                mask: Self::Mask<S>,
                to: *mut $t,
                x: S::$vector,
            ) {
                // SAFETY: as the caller promises.
                unsafe { simd.$store(mask, to, x) }
            }
        }
    };
}
lanes!(
    f32,
    false,
    f32s,
    m32s,
    mask_between_m32s,
    splat_f32s,
    add_f32s,
    sub_f32s,
    equal_f32s,
    as_simd_f32s,
    as_mut_simd_f32s,
    mul_f32s,
    mul_add_e_f32s,
    less_than_or_equal_f32s,
    select_f32s,
    reduce_sum_f32s,
    mask_load_ptr_f32s,
    mask_store_ptr_f32s
);
lanes!(
    f64,
    true,
    f64s,
    m64s,
    mask_between_m64s,
    splat_f64s,
    add_f64s,
    sub_f64s,
    equal_f64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    mul_f64s,
    mul_add_e_f64s,
    less_than_or_equal_f64s,
    select_f64s,
    reduce_sum_f64s,
    mask_load_ptr_f64s,
    mask_store_ptr_f64s
);
