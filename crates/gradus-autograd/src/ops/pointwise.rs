//! Functions of one number, applied to every element: the mechanism that `exp`, `relu` and their
//! kin share.
//!
//! `yᵢ = f(xᵢ)`, so `x̄ᵢ = ȳᵢ f′(xᵢ)`. The formula of the slope is the kernel of the derivative; run over
//! variables, it is the derivative that can be differentiated again.

use std::fmt::Debug;

use gradus_tensor::{Float, Tensor};

use crate::formula::{Plain, Traced};
use crate::inplace::onto;
use crate::op::total;
use crate::{At, Attributes, In, Keeps, Op, Result, Scalar, Var};

/// What a derivative `f′` is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Needs {
    /// From `x`.
    Input,
    /// From `y = f(x)`, which spares keeping `x` alive.
    Output,
}

/// A function of one number, defined for every number (where it has no value, it gives NaN).
///
/// ```
/// use gradus_autograd::{Function, Needs, Scalar, Var};
/// use gradus_tensor::Tensor;
///
/// /// y = 1 / x
/// #[derive(Debug)]
/// struct Reciprocal;
///
/// impl Function for Reciprocal {
///     const NAME: &'static str = "reciprocal";
///     const NEEDS: Needs = Needs::Output;
///
///     #[inline(always)] // or the loop has no wide vectors
///     fn value<S: Scalar>(&self, x: S) -> S {
///         S::ONE / x
///     }
///
///     /// dy/dx = -1/x² = -y²
///     #[inline(always)]
///     fn slope<S: Scalar>(&self, y: S) -> S {
///         -(y * y)
///     }
/// }
///
/// let x = Var::leaf(Tensor::scalar(2.0_f32));
/// let y = x.pointwise(Reciprocal);
/// assert_eq!(y.backward()?.of(&x).unwrap().item()?, -0.25);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub trait Function: Debug + Send + Sync + 'static {
    /// The name in messages, in pictures of graphs, and in files.
    const NAME: &'static str;

    /// What the slope takes.
    const NEEDS: Needs;

    /// The value at `x`.
    fn value<S: Scalar>(&self, x: S) -> S;

    /// The derivative, from `x` or from `y`, as [`NEEDS`](Function::NEEDS) says.
    fn slope<S: Scalar>(&self, at: S) -> S;

    /// The settings, for those who print, measure or export graphs.
    fn attributes(&self) -> Attributes {
        Attributes::new()
    }
}

impl<T: Float> Var<T> {
    /// Applies a function of one number to every element.
    pub fn pointwise<F: Function>(&self, function: F) -> Var<T> {
        total(Pointwise(function), self, Pointwise::values)
    }
}

/// The slope of a function, as a variable; of rank 0 if it is the same everywhere.
pub(super) fn slope_var<T: Float>(function: &impl Function, at: &Var<T>) -> Var<T> {
    Traced::run([at], |[at]| function.slope(at))
}

/// Declares a function of one number: the method of `Var`, its derivatives of every order, and the
/// cases that check them.
///
/// ```text
/// pointwise! {
///     /// The documentation of the method.
///     Elu = elu(alpha);                                       // the type, the method, its settings
///     value(x) = x.if_above(0.0, x, x.exp_m1() * alpha);
///     slope(x) = x.if_above(0.0, S::ONE, x.min(0.0).exp() * alpha);  // slope(y) if it is one of y
///     on away_from_zero with (0.7);                           // the inputs and settings of the cases
/// }
/// ```
///
/// stands for
///
/// ```text
/// #[derive(Debug)]
/// pub(super) struct Elu {
///     alpha: f64,
/// }
///
/// impl Function for Elu {
///     const NAME: &'static str = "elu";
///     const NEEDS: Needs = Needs::Input;
///     #[inline(always)]
///     fn value<S: Scalar>(&self, x: S) -> S {
///         let Self { alpha } = *self;
///         x.if_above(0.0, x, x.exp_m1() * alpha)
///     }
///     #[inline(always)]
///     fn slope<S: Scalar>(&self, x: S) -> S {
///         let Self { alpha } = *self;
///         x.if_above(0.0, S::ONE, x.min(0.0).exp() * alpha)
///     }
///     fn attributes(&self) -> Attributes {
///         Attributes::new().with("alpha", self.alpha)
///     }
/// }
///
/// impl<T: Float> Var<T> {
///     /// The documentation of the method.
///     pub fn elu(&self, alpha: T) -> Var<T> {
///         fn kernel<T: Float>(function: Elu, x: &Var<T>) -> Var<T> {
///             x.pointwise(function)
///         }
///         concrete!(kernel: fn(Elu, &Var<T>) -> Var<T>)(Elu { alpha: alpha.to_f64() }, self)
///     }
/// }
///
/// #[cfg(test)]
/// mod properties {
///     #[test]
///     fn elu() {
///         pointwise::check("elu", (|x| x.elu(0.7), |x| x.elu(0.7)), inputs::away_from_zero);
///     }
/// }
/// ```
macro_rules! pointwise {
    (
        $(#[$doc:meta])*
        $type:ident = $name:ident($($setting:ident),*);
        value($x:ident) = $value:expr;
        slope($at:ident) = $slope:expr;
        on $inputs:ident $(with ($($argument:expr),*))?;
    ) => {
        #[derive(Debug)]
        pub(super) struct $type {
            $($setting: f64,)*
        }

        impl $crate::Function for $type {
            const NAME: &'static str = stringify!($name);
            const NEEDS: $crate::Needs = $crate::ops::pointwise::pointwise!(@needs $at);

            #[inline(always)]
            fn value<S: $crate::Scalar>(&self, $x: S) -> S {
                let Self { $($setting),* } = *self;
                $value
            }

            #[inline(always)]
            fn slope<S: $crate::Scalar>(&self, $at: S) -> S {
                #[allow(unused_variables, reason = "the slope may not need them all")]
                let Self { $($setting),* } = *self;
                $slope
            }

            fn attributes(&self) -> $crate::Attributes {
                $crate::Attributes::new()$(.with(stringify!($setting), self.$setting))*
            }
        }

        impl<T: gradus_tensor::Float> $crate::Var<T> {
            $(#[$doc])*
            pub fn $name(&self, $($setting: T),*) -> $crate::Var<T> {
                use $crate::Var;
                fn kernel<T: gradus_tensor::Float>(function: $type, x: &Var<T>) -> Var<T> {
                    x.pointwise(function)
                }
                let function = $type { $($setting: $setting.to_f64()),* };
                gradus_tensor::concrete!(kernel: fn($type, &Var<T>) -> Var<T>)(function, self)
            }
        }

        #[cfg(test)]
        mod properties {
            #[test]
            fn $name() {
                $crate::ops::pointwise::check(
                    stringify!($name),
                    (|x| x.$name($($($argument),*)?), |x| x.$name($($($argument),*)?)),
                    $crate::check::inputs::$inputs,
                );
            }
        }
    };
    (@needs x) => { $crate::Needs::Input };
    (@needs y) => { $crate::Needs::Output };
}
pub(super) use pointwise;

/// A function of a variable.
#[cfg(test)]
type Of<T> = fn(&Var<T>) -> Var<T>;

/// Runs the table of properties on a function, for several shapes.
#[cfg(test)]
pub(super) fn check(
    name: &'static str,
    (function, single): (Of<f64>, Of<f32>),
    inputs: fn(Vec<usize>, u64) -> Tensor<f64>,
) {
    crate::check::Cases::new(name, move |x| Ok(function(&x[0])))
        .single(move |x| Ok(single(&x[0])))
        .on("a matrix", [inputs(vec![3, 4], 1)])
        .on("one number", [inputs(vec![], 2)])
        .on("no elements", [inputs(vec![0, 2], 3)])
        .on("odd sizes", [inputs(vec![1, 5, 3], 4)])
        .check();
}

/// The operation.
#[derive(Debug)]
struct Pointwise<F>(F);

impl<F: Function> Pointwise<F> {
    fn values<T: Float>(&self, x: &Tensor<T>) -> Tensor<T> {
        x.map(
            #[inline(always)]
            |x| self.0.value(Plain(x)).0,
        )
    }
}

impl<T: Float, F: Function> Op<T> for Pointwise<F> {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = F::NAME;

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(self.values(x))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let point = match F::NEEDS {
            Needs::Input => at.input(0)?,
            Needs::Output => at.output()?,
        };
        Ok([Some(grad.mul(&slope_var(&self.0, &point))?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let point = match F::NEEDS {
            Needs::Input => at.value(0)?,
            Needs::Output => at.output_value()?,
        };
        let grad = onto(
            F::NAME,
            grad,
            point,
            #[inline(always)]
            |g, p| g * self.0.slope(Plain(p)).0,
        )?;
        Ok([Some(grad)])
    }

    fn attributes(&self) -> Attributes {
        self.0.attributes()
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        match F::NEEDS {
            Needs::Input => Keeps::INPUTS,
            Needs::Output => Keeps::OUTPUTS,
        }
    }
}
