//! The contract of one differentiable operation.

use std::fmt::Debug;

use gradus_tensor::{Float, Tensor};

use crate::graph::{At, Many, One};
use crate::{Result, Var};

/// A differentiable operation with `N` differentiable inputs and one output.
///
/// `self` holds what is not differentiated: axes, strides, indices, labels. Write an operation of
/// your own exactly as the ones in this crate are written:
///
/// ```
/// use gradus_autograd::{At, Op, Result, Var};
/// use gradus_tensor::{Float, Tensor};
///
/// /// y = x³
/// #[derive(Debug)]
/// struct Cube;
///
/// impl<T: Float> Op<T, 1> for Cube {
///     type Saved = ();
///
///     fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<(Tensor<T>, ())> {
///         Ok((x.map(|x| x * x * x), ()))
///     }
///
///     /// dx = 3 x² dy
///     fn vjp(&self, at: &At<'_, T, (), 1>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
///         let [x] = at.inputs()?;
///         Ok([Some(x.mul(&x)?.scale(T::from_f64(3.0)).mul(grad)?)])
///     }
/// }
///
/// let x = Var::leaf(Tensor::scalar(2.0_f32));
/// let y = Var::apply(Cube, [&x])?;
/// assert_eq!(y.backward()?.of(&x).unwrap().item()?, 12.0);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub trait Op<T: Float, const N: usize>: Debug + Send + Sync + Sized + 'static {
    /// What the derivative needs beyond inputs and output.
    type Saved: Send + Sync + 'static;

    /// Whether the derivative reads the inputs. An operation that does not, does not keep them
    /// alive.
    const KEEPS_INPUTS: bool = true;

    /// Whether the derivative reads the output.
    const KEEPS_OUTPUT: bool = false;

    /// The value, and what is saved for the derivative.
    ///
    /// # Errors
    /// If the operation is undefined for these inputs.
    fn forward(&self, inputs: [&Tensor<T>; N]) -> Result<(Tensor<T>, Self::Saved)>;

    /// The derivative, written in differentiable operations: the formula of the textbook, which so
    /// gives derivatives of every order.
    ///
    /// `grad` is the derivative of the loss with respect to the output. The result holds the
    /// derivative with respect to each input, or `None` where `at.wanted` says that nobody asks
    /// for it, or where it is zero.
    ///
    /// # Errors
    /// If one of the operations fails.
    fn vjp(&self, at: &At<'_, T, Self::Saved, N>, grad: &Var<T>) -> Result<[Option<Var<T>>; N]>;

    /// The same derivative as one kernel, for the usual case that nobody differentiates it again.
    ///
    /// # Errors
    /// If the kernel fails.
    fn vjp_fused(&self, _at: &At<'_, T, Self::Saved, N>, grad: Tensor<T>) -> Result<Fused<T, N>> {
        Ok(Fused::No(grad))
    }

    /// The name in messages.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }
}

/// What a fused derivative gives.
#[derive(Debug)]
pub enum Fused<T: Float, const N: usize> {
    /// The derivatives with respect to the inputs.
    Yes([Option<Tensor<T>>; N]),
    /// There is no kernel for this case: here is the gradient back, use the formula.
    No(Tensor<T>),
}

/// A differentiable operation with any number of inputs, such as concatenation.
pub trait OpMany<T: Float>: Debug + Send + Sync + Sized + 'static {
    /// The value.
    ///
    /// # Errors
    /// If the operation is undefined for these inputs.
    fn forward(&self, inputs: &[&Tensor<T>]) -> Result<Tensor<T>>;

    /// The derivative, in differentiable operations. `shapes` are those of the inputs.
    ///
    /// # Errors
    /// If one of the operations fails.
    fn vjp(
        &self,
        shapes: &[Vec<usize>],
        wanted: &[bool],
        grad: &Var<T>,
    ) -> Result<Vec<Option<Var<T>>>>;

    /// The name in messages.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }
}

impl<T: Float> Var<T> {
    /// Applies an operation. With [`apply_many`](Var::apply_many) this is all that makes a graph
    /// grow.
    ///
    /// # Errors
    /// If the operation is undefined for these inputs.
    pub fn apply<O: Op<T, N>, const N: usize>(op: O, inputs: [&Var<T>; N]) -> Result<Var<T>> {
        let (value, saved) = op.forward(values(&inputs))?;
        Ok(One::record(op, inputs, value, saved))
    }

    /// Applies an operation with any number of inputs.
    ///
    /// # Errors
    /// If the operation is undefined for these inputs.
    pub fn apply_many<O: OpMany<T>>(op: O, inputs: &[&Var<T>]) -> Result<Var<T>> {
        let values: Vec<&Tensor<T>> = inputs.iter().map(|x| x.value()).collect();
        let value = op.forward(&values)?;
        Ok(Many::record(op, inputs, value))
    }
}

/// Compiled for each number of inputs, not for each operation.
fn values<'a, T: Float, const N: usize>(inputs: &[&'a Var<T>; N]) -> [&'a Tensor<T>; N] {
    inputs.map(Var::value)
}

/// The last part of a type's path, without its parameters.
pub(crate) fn short_name<O>() -> &'static str {
    shortened(std::any::type_name::<O>())
}

fn shortened(path: &'static str) -> &'static str {
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

/// [`Var::apply`] for an operation of this crate, compiled here and not where it is used.
///
/// `apply!(Flip { axis }, [self])` is the same as `Var::apply(Flip { axis }, [self])`, and stands for
///
/// ```text
/// fn kernel<T: Float>(op: Flip, inputs: [&Var<T>; 1]) -> Result<Var<T>> {
///     Var::apply(op, inputs)
/// }
/// concrete!(kernel: fn(Flip, [&Var<T>; 1]) -> Result<Var<T>>)(Flip { axis }, [self])
/// ```
macro_rules! apply {
    ($op:ident $({ $($fields:tt)* })?, [$($input:expr),*]) => {{
        /// How many inputs there are.
        const N: usize = [$(stringify!($input)),*].len();
        fn kernel<T: Float>(op: $op, inputs: [&Var<T>; N]) -> Result<Var<T>> {
            Var::apply(op, inputs)
        }
        gradus_tensor::concrete!(kernel: fn($op, [&Var<T>; N]) -> Result<Var<T>>)(
            $op $({ $($fields)* })?,
            [$($input),*],
        )
    }};
}
pub(crate) use apply;
