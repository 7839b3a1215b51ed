//! Sum, difference, product and quotient of tensors, with broadcasting: as checked methods and as
//! operators that panic at the caller's line.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::zip::{Operand, zip};
use crate::layout::Layout;
use crate::{Float, Number, Result, Tensor, concrete};

/// One of the four, of two operands.
type Pair<T> = fn(Operand<'_, T>, Operand<'_, T>) -> Result<Tensor<T>>;
/// One of the four, in place.
type Assign<T> = fn(&mut Tensor<T>, &Tensor<T>) -> Result<()>;

macro_rules! arithmetic {
    ($(($name:ident, $assign:ident, $trait:ident, $rule:ident, $what:literal);)*) => { $(
        impl<T: Number> Tensor<T> {
            #[doc = concat!("The ", $what, " of two tensors, element by element, with broadcasting.")]
            ///
            /// # Errors
            /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
            pub fn $name(&self, other: &Tensor<T>) -> Result<Tensor<T>> {
                $name(self.operand(), other.operand())
            }

            #[doc = concat!("Replaces this tensor by its ", $what, " with `other`, which is broadcast to it.")]
            ///
            /// # Errors
            /// [`Error::Shape`](crate::Error::Shape) if `other` does not broadcast to this shape.
            pub fn $assign(&mut self, other: &Tensor<T>) -> Result<()> {
                fn kernel<T: Number>(x: &mut Tensor<T>, y: &Tensor<T>) -> Result<()> {
                    x.zip_inplace(stringify!($assign), y, T::$rule)
                }
                concrete!(Number, kernel: Assign<T>)(self, other)
            }
        }

        fn $name<T: Number>(x: Operand<'_, T>, y: Operand<'_, T>) -> Result<Tensor<T>> {
            fn kernel<T: Number>(x: Operand<'_, T>, y: Operand<'_, T>) -> Result<Tensor<T>> {
                zip(stringify!($name), x, y, T::$rule)
            }
            concrete!(Number, kernel: Pair<T>)(x, y)
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
                let number = Operand { values: &[other], layout: &Layout::contiguous(&[]) };
                match $name(self.operand(), number) {
                    Ok(result) => result,
                    Err(e) => panic!("{e}"), // a number fits to every shape
                }
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

macro_rules! numbers_on_the_left {
    ($($number:ident)*) => { $(
        numbers_on_the_left!(@ $number Add add, Sub sub, Mul mul, Div div);
    )* };
    (@ $number:ident $($trait:ident $method:ident),*) => { $(
        impl $trait<&Tensor<$number>> for $number {
            type Output = Tensor<$number>;
            fn $method(self, other: &Tensor<$number>) -> Tensor<$number> {
                let number = Operand { values: &[self], layout: &Layout::contiguous(&[]) };
                match $method(number, other.operand()) {
                    Ok(result) => result,
                    Err(e) => panic!("{e}"), // a number fits to every shape
                }
            }
        }
    )* };
}
numbers_on_the_left! { f32 f64 i64 u8 }

impl<T: Float> Neg for &Tensor<T> {
    type Output = Tensor<T>;
    fn neg(self) -> Tensor<T> {
        fn kernel<T: Float>(x: &Tensor<T>) -> Tensor<T> {
            x.map(|x| -x)
        }
        concrete!(kernel: fn(&Tensor<T>) -> Tensor<T>)(self)
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
        fn kernel<T: Number>(x: &mut Tensor<T>, y: &Tensor<T>, factor: T) -> Result<()> {
            x.zip_inplace("add_scaled", y, move |x, y| x.plus(factor.times(y)))
        }
        type Kernel<T> = fn(&mut Tensor<T>, &Tensor<T>, T) -> Result<()>;
        concrete!(Number, kernel: Kernel<T>)(self, other, factor)
    }

    /// The larger of each pair of elements; NaN where either is NaN.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn maximum(&self, other: &Tensor<T>) -> Result<Tensor<T>> {
        fn kernel<T: Number>(x: Operand<'_, T>, y: Operand<'_, T>) -> Result<Tensor<T>> {
            zip("maximum", x, y, |x: T, y| if x > y || x.is_nan() { x } else { y })
        }
        concrete!(Number, kernel: Pair<T>)(self.operand(), other.operand())
    }

    /// The smaller of each pair of elements; NaN where either is NaN.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn minimum(&self, other: &Tensor<T>) -> Result<Tensor<T>> {
        fn kernel<T: Number>(x: Operand<'_, T>, y: Operand<'_, T>) -> Result<Tensor<T>> {
            zip("minimum", x, y, |x: T, y| if x < y || x.is_nan() { x } else { y })
        }
        concrete!(Number, kernel: Pair<T>)(self.operand(), other.operand())
    }

    /// Every element limited to the range from `low` to `high`; a NaN stays one.
    pub fn clamp(&self, low: T, high: T) -> Tensor<T> {
        fn kernel<T: Number>(x: &Tensor<T>, low: T, high: T) -> Tensor<T> {
            x.map(move |x| {
                let x = if x < low { low } else { x };
                if x > high { high } else { x }
            })
        }
        concrete!(Number, kernel: fn(&Tensor<T>, T, T) -> Tensor<T>)(self, low, high)
    }
}
