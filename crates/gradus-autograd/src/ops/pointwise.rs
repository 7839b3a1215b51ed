//! Functions of one number, applied to every element: the mechanism that `exp`, `relu` and their
//! kin share.
//!
//! `yᵢ = f(xᵢ)`, so `x̄ᵢ = ȳᵢ f′(xᵢ)`.

use std::fmt::Debug;

use gradus_tensor::{Float, Tensor};

use crate::inplace::onto;
use crate::op::total;
use crate::{At, Attributes, In, Keeps, Op, Result, Var};

/// What a derivative `f′` is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// From `x`.
    Input,
    /// From `y = f(x)`, which spares keeping `x` alive.
    Output,
}

impl Needs {
    fn var<T: Float, F: Function<T>>(self, at: &At<'_, T, Pointwise<F>>) -> Result<Var<T>> {
        match self {
            Self::Input => at.inputs().map(|[x]| x),
            Self::Output => at.output(),
        }
    }

    fn value<'a, T: Float, F: Function<T>>(
        self,
        at: &'a At<'_, T, Pointwise<F>>,
    ) -> Result<&'a Tensor<T>> {
        match self {
            Self::Input => at.values().map(|[x]| x),
            Self::Output => at.output_value(),
        }
    }
}

/// A function of one number, defined for every number (where it has no value, it gives NaN).
///
/// ```
/// use gradus_autograd::{Function, Needs, Result, Var};
/// use gradus_tensor::{Float, Tensor};
///
/// /// y = 1 / x
/// #[derive(Debug)]
/// struct Reciprocal;
///
/// impl<T: Float> Function<T> for Reciprocal {
///     const NAME: &'static str = "reciprocal";
///     const NEEDS: Needs = Needs::Output;
///     fn value(&self, x: T) -> T {
///         T::ONE / x
///     }
///     /// dy/dx = -1/x² = -y²
///     fn slope(&self, y: T) -> T {
///         -(y * y)
///     }
///     fn slope_var(&self, y: &Var<T>) -> Result<Var<T>> {
///         Ok(y.mul(y)?.scale(-T::ONE))
///     }
/// }
///
/// let x = Var::leaf(Tensor::scalar(2.0_f32));
/// let y = x.pointwise(Reciprocal);
/// assert_eq!(y.backward()?.of(&x).unwrap().item()?, -0.25);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub trait Function<T: Float>: Debug + Send + Sync + 'static {
    /// The name in messages, in pictures of graphs, and in files.
    const NAME: &'static str;

    /// What the two slopes take.
    const NEEDS: Needs;

    /// The value at `x`.
    fn value(&self, x: T) -> T;

    /// The derivative, for one number; from `x` or from `y`, as [`NEEDS`](Function::NEEDS) says.
    fn slope(&self, at: T) -> T;

    /// The derivative once more, in differentiable operations.
    ///
    /// # Errors
    /// If one of the operations fails; for a function of one number none does.
    fn slope_var(&self, at: &Var<T>) -> Result<Var<T>>;

    /// The settings, for those who print, measure or export graphs.
    fn attributes(&self) -> Attributes {
        Attributes::new()
    }
}

impl<T: Float> Var<T> {
    /// Applies a function of one number to every element.
    pub fn pointwise<F: Function<T>>(&self, function: F) -> Var<T> {
        total(Pointwise(function), self, |Pointwise(function), x| {
            x.map(
                #[inline(always)]
                |x| function.value(x),
            )
        })
    }
}

/// [`Var::pointwise`] for a function of this crate, compiled here and not where it is used.
///
/// `pointwise!(Exp, self)` is the same as `self.pointwise(Exp)`, and stands for
///
/// ```text
/// fn kernel<T: Float>(function: Exp, x: &Var<T>) -> Var<T> {
///     x.pointwise(function)
/// }
/// concrete!(kernel: fn(Exp, &Var<T>) -> Var<T>)(Exp, self)
/// ```
///
/// A function with settings, such as `Clamp { low, high }`, is of type `Clamp<T>`.
macro_rules! pointwise {
    (@ $type:ty, $function:expr, $x:expr) => {{
        fn kernel<T: Float>(function: $type, x: &Var<T>) -> Var<T> {
            x.pointwise(function)
        }
        gradus_tensor::concrete!(kernel: fn($type, &Var<T>) -> Var<T>)($function, $x)
    }};
    ($function:ident, $x:expr) => {
        pointwise!(@ $function, $function, $x)
    };
    ($function:ident { $($settings:ident),* }, $x:expr) => {
        pointwise!(@ $function<T>, $function { $($settings),* }, $x)
    };
}
pub(super) use pointwise;

/// The operation.
#[derive(Debug)]
struct Pointwise<F>(F);

impl<T: Float, F: Function<T>> Op<T> for Pointwise<F> {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = F::NAME;

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        let value = x.map(
            #[inline(always)]
            |x| self.0.value(x),
        );
        Ok(value)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let slope = self.0.slope_var(&F::NEEDS.var(at)?)?;
        Ok([Some(grad.mul(&slope)?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let grad = onto(
            F::NAME,
            grad,
            F::NEEDS.value(at)?,
            #[inline(always)]
            |g, p| g * self.0.slope(p),
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
