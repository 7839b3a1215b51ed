//! Sum, difference, product and quotient of tensors, with broadcasting: as checked methods and as
//! operators that panic at the caller's line.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::{Element, Float, Number, Result, Tensor};

macro_rules! arithmetic {
    ($(($name:ident, $assign:ident, $trait:ident, $rule:ident, $what:literal);)*) => { $(
        impl<T: Number> Tensor<T> {
            #[doc = concat!("The ", $what, " of two tensors, element by element, with broadcasting.")]
            ///
            /// # Errors
            /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
            pub fn $name(&self, other: &Tensor<T>) -> Result<Tensor<T>> {
                self.zip(stringify!($name), other, T::$rule)
            }

            #[doc = concat!("Replaces this tensor by its ", $what, " with `other`, which is broadcast to it.")]
            ///
            /// # Errors
            /// [`Error::Shape`](crate::Error::Shape) if `other` does not broadcast to this shape.
            pub fn $assign(&mut self, other: &Tensor<T>) -> Result<()> {
                self.zip_inplace(stringify!($assign), other, T::$rule)
            }
        }

        impl<T: Number> $trait<&Tensor<T>> for &Tensor<T> {
            type Output = Tensor<T>;
            #[track_caller]
            fn $name(self, other: &Tensor<T>) -> Tensor<T> {
                match Tensor::$name(self, other) {
                    Ok(result) => result,
                    Err(e) => panic!("{e}"),
                }
            }
        }

        impl<T: Number> $trait<T> for &Tensor<T> {
            type Output = Tensor<T>;
            fn $name(self, other: T) -> Tensor<T> {
                self.map(move |x| x.$rule(other))
            }
        }
    )* };
}
arithmetic! {
    (add, add_assign, Add, plus, "sum");
    (sub, sub_assign, Sub, minus, "difference");
    (mul, mul_assign, Mul, times, "product");
    (div, div_assign, Div, over, "quotient");
}

impl<T: Float> Neg for &Tensor<T> {
    type Output = Tensor<T>;
    fn neg(self) -> Tensor<T> {
        self.map(|x| -x)
    }
}

impl<T: Number> Tensor<T> {
    /// Adds `factor * other` to this tensor, with `other` broadcast to it.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let mut x = Tensor::vector([1.0, 2.0]);
    /// x.add_scaled(&Tensor::vector([10.0, 20.0]), 0.5)?;
    /// assert_eq!(x.to_vec(), [6.0, 12.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) if `other` does not broadcast to this shape.
    pub fn add_scaled(&mut self, other: &Tensor<T>, factor: T) -> Result<()> {
        self.zip_inplace("add_scaled", other, move |x, y| x.plus(factor.times(y)))
    }

    /// The larger of each pair of elements; NaN where either is NaN.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn maximum(&self, other: &Tensor<T>) -> Result<Tensor<T>> {
        self.zip("maximum", other, |x, y| if x > y || x.is_nan() { x } else { y })
    }

    /// The smaller of each pair of elements; NaN where either is NaN.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn minimum(&self, other: &Tensor<T>) -> Result<Tensor<T>> {
        self.zip("minimum", other, |x, y| if x < y || x.is_nan() { x } else { y })
    }

    /// Every element limited to the range from `low` to `high`; a NaN stays one.
    pub fn clamp(&self, low: T, high: T) -> Tensor<T> {
        self.map(move |x| {
            let x = if x < low { low } else { x };
            if x > high { high } else { x }
        })
    }
}

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
        self.map(|x| U::from_wide(x.wide()))
    }
}

/// An element that converts to and from the others; all five do.
pub trait Cast: Element {
    /// The value in a type that holds each of them: whole numbers exactly, the others as a double.
    fn wide(self) -> Wide;
    /// The nearest value to a wide one.
    fn from_wide(x: Wide) -> Self;
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
    })* };
    (@whole u8 $x:ident) => { $x.clamp(0, 255) as u8 };
    (@whole $t:ident $x:ident) => { $x as $t };
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
}
