//! One type of number from another.
//!
//! A tensor goes by one of five types, which has its values exactly ([`Element::Ordered`]), and from there
//! in one step: what is rounded is rounded once.

use std::any::Any;

use crate::{BF16, Element, F16, Tensor, concrete};

impl<T: Element> Tensor<T> {
    /// The elements as another type, each the nearest that there is:
    ///
    /// * to whole numbers: rounded towards zero, and the least or the greatest where that is beyond them;
    ///   NaN becomes zero. (That is Rust's `as` for floats; between whole numbers `as` would wrap around.)
    /// * to floats: to the nearest, halfway to an even fraction, infinity beyond the greatest; NaN stays
    ///   NaN.
    /// * to `bool`: whether it is not zero (NaN is not). From `bool`: 0 or 1.
    ///
    /// To its own type nothing is copied.
    ///
    /// ```
    /// # use gradus_tensor::{BF16, Tensor};
    /// let x = Tensor::vector([0.0_f32, 1.9, -300.0]);
    /// assert_eq!(x.cast::<u8>().to_vec(), [0, 1, 0]);
    /// assert_eq!(x.cast::<i16>().to_vec(), [0, 1, -300]);
    /// assert_eq!(x.cast::<bool>().to_vec(), [false, true, true]);
    /// assert_eq!(x.cast::<BF16>().to_string(), "[0, 1.8984375, -300]");
    /// ```
    pub fn cast<U: Cast>(&self) -> Tensor<U> {
        match (self as &dyn Any).downcast_ref::<Tensor<U>>() {
            Some(same) => same.clone(),
            None => U::of(&T::ordered(self)),
        }
    }
}

/// An element that is made from others; all are.
pub trait Cast: Element {
    /// The value in a type that holds it exactly.
    #[doc(hidden)]
    fn wide(self) -> Wide;
    /// The nearest value to a wide one.
    #[doc(hidden)]
    fn from_wide(x: Wide) -> Self;
    /// [`Tensor::cast`] to this type, from one of those that others go by.
    #[doc(hidden)]
    fn of<T: Cast>(x: &Tensor<T>) -> Tensor<Self>;
}

/// A number on its way from one type to another.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wide {
    /// From a whole number that may be below zero, or is small.
    Whole(i64),
    /// From one that may be large.
    Large(u64),
    /// From a float.
    Real(f64),
}

macro_rules! casts {
    ($($t:ident: $wide:ident $from:ident, $map:ident $x:ident => $whole:expr, $large:expr, $real:expr;)*) => { $(
        impl Cast for $t {
            #[inline(always)]
            fn wide(self) -> Wide {
                Wide::$wide($from::from(self))
            }
            #[inline(always)]
            fn from_wide(x: Wide) -> Self {
                match x {
                    Wide::Whole($x) => $whole,
                    Wide::Large($x) => $large,
                    Wide::Real($x) => $real,
                }
            }
            fn of<T: Cast>(x: &Tensor<T>) -> Tensor<$t> {
                fn kernel<T: Cast>(x: &Tensor<T>) -> Tensor<$t> {
                    x.$map(|x| $t::from_wide(x.wide()))
                }
                concrete!(Ordered, kernel: fn(&Tensor<T>) -> Tensor<$t>)(x)
            }
        }
    )* };
    (small $map:ident $($t:ident)*) => {
        casts! { $(
            $t: Whole i64, $map x =>
                x.clamp($t::MIN.into(), $t::MAX.into()) as $t, x.min($t::MAX as u64) as $t, x as $t;
        )* }
    };
}
casts! {
    f32: Real f64, map x => x as f32, x as f32, x as f32;
    f64: Real f64, map x => x as f64, x as f64, x;
    i64: Whole i64, map x => x, x.min(i64::MAX as u64) as i64, x as i64;
    u64: Large u64, map_narrow x => x.max(0) as u64, x, x as u64;
    bool: Whole i64, map x => x != 0, x != 0, x != 0.0;
    F16: Real f64, map_narrow x => F16::from_f64(whole(x)), F16::from_f64(large(x)), F16::from_f64(x);
    BF16: Real f64, map_narrow x => BF16::from_f64(whole(x)), BF16::from_f64(large(x)), BF16::from_f64(x);
}
casts!(small map u8);
casts!(small map_narrow i8 i16 i32 u16 u32);

/// A double that rounds to as few bits as 16-bit numbers have in the way that the whole number does: where
/// it has too many bits, the last of those that are kept says whether any other was set. (Boldo and
/// Melquiond, *When double rounding is odd*, 2005.)
fn large(x: u64) -> f64 {
    let low = (1 << 11) - 1;
    let odd = u64::from(x & low != 0) << 11;
    if x >> 53 == 0 { x as f64 } else { (x & !low | odd) as f64 }
}

fn whole(x: i64) -> f64 {
    large(x.unsigned_abs()).copysign(if x < 0 { -1.0 } else { 1.0 })
}
