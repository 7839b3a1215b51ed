//! The types that a tensor can hold, and what can be done with them.

use std::borrow::Cow;
use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub};

use crate::linalg::Lanes;
use crate::{BF16, Cast, Dtype, F16, Tensor, functions, reduce};

/// A type that a [`Tensor`](crate::Tensor) can hold: `f32`, `f64`, `i64`, `u8` or `bool`; or one that is
/// only stored, copied, compared and [cast](crate::Tensor::cast): `i8`, `i16`, `i32`, `u16`, `u32`, `u64`,
/// [`F16`](crate::F16) or [`BF16`](crate::BF16).
///
/// The set is closed: the memory pool relies on each of these being plain bytes.
///
/// ```
/// use gradus_tensor::{Dtype, Element};
/// assert_eq!((i32::DTYPE, f32::NAME), (Dtype::I32, "f32"));
/// ```
pub trait Element:
    Copy + Send + Sync + Debug + Display + Default + PartialEq + PartialOrd + private::Plain + 'static
{
    /// The type, as a value.
    const DTYPE: Dtype;
    /// The type's name, for messages and file formats.
    const NAME: &'static str = Self::DTYPE.name();
    /// A whole number of the same size, for what only copies.
    #[doc(hidden)]
    type Bits: Element;
    /// One of five types that has each of these values in the same order.
    #[doc(hidden)]
    type Ordered: Cast;
    /// The element's bits.
    #[doc(hidden)]
    fn into_bits(self) -> Self::Bits;
    /// The same values in that type.
    #[doc(hidden)]
    fn ordered(x: &Tensor<Self>) -> Cow<'_, Tensor<Self::Ordered>>;
    /// For how many widths of vectors loops over the type are compiled.
    #[doc(hidden)]
    const WIDTHS: u8;
}

/// An element with arithmetic: `f32`, `f64`, `i64` and `u8`.
///
/// Arithmetic on integers wraps around, in debug builds too, as it does in other array libraries. Sums are of
/// the type [`Number::Sum`], so that bytes do not.
pub trait Number: Element + Cast {
    /// What sums of these are: `i64` for whole numbers, the type itself for floats.
    type Sum: Number<Sum = Self::Sum>;
    /// The neutral element of addition.
    const ZERO: Self;
    /// The neutral element of multiplication.
    const ONE: Self;
    /// The least value of the type (minus infinity for floats): the neutral element of `max`.
    const LOWEST: Self;
    /// The greatest value of the type (infinity for floats): the neutral element of `min`.
    const HIGHEST: Self;
    /// Sum.
    fn plus(self, other: Self) -> Self;
    /// Difference.
    fn minus(self, other: Self) -> Self;
    /// Product.
    fn times(self, other: Self) -> Self;
    /// Quotient. For integers it is rounded towards zero, and zero where the divisor is zero.
    fn over(self, other: Self) -> Self;
    /// Whether the value is not a number; always false for integers.
    fn is_nan(self) -> bool;
    /// The nearest value to a double; for integers rounded towards zero and clamped.
    fn from_f64(x: f64) -> Self;
    /// The value as a double; exact for all but large `i64`.
    fn to_f64(self) -> f64;
    /// The sums along axes, which become axes of size 1.
    #[doc(hidden)]
    fn summed(x: &Tensor<Self>, axes: &[usize]) -> Tensor<Self::Sum>;
    /// The sums of each element of a lane and all before it.
    #[doc(hidden)]
    fn running(lane: &[Self], out: &mut [Self::Sum]);
}

/// A floating-point element: `f32` or `f64`.
///
/// ```
/// use gradus_tensor::Float;
/// fn logistic<T: Float>(x: T) -> T {
///     T::ONE / (T::ONE + (-x).exp())
/// }
/// assert_eq!(logistic(0.0_f32), 0.5);
/// ```
pub trait Float:
    Number<Sum = Self>
    + Lanes
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + MulAssign
{
    /// The gap between 1 and the next larger value.
    const EPSILON: Self;
    /// `e` to the power of the value.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// `ln(1 + x)`, precise near zero.
    fn ln_1p(self) -> Self;
    /// `e^x - 1`, precise near zero.
    fn exp_m1(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Sine of an angle in radians.
    fn sin(self) -> Self;
    /// Cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The error function, `2/√π ∫₀ˣ exp(-t²) dt`.
    fn erf(self) -> Self;
    /// The chance that a standard normal number is below the value, and the density there:
    /// `(1 + erf(x/√2)) / 2` and `e^(-x²/2) / √(2π)`.
    fn gaussian(self) -> [Self; 2];
    /// The logistic function `1 / (1 + e^-x)`.
    fn sigmoid(self) -> Self;
    /// `x` to the power of `y`.
    fn powf(self, y: Self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// Largest integer not above the value.
    fn floor(self) -> Self;
    /// Smallest integer not below the value.
    fn ceil(self) -> Self;
    /// Nearest integer, halves to even.
    fn round(self) -> Self;
    /// Whether the value is neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// The larger of two values; NaN if either is NaN.
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        if self > other || self.is_nan() { self } else { other }
    }
    /// The smaller of two values; NaN if either is NaN.
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        if self < other || self.is_nan() { self } else { other }
    }
}

mod private {
    /// Keeps [`Element`](super::Element) closed, and says how memory becomes that element.
    ///
    /// Memory from the pool holds the bits of whatever lay there before. Every bit pattern is a
    /// number; only `bool` has patterns that are not values.
    pub trait Plain {
        const ANY_BITS: bool;
    }
    macro_rules! plain {
        ($($t:ty: $any_bits:literal),*) => {
            $(impl Plain for $t { const ANY_BITS: bool = $any_bits; })*
        };
    }
    plain!(f32: true, f64: true, crate::F16: true, crate::BF16: true, bool: false);
    plain!(i8: true, i16: true, i32: true, i64: true, u8: true, u16: true, u32: true, u64: true);
}

/// For each type its bits and how it comes to them; for how many widths loops are compiled, where a type
/// that is the bits of another stands for it; and the type that has its values in order.
macro_rules! elements {
    ($($t:ty: $dtype:ident, $bits:ident $into:expr, $widths:literal, $ordered:ident $how:ident;)*) => { $(
        impl Element for $t {
            const DTYPE: Dtype = Dtype::$dtype;
            const WIDTHS: u8 = $widths;
            type Bits = $bits;
            type Ordered = $ordered;
            #[inline]
            fn into_bits(self) -> $bits {
                let into: fn($t) -> $bits = $into;
                into(self)
            }
            elements!(@$how $ordered);
        }
    )* };
    (@itself $ordered:ident) => {
        #[inline]
        fn ordered(x: &Tensor<Self>) -> Cow<'_, Tensor<$ordered>> {
            Cow::Borrowed(x)
        }
    };
    (@bits $ordered:ident) => {
        #[inline]
        fn ordered(x: &Tensor<Self>) -> Cow<'_, Tensor<$ordered>> {
            Cow::Borrowed(x.bits())
        }
    };
    (@widened $ordered:ident) => {
        fn ordered(x: &Tensor<Self>) -> Cow<'_, Tensor<$ordered>> {
            Cow::Owned(x.map($ordered::from))
        }
    };
}
elements! {
    f32: F32, u32 f32::to_bits, 3, f32 itself;
    f64: F64, u64 f64::to_bits, 2, f64 itself;
    i64: I64, u64 |x| x as u64, 1, i64 itself;
    u8: U8, u8 |x| x, 1, u8 itself;
    bool: Bool, u8 u8::from, 1, u8 bits;
    i8: I8, u8 |x| x as u8, 1, i64 widened;
    i16: I16, u16 |x| x as u16, 1, i64 widened;
    i32: I32, u32 |x| x as u32, 1, i64 widened;
    u16: U16, u16 |x| x, 1, i64 widened;
    u32: U32, u32 |x| x, 3, i64 widened;
    u64: U64, u64 |x| x, 2, u64 itself;
    F16: F16, u16 F16::to_bits, 1, f32 widened;
    BF16: BF16, u16 BF16::to_bits, 1, f32 widened;
}

macro_rules! integers {
    ($($t:ident),*) => { $(impl Number for $t {
        const ZERO: Self = 0;
        const ONE: Self = 1;
        const LOWEST: Self = $t::MIN;
        const HIGHEST: Self = $t::MAX;
        #[inline(always)]
        fn plus(self, other: Self) -> Self { self.wrapping_add(other) }
        #[inline(always)]
        fn minus(self, other: Self) -> Self { self.wrapping_sub(other) }
        #[inline(always)]
        fn times(self, other: Self) -> Self { self.wrapping_mul(other) }
        #[inline(always)]
        fn over(self, other: Self) -> Self { if other == 0 { 0 } else { self.wrapping_div(other) } }
        #[inline(always)]
        fn is_nan(self) -> bool { false }
        fn from_f64(x: f64) -> Self { x as $t }
        fn to_f64(self) -> f64 { self as f64 }
        type Sum = i64;
        fn summed(x: &Tensor<Self>, axes: &[usize]) -> Tensor<i64> {
            reduce::sum_integers(x, axes, |x| x as i64)
        }
        #[inline(always)]
        fn running(lane: &[Self], out: &mut [i64]) {
            reduce::running_integers(lane, out, |x| x as i64);
        }
    })* };
}
integers!(i64, u8);

macro_rules! floats {
    ($($t:ident: $exp:path, $exp_m1:path, $ln:path, $ln_1p:path, $tanh:path, $erf:path, $gaussian:path, $sigmoid:path);*) => { $(
        impl Number for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const LOWEST: Self = $t::NEG_INFINITY;
            const HIGHEST: Self = $t::INFINITY;
            #[inline(always)]
            fn plus(self, other: Self) -> Self { self + other }
            #[inline(always)]
            fn minus(self, other: Self) -> Self { self - other }
            #[inline(always)]
            fn times(self, other: Self) -> Self { self * other }
            #[inline(always)]
            fn over(self, other: Self) -> Self { self / other }
            #[inline(always)]
            fn is_nan(self) -> bool { $t::is_nan(self) }
            #[inline(always)]
            fn from_f64(x: f64) -> Self { x as $t }
            #[inline(always)]
            fn to_f64(self) -> f64 { self as f64 }
            type Sum = $t;
            fn summed(x: &Tensor<Self>, axes: &[usize]) -> Tensor<$t> {
                reduce::sum_floats(x, axes)
            }
            #[inline(always)]
            fn running(lane: &[Self], out: &mut [$t]) {
                reduce::running_floats(lane, out);
            }
        }
        impl Float for $t {
            const EPSILON: Self = $t::EPSILON;
            #[inline(always)]
            fn exp(self) -> Self { $exp(self) }
            #[inline(always)]
            fn ln(self) -> Self { $ln(self) }
            #[inline(always)]
            fn ln_1p(self) -> Self { $ln_1p(self) }
            #[inline(always)]
            fn exp_m1(self) -> Self { $exp_m1(self) }
            #[inline(always)]
            fn sqrt(self) -> Self { self.sqrt() }
            #[inline(always)]
            fn sin(self) -> Self { self.sin() }
            #[inline(always)]
            fn cos(self) -> Self { self.cos() }
            #[inline(always)]
            fn tanh(self) -> Self { $tanh(self) }
            #[inline(always)]
            fn erf(self) -> Self { $erf(self) }
            #[inline(always)]
            fn gaussian(self) -> [Self; 2] { $gaussian(self) }
            #[inline(always)]
            fn sigmoid(self) -> Self { $sigmoid(self) }
            #[inline(always)]
            fn powf(self, y: Self) -> Self { self.powf(y) }
            #[inline(always)]
            fn abs(self) -> Self { self.abs() }
            #[inline(always)]
            fn floor(self) -> Self { self.floor() }
            #[inline(always)]
            fn ceil(self) -> Self { self.ceil() }
            #[inline(always)]
            fn round(self) -> Self { self.round_ties_even() }
            #[inline(always)]
            fn is_finite(self) -> bool { self.is_finite() }
        }
    )* };
}
floats!(
    f32: functions::exp_f32, functions::exp_m1_f32, functions::ln_f32, functions::ln_1p_f32,
        functions::tanh_f32, functions::erf_f32, functions::gaussian_f32,
        functions::sigmoid_f32;
    f64: f64::exp, f64::exp_m1, f64::ln, f64::ln_1p, f64::tanh, functions::erf,
        functions::gaussian_f64, functions::sigmoid_f64
);
