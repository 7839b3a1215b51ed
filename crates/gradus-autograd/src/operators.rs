//! `+`, `-`, `*` and `/` between variables, and with numbers. They panic at the caller's line where
//! the checked methods give an error, with the same text.

use std::ops::{Add, Div, Mul, Neg, Sub};

use gradus_tensor::{Float, Tensor};

use crate::{Error, Var};

#[cold]
#[track_caller]
fn failed(e: &Error) -> ! {
    panic!("{e}")
}

macro_rules! operators {
    ($($trait:ident $method:ident;)*) => { $(
        impl<T: Float> $trait<&Var<T>> for &Var<T> {
            type Output = Var<T>;
            #[track_caller]
            fn $method(self, other: &Var<T>) -> Var<T> {
                match Var::$method(self, other) {
                    Ok(result) => result,
                    Err(e) => failed(&e),
                }
            }
        }
        impl<T: Float> $trait<Var<T>> for &Var<T> {
            type Output = Var<T>;
            #[track_caller]
            fn $method(self, other: Var<T>) -> Var<T> {
                $trait::$method(self, &other)
            }
        }
        impl<T: Float> $trait<&Var<T>> for Var<T> {
            type Output = Var<T>;
            #[track_caller]
            fn $method(self, other: &Var<T>) -> Var<T> {
                $trait::$method(&self, other)
            }
        }
        impl<T: Float> $trait<Var<T>> for Var<T> {
            type Output = Var<T>;
            #[track_caller]
            fn $method(self, other: Var<T>) -> Var<T> {
                $trait::$method(&self, &other)
            }
        }
        impl<T: Float> $trait<T> for Var<T> {
            type Output = Var<T>;
            fn $method(self, other: T) -> Var<T> {
                $trait::$method(&self, other)
            }
        }
    )* };
}
operators! { Add add; Sub sub; Mul mul; Div div; }

impl<T: Float> Add<T> for &Var<T> {
    type Output = Var<T>;
    fn add(self, number: T) -> Var<T> {
        self.shift(number)
    }
}

impl<T: Float> Sub<T> for &Var<T> {
    type Output = Var<T>;
    fn sub(self, number: T) -> Var<T> {
        self.shift(-number)
    }
}

impl<T: Float> Mul<T> for &Var<T> {
    type Output = Var<T>;
    fn mul(self, number: T) -> Var<T> {
        self.scale(number)
    }
}

impl<T: Float> Div<T> for &Var<T> {
    type Output = Var<T>;
    fn div(self, number: T) -> Var<T> {
        self.over(number)
    }
}

impl<T: Float> Neg for &Var<T> {
    type Output = Var<T>;
    fn neg(self) -> Var<T> {
        self.scale(-T::ONE)
    }
}

impl<T: Float> Neg for Var<T> {
    type Output = Var<T>;
    fn neg(self) -> Var<T> {
        -&self
    }
}

macro_rules! numbers_on_the_left {
    ($($number:ident)*) => { $(
        impl Add<&Var<$number>> for $number {
            type Output = Var<$number>;
            fn add(self, x: &Var<$number>) -> Var<$number> {
                x.shift(self)
            }
        }
        impl Sub<&Var<$number>> for $number {
            type Output = Var<$number>;
            fn sub(self, x: &Var<$number>) -> Var<$number> {
                // `c - x` and `-x + c` round to the same number.
                (-x).shift(self)
            }
        }
        impl Mul<&Var<$number>> for $number {
            type Output = Var<$number>;
            fn mul(self, x: &Var<$number>) -> Var<$number> {
                x.scale(self)
            }
        }
        impl Div<&Var<$number>> for $number {
            type Output = Var<$number>;
            fn div(self, x: &Var<$number>) -> Var<$number> {
                Var::from(Tensor::scalar(self)) / x
            }
        }
        numbers_on_the_left!(@owned $number Add add Sub sub Mul mul Div div);
    )* };
    (@owned $number:ident $($trait:ident $method:ident)*) => { $(
        impl $trait<Var<$number>> for $number {
            type Output = Var<$number>;
            fn $method(self, x: Var<$number>) -> Var<$number> {
                $trait::$method(self, &x)
            }
        }
    )* };
}
numbers_on_the_left! { f32 f64 }
