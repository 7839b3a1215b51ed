//! Formulas that are written once: as a kernel they run over numbers, as a derivative of any order over
//! variables.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use gradus_tensor::{Float, Tensor};

use crate::Var;

/// What formulas are written in: one number of a kernel, or a whole variable.
///
/// ```
/// use gradus_autograd::Scalar;
/// /// The slope of `x σ(x)`.
/// fn slope<S: Scalar>(x: S) -> S {
///     let s = x.sigmoid();
///     s * (S::ONE + x * (S::ONE - s))
/// }
/// ```
pub trait Scalar:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// A number.
    fn number(x: f64) -> Self;
    /// `e` to the power of it.
    fn exp(self) -> Self;
    /// `e^x - 1`, precise near zero.
    fn exp_m1(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// `ln(1 + x)`, precise near zero.
    fn ln_1p(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Sine of an angle in radians.
    fn sin(self) -> Self;
    /// Cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The error function.
    fn erf(self) -> Self;
    /// The chance that a standard normal number is below it, and the density there.
    fn gaussian(self) -> [Self; 2];
    /// The logistic function `1 / (1 + e^-x)`.
    fn sigmoid(self) -> Self;
    /// A fixed power.
    fn powf(self, exponent: f64) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// The larger of it and a number; NaN stays NaN.
    fn max(self, other: f64) -> Self;
    /// The smaller of it and a number; NaN stays NaN.
    fn min(self, other: f64) -> Self;
    /// `yes` where it is the number, `no` elsewhere and for NaN.
    fn if_equal(self, number: f64, yes: Self, no: Self) -> Self;
    /// `yes` where it is above the limit, `no` elsewhere and for NaN.
    fn if_above(self, limit: f64, yes: Self, no: Self) -> Self;
    /// `yes` where it is below the limit, `no` elsewhere and for NaN.
    fn if_below(self, limit: f64, yes: Self, no: Self) -> Self;
    /// `yes` where it is the limit or above, `no` elsewhere and for NaN.
    fn if_at_least(self, limit: f64, yes: Self, no: Self) -> Self;
    /// `yes` where it is the limit or below, `no` elsewhere and for NaN.
    fn if_at_most(self, limit: f64, yes: Self, no: Self) -> Self;
}

/// A number of a kernel.
#[derive(Clone, Copy)]
pub(crate) struct Plain<T>(pub(crate) T);

/// A variable in the list of those that a formula made, or a number. It is a place in the list so that
/// it can be copied as a number can.
pub(crate) enum Traced<'a, T: Float> {
    Number(f64),
    Var(&'a Tape<T>, usize),
}

/// The variables of a formula.
pub(crate) type Tape<T> = RefCell<Vec<Var<T>>>;

impl<T: Float> Clone for Traced<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Float> Copy for Traced<'_, T> {}

impl<T: Float> Traced<'_, T> {
    /// What the formula `f` gives for these variables, which are of one shape; a number is of rank 0.
    pub(crate) fn run<const N: usize>(
        inputs: [&Var<T>; N],
        f: impl for<'b> FnOnce([Traced<'b, T>; N]) -> Traced<'b, T>,
    ) -> Var<T> {
        let tape = RefCell::new(inputs.map(Var::clone).to_vec());
        f(std::array::from_fn(|i| Traced::Var(&tape, i))).var()
    }

    fn var(self) -> Var<T> {
        match self {
            Self::Number(x) => Var::constant(Tensor::scalar(T::from_f64(x))),
            Self::Var(tape, place) => tape.borrow()[place].clone(),
        }
    }

    /// A function of one variable, and the same of a number.
    fn map(
        self,
        of_var: impl FnOnce(&Var<T>) -> Var<T>,
        of_number: impl FnOnce(f64) -> f64,
    ) -> Self {
        match self {
            Self::Number(x) => Self::Number(of_number(x)),
            Self::Var(tape, _) => Self::push(tape, of_var(&self.var())),
        }
    }

    fn push(tape: &Tape<T>, y: Var<T>) -> Traced<'_, T> {
        tape.borrow_mut().push(y);
        Traced::Var(tape, tape.borrow().len() - 1)
    }

    /// A function of two variables of one shape.
    fn zip(
        self,
        other: Self,
        of_vars: impl FnOnce(&Var<T>, &Var<T>) -> Var<T>,
        of_numbers: impl FnOnce(f64, f64) -> f64,
    ) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(of_numbers(a, b)),
            (Self::Var(tape, _), _) | (_, Self::Var(tape, _)) => {
                Self::push(tape, of_vars(&self.var(), &other.var()))
            }
        }
    }

    fn choose(self, test: impl Fn(f64) -> bool + Sync + Send, yes: Self, no: Self) -> Self {
        match self {
            Self::Number(x) => {
                if test(x) {
                    yes
                } else {
                    no
                }
            }
            Self::Var(tape, _) => {
                let x = self.var();
                let holds = x.value().map(|x| test(x.to_f64()));
                match Var::choose(&holds, &yes.var(), &no.var()) {
                    Ok(y) => Self::push(tape, y),
                    Err(_) => unreachable!("all are of one shape"),
                }
            }
        }
    }
}

/// The same operator for kernels, variables, and numbers on the right.
macro_rules! operator {
    ($trait:ident $method:ident, number on the left $left:expr) => {
        impl<T: Float> $trait for Plain<T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self($trait::$method(self.0, other.0))
            }
        }
        impl<T: Float> $trait<f64> for Plain<T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                Self($trait::$method(self.0, T::from_f64(other)))
            }
        }
        impl<T: Float> $trait for Traced<'_, T> {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                match (self, other) {
                    (Self::Var(..), Self::Number(number)) => $trait::$method(self, number),
                    (Self::Number(number), Self::Var(tape, _)) => {
                        Self::push(tape, $left(T::from_f64(number), &other.var()))
                    }
                    _ => {
                        self.zip(other, |a, b| $trait::$method(a, b), |a, b| $trait::$method(a, b))
                    }
                }
            }
        }
        impl<T: Float> $trait<f64> for Traced<'_, T> {
            type Output = Self;
            fn $method(self, other: f64) -> Self {
                let number = T::from_f64(other);
                self.map(|x| $trait::$method(x, number), |x| $trait::$method(x, other))
            }
        }
    };
}

operator!(Add add, number on the left |number, x: &Var<T>| x.shift(number));
operator!(Sub sub, number on the left |number, x: &Var<T>| x.affine(-T::ONE, number));
operator!(Mul mul, number on the left |number, x: &Var<T>| x.scale(number));
operator!(Div div, number on the left |number, x: &Var<T>| x.reciprocal().scale(number));

impl<T: Float> Neg for Plain<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl<T: Float> Neg for Traced<'_, T> {
    type Output = Self;
    fn neg(self) -> Self {
        self.map(|x| -x, |x| -x)
    }
}

/// Functions that have one name for numbers and for variables.
macro_rules! functions {
    ($($name:ident)*) => {
        /// Those of a number.
        macro_rules! of_plain {
            () => {
                $(
                    #[inline(always)]
                    fn $name(self) -> Self {
                        Self(Float::$name(self.0))
                    }
                )*
            };
        }
        /// Those of a variable.
        macro_rules! of_traced {
            () => {
                $(
                    fn $name(self) -> Self {
                        self.map(|x| x.$name(), |x| Float::$name(x))
                    }
                )*
            };
        }
    };
}

functions!(exp ln ln_1p sqrt sin cos tanh erf sigmoid abs);

impl<T: Float> Scalar for Plain<T> {
    const ZERO: Self = Self(T::ZERO);
    const ONE: Self = Self(T::ONE);

    of_plain!();

    #[inline(always)]
    fn number(x: f64) -> Self {
        Self(T::from_f64(x))
    }
    #[inline(always)]
    fn exp_m1(self) -> Self {
        Self(self.0.exp_m1())
    }
    #[inline(always)]
    fn gaussian(self) -> [Self; 2] {
        self.0.gaussian().map(Self)
    }
    #[inline(always)]
    fn powf(self, exponent: f64) -> Self {
        Self(self.0.powf(T::from_f64(exponent)))
    }
    #[inline(always)]
    fn max(self, other: f64) -> Self {
        Self(self.0.maximum(T::from_f64(other)))
    }
    #[inline(always)]
    fn min(self, other: f64) -> Self {
        Self(self.0.minimum(T::from_f64(other)))
    }
    #[inline(always)]
    fn if_equal(self, number: f64, yes: Self, no: Self) -> Self {
        if self.0 == T::from_f64(number) { yes } else { no }
    }
    #[inline(always)]
    fn if_above(self, limit: f64, yes: Self, no: Self) -> Self {
        if self.0 > T::from_f64(limit) { yes } else { no }
    }
    #[inline(always)]
    fn if_below(self, limit: f64, yes: Self, no: Self) -> Self {
        if self.0 < T::from_f64(limit) { yes } else { no }
    }
    #[inline(always)]
    fn if_at_least(self, limit: f64, yes: Self, no: Self) -> Self {
        if self.0 >= T::from_f64(limit) { yes } else { no }
    }
    #[inline(always)]
    fn if_at_most(self, limit: f64, yes: Self, no: Self) -> Self {
        if self.0 <= T::from_f64(limit) { yes } else { no }
    }
}

impl<T: Float> Scalar for Traced<'_, T> {
    const ZERO: Self = Self::Number(0.0);
    const ONE: Self = Self::Number(1.0);

    of_traced!();

    fn number(x: f64) -> Self {
        Self::Number(x)
    }
    fn exp_m1(self) -> Self {
        self.map(|x| x.exp().shift(-T::ONE), f64::exp_m1)
    }
    fn gaussian(self) -> [Self; 2] {
        use std::f64::consts::{FRAC_1_SQRT_2, TAU};
        let below = (self * FRAC_1_SQRT_2).erf() * 0.5 + 0.5;
        let density = (self * self * -0.5).exp() * (1.0 / TAU.sqrt());
        [below, density]
    }
    fn powf(self, exponent: f64) -> Self {
        self.map(|x| x.powf(T::from_f64(exponent)), |x| x.powf(exponent))
    }
    fn max(self, other: f64) -> Self {
        self.map(|x| x.clamp(T::from_f64(other), T::HIGHEST), |x| Float::maximum(x, other))
    }
    fn min(self, other: f64) -> Self {
        self.map(|x| x.clamp(T::LOWEST, T::from_f64(other)), |x| Float::minimum(x, other))
    }
    fn if_equal(self, number: f64, yes: Self, no: Self) -> Self {
        let number = T::from_f64(number).to_f64();
        self.choose(move |x| x == number, yes, no)
    }
    fn if_above(self, limit: f64, yes: Self, no: Self) -> Self {
        let limit = T::from_f64(limit).to_f64();
        self.choose(move |x| x > limit, yes, no)
    }
    fn if_below(self, limit: f64, yes: Self, no: Self) -> Self {
        let limit = T::from_f64(limit).to_f64();
        self.choose(move |x| x < limit, yes, no)
    }
    fn if_at_least(self, limit: f64, yes: Self, no: Self) -> Self {
        let limit = T::from_f64(limit).to_f64();
        self.choose(move |x| x >= limit, yes, no)
    }
    fn if_at_most(self, limit: f64, yes: Self, no: Self) -> Self {
        let limit = T::from_f64(limit).to_f64();
        self.choose(move |x| x <= limit, yes, no)
    }
}
