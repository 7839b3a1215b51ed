//! One type of number from another.

use crate::{Element, Tensor, concrete};

impl<T: Cast> Tensor<T> {
    /// The elements as another type of number: rounded towards zero and clamped on the way to an
    /// integer, `true` where not zero on the way to a `bool`.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::vector([0.0_f32, 1.9, -300.0]);
    /// assert_eq!(x.cast::<u8>().to_vec(), [0, 1, 0]);
    /// assert_eq!(x.cast::<bool>().to_vec(), [false, true, true]);
    /// ```
    pub fn cast<U: Cast>(&self) -> Tensor<U> {
        U::of(self)
    }
}

/// An element that converts to and from the others; all five do.
pub trait Cast: Element {
    /// The value in a type that holds each of them: whole numbers exactly, the others as a double.
    fn wide(self) -> Wide;
    /// The nearest value to a wide one.
    fn from_wide(x: Wide) -> Self;
    /// [`Tensor::cast`] to this type.
    fn of<T: Cast>(x: &Tensor<T>) -> Tensor<Self>;
}

/// A number on its way from one type to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wide {
    /// From an integer or a `bool`.
    Whole(i64),
    /// From a float.
    Real(f64),
}

macro_rules! casts {
    ($($t:ident: $wide:ident $via:ident),*) => { $(impl Cast for $t {
        #[inline(always)]
        fn wide(self) -> Wide { Wide::$wide(self as $via) }
        #[inline(always)]
        fn from_wide(x: Wide) -> Self {
            match x {
                Wide::Whole(x) => casts!(@whole $t x),
                Wide::Real(x) => x as $t,
            }
        }
        casts!(@of $t);
    })* };
    (@whole u8 $x:ident) => { $x.clamp(0, 255) as u8 };
    (@whole $t:ident $x:ident) => { $x as $t };
    (@of $t:ident) => {
        fn of<T: Cast>(x: &Tensor<T>) -> Tensor<$t> {
            fn kernel<T: Cast>(x: &Tensor<T>) -> Tensor<$t> {
                x.map(|x| $t::from_wide(x.wide()))
            }
            concrete!(Element, kernel: fn(&Tensor<T>) -> Tensor<$t>)(x)
        }
    };
}
casts!(f32: Real f64, f64: Real f64, i64: Whole i64, u8: Whole i64);

impl Cast for bool {
    #[inline(always)]
    fn wide(self) -> Wide {
        Wide::Whole(i64::from(self))
    }
    #[inline(always)]
    fn from_wide(x: Wide) -> Self {
        match x {
            Wide::Whole(x) => x != 0,
            Wide::Real(x) => x != 0.0,
        }
    }
    casts!(@of bool);
}
