//! The contract of one differentiable operation.

use std::fmt::Debug;
use std::ops::BitOr;

use gradus_tensor::{Float, Tensor};

use crate::arity::{In, Inputs, One, Output};
use crate::graph::{At, OpNode};
use crate::{Attributes, Result, Var, mode};

/// A differentiable operation.
///
/// `self` holds what is not differentiated: axes, strides, indices, labels, a seed. Everything else is
/// an input or an output, so that [`forward`](Op::forward) may be called again and gives the same. Write
/// an operation of your own exactly as the ones in this crate are written:
///
/// ```
/// use gradus_autograd::{At, In, Op, Result, Var};
/// use gradus_tensor::{Float, Tensor};
///
/// /// y = x³
/// #[derive(Debug)]
/// struct Cube;
///
/// impl<T: Float> Op<T> for Cube {
///     type Inputs = [In; 1];
///     type Output = Tensor<T>;
///     const NAME: &'static str = "cube";
///
///     fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
///         Ok(x.map(|x| x * x * x))
///     }
///
///     /// dx = 3 x² dy
///     fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
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
///
/// Inputs that may be missing and several outputs:
///
/// ```
/// use gradus_autograd::{At, In, Maybe, Op, Result, Var};
/// use gradus_tensor::{Float, Tensor};
///
/// /// The sum of two numbers, and their product with a third if there is one.
/// #[derive(Debug)]
/// struct Both;
///
/// impl<T: Float> Op<T> for Both {
///     type Inputs = ([In; 2], [Maybe; 1]);
///     type Output = [Tensor<T>; 2];
///     const NAME: &'static str = "both";
///
///     fn forward(
///         &self,
///         ([x, y], [z]): ([&Tensor<T>; 2], [Option<&Tensor<T>>; 1]),
///     ) -> Result<[Tensor<T>; 2]> {
///         let product = x.mul(y)?;
///         Ok([x.add(y)?, if let Some(z) = z { product.mul(z)? } else { product }])
///     }
///
///     // One gradient arrives for each output, or none; one is given for each input, or none.
///     fn vjp(
///         &self,
///         at: &At<'_, T, Self>,
///         [of_sum, of_product]: &[Option<Var<T>>; 2],
///     ) -> Result<([Option<Var<T>>; 2], [Option<Var<T>>; 1])> {
///         let ([x, y], [z]) = at.inputs()?;
///         let Some(grad) = of_product else {
///             return Ok(([of_sum.clone(), of_sum.clone()], [None]));
///         };
///         let scaled = if let Some(z) = z { grad.mul(&z)? } else { grad.clone() };
///         let plus = |part: Var<T>| of_sum.as_ref().map_or(Ok(part.clone()), |sum| part.add(sum));
///         Ok((
///             [Some(plus(scaled.mul(&y)?)?), Some(plus(scaled.mul(&x)?)?)],
///             [at.want(2, || grad.mul(&x)?.mul(&y))?],
///         ))
///     }
/// }
///
/// let [x, y] = [2.0_f64, 5.0].map(|x| Var::leaf(Tensor::scalar(x)));
/// let [sum, product] = Var::apply(Both, ([&x, &y], [None]))?;
/// assert_eq!((sum.item()?, product.item()?), (7.0, 10.0));
/// let gradients = sum.add(&product)?.backward()?;
/// assert_eq!(gradients.of(&x).unwrap().item()?, 6.0);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub trait Op<T: Float>: Debug + Send + Sync + Sized + 'static {
    /// What goes in: `[In; N]`, `([In; N], [Maybe; M])`, or `Vec<In>`.
    type Inputs: Inputs;

    /// What comes out: `Tensor<T>`, `[Tensor<T>; M]` or `Vec<Tensor<T>>`; or [`Saving`](crate::Saving)
    /// one of these with what the derivative needs besides inputs and outputs.
    type Output: Output<T>;

    /// The name in messages, in pictures of graphs, and in files.
    const NAME: &'static str;

    /// The outputs: a function of the inputs and of `self` alone.
    ///
    /// # Errors
    /// If the operation is undefined for these inputs.
    fn forward(&self, inputs: Of<Self, T, &Tensor<T>>) -> Result<Self::Output>;

    /// The derivative, written in differentiable operations: the formula of the textbook, which so
    /// gives derivatives of every order.
    ///
    /// `grad` is the derivative of the loss with respect to the output. The result holds the
    /// derivative with respect to each input, or `None` where `at.wanted` says that nobody asks
    /// for it, or where it is zero.
    ///
    /// # Errors
    /// If one of the operations fails.
    fn vjp(
        &self,
        at: &At<'_, T, Self>,
        grad: &Grads<Self, T, Var<T>>,
    ) -> Result<Each<Self, T, Option<Var<T>>>>;

    /// The same derivative as one kernel, for the usual case that nobody differentiates it again. Left
    /// out, the formula is used; where there is a kernel for some cases only, [`At::formula`] is it for
    /// the others.
    ///
    /// # Errors
    /// If the kernel fails.
    fn vjp_fused(
        &self,
        at: &At<'_, T, Self>,
        grad: Grads<Self, T, Tensor<T>>,
    ) -> Result<Each<Self, T, Option<Tensor<T>>>> {
        at.formula(self, grad)
    }

    /// What the derivative reads, and so has to be kept until then: every input, if not said
    /// otherwise. `wanted` says for each input whether a gradient will be asked for.
    fn keeps(&self, _wanted: &[bool]) -> Keeps {
        Keeps::INPUTS
    }

    /// The settings, for those who print, measure or export graphs.
    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    /// The name, if it depends on the settings.
    fn name(&self) -> &'static str {
        Self::NAME
    }
}

/// The inputs of an operation, as `X`.
pub type Of<O, T, X> = <<O as Op<T>>::Inputs as Inputs>::Of<X>;
/// An `X` for each input of an operation.
pub type Each<O, T, X> = <<O as Op<T>>::Inputs as Inputs>::Each<X>;
/// The gradients that arrive at an operation's outputs, as `X`.
pub type Grads<O, T, X> = <<O as Op<T>>::Output as Output<T>>::Grads<X>;
/// The outputs of an operation as variables.
pub type Vars<O, T> = <<O as Op<T>>::Output as Output<T>>::Vars;
/// What an operation keeps for its derivative.
pub type Saved<O, T> = <<O as Op<T>>::Output as Output<T>>::Saved;

/// Which inputs and outputs of an operation its derivative reads.
///
/// ```
/// use gradus_autograd::Keeps;
/// // A product: the gradient of one factor reads the other.
/// let wanted = [true, false];
/// let keeps = Keeps::input(1).when(wanted[0]) | Keeps::input(0).when(wanted[1]);
/// assert_eq!(keeps, Keeps::input(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeps {
    inputs: u64,
    outputs: u64,
}

impl Keeps {
    /// Nothing.
    pub const NOTHING: Self = Self { inputs: 0, outputs: 0 };
    /// Every input.
    pub const INPUTS: Self = Self { inputs: u64::MAX, outputs: 0 };
    /// Every output.
    pub const OUTPUTS: Self = Self { inputs: 0, outputs: u64::MAX };

    /// One input. From the 63rd on it stands for all that follow.
    pub const fn input(input: usize) -> Self {
        Self { inputs: bit(input), outputs: 0 }
    }

    /// One output.
    pub const fn output(output: usize) -> Self {
        Self { inputs: 0, outputs: bit(output) }
    }

    /// This, or nothing.
    #[must_use]
    pub const fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::NOTHING }
    }

    pub(crate) fn has_input(self, input: usize) -> bool {
        self.inputs & bit(input) != 0
    }

    pub(crate) fn has_output(self, output: usize) -> bool {
        self.outputs & bit(output) != 0
    }
}

const fn bit(place: usize) -> u64 {
    1 << if place < 63 { place } else { 63 }
}

/// Both.
impl BitOr for Keeps {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self { inputs: self.inputs | other.inputs, outputs: self.outputs | other.outputs }
    }
}

impl<T: Float> Var<T> {
    /// Applies an operation. This is all that makes a graph grow.
    ///
    /// # Errors
    /// If the operation is undefined for these inputs.
    pub fn apply<O: Op<T>>(op: O, inputs: Of<O, T, &Var<T>>) -> Result<Vars<O, T>> {
        Ok(Self::apply_reading(op, inputs, |_| ())?.0)
    }

    /// Applies an operation, and reads something from what it saved: indices, statistics, and other
    /// results that are not differentiated.
    ///
    /// # Errors
    /// If the operation is undefined for these inputs.
    pub fn apply_reading<O: Op<T>, R>(
        op: O,
        inputs: Of<O, T, &Var<T>>,
        read: impl FnOnce(&Saved<O, T>) -> R,
    ) -> Result<(Vars<O, T>, R)> {
        let start = mode::start();
        let tensors = O::Inputs::convert(&inputs, &mut |x: &Var<T>| &x.value);
        let (outputs, saved) = op.forward(tensors)?.split();
        let read = read(&saved);
        Ok((OpNode::record(start, op, &inputs, outputs, saved), read))
    }
}

/// Applies an operation of one input that cannot fail.
pub(crate) fn total<T: Float, O: Op<T, Inputs = [In; 1], Output = Tensor<T>>>(
    op: O,
    x: &Var<T>,
    value: impl FnOnce(&O, &Tensor<T>) -> Tensor<T>,
) -> Var<T> {
    let start = mode::start();
    let y = value(&op, x.value());
    OpNode::record(start, op, &[x], One(y), ())
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
