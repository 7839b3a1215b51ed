//! Losses that compare a prediction with a target, element by element: the mechanism that
//! `mse_loss`, `l1_loss` and their kin share.
//!
//! `l = s Σ f(xᵢ, tᵢ)` with `s = 1` for the sum and `s = 1/n` for the mean, so
//! `x̄ᵢ = l̄ s ∂f/∂x(xᵢ, tᵢ)`, and the same for `t`. Without a reduction `x̄ᵢ = l̄ᵢ ∂f/∂x(xᵢ, tᵢ)`.

use std::fmt::Debug;

use gradus_tensor::{Error, Float, Tensor};

use super::Reduction;
use crate::formula::{Plain, Traced};
use crate::{At, Attributes, In, Op, Result, Scalar, Var};

/// A loss of one prediction and one target.
///
/// ```
/// use gradus_autograd::{PairLoss, Reduction, Scalar, Var};
/// use gradus_tensor::Tensor;
///
/// /// `f = ln cosh(x - t)`, here as `d + ln(1 + e^-2d) - ln 2`: a parabola that goes on as a line.
/// #[derive(Debug)]
/// struct LogCosh;
///
/// impl PairLoss for LogCosh {
///     const NAME: &'static str = "log_cosh";
///     #[inline(always)] // or the loop has no wide vectors
///     fn value<S: Scalar>(&self, x: S, t: S) -> S {
///         let d = (x - t).abs();
///         d + (d * -2.0).exp().ln_1p() - 2_f64.ln()
///     }
///     /// ∂f/∂x = tanh(x - t) = -∂f/∂t
///     #[inline(always)]
///     fn slopes<S: Scalar>(&self, x: S, t: S) -> [S; 2] {
///         let slope = (x - t).tanh();
///         [slope, -slope]
///     }
/// }
///
/// let (x, t) = (Var::leaf(Tensor::vector([1.0_f32, 2.0])), Var::from(Tensor::vector([1.0, 0.0])));
/// let loss = x.pair_loss(LogCosh, &t, Reduction::Sum)?;
/// assert_eq!(loss.backward()?.of(&x).unwrap().to_vec(), [0.0, 2_f32.tanh()]);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub trait PairLoss: Debug + Send + Sync + 'static {
    /// The name in messages, in pictures of graphs, and in files.
    const NAME: &'static str;

    /// The loss.
    fn value<S: Scalar>(&self, x: S, t: S) -> S;

    /// Its derivatives with respect to the prediction and to the target.
    fn slopes<S: Scalar>(&self, x: S, t: S) -> [S; 2];

    /// The settings besides the reduction.
    fn attributes(&self) -> Attributes {
        Attributes::new()
    }
}

impl<T: Float> Var<T> {
    /// The losses of this prediction and a target of its shape, reduced.
    ///
    /// # Errors
    /// If the target has another shape.
    pub fn pair_loss(
        &self,
        loss: impl PairLoss,
        target: &Var<T>,
        reduction: Reduction,
    ) -> Result<Var<T>> {
        Var::apply(Pairs { loss, reduction }, [self, target])
    }
}

/// Declares a loss: the method of `Var`, and its derivatives of every order.
///
/// ```text
/// pair_loss! {
///     /// The documentation of the method.
///     HuberLoss = huber_loss(delta);         // the type, the method, its settings, which are positive
///     value(x, t) = …;
///     slopes(x, t) = […, …];                 // by the prediction and by the target
/// }
/// ```
///
/// stands for
///
/// ```text
/// #[derive(Debug)]
/// struct HuberLoss {
///     delta: f64,
/// }
///
/// impl PairLoss for HuberLoss {
///     const NAME: &'static str = "huber_loss";
///     #[inline(always)]
///     fn value<S: Scalar>(&self, x: S, t: S) -> S {
///         let Self { delta } = *self;
///         …
///     }
///     #[inline(always)]
///     fn slopes<S: Scalar>(&self, x: S, t: S) -> [S; 2] {
///         let Self { delta } = *self;
///         […, …]
///     }
///     fn attributes(&self) -> Attributes {
///         Attributes::new().with("delta", self.delta)
///     }
/// }
///
/// impl<T: Float> Var<T> {
///     /// The documentation of the method.
///     pub fn huber_loss(&self, target: &Var<T>, delta: T, reduction: Reduction) -> Result<Var<T>> {
///         let loss = HuberLoss { delta: positive("huber_loss", "delta", delta)? };
///         concrete!(of: fn(HuberLoss, &Var<T>, &Var<T>, Reduction) -> Result<Var<T>>)(
///             loss, self, target, reduction,
///         )
///     }
/// }
/// ```
///
/// Without the brackets of the settings there is no method.
macro_rules! pair_loss {
    (
        $(#[$doc:meta])*
        $type:ident = $name:ident($($setting:ident),*);
        $($formulas:tt)*
    ) => {
        $crate::ops::pair_loss::pair_loss!(@type $type $name [$($setting)*] $($formulas)*);

        impl<T: gradus_tensor::Float> $crate::Var<T> {
            $(#[$doc])*
            pub fn $name(
                &self,
                target: &$crate::Var<T>,
                $($setting: T,)*
                reduction: $crate::Reduction,
            ) -> $crate::Result<$crate::Var<T>> {
                use $crate::ops::pair_loss::of;
                use $crate::{Reduction, Result, Var};
                let loss = $type {
                    $($setting: $crate::ops::pair_loss::positive(stringify!($name), stringify!($setting), $setting)?,)*
                };
                gradus_tensor::concrete!(of: fn($type, &Var<T>, &Var<T>, Reduction) -> Result<Var<T>>)(
                    loss, self, target, reduction,
                )
            }
        }
    };
    ($type:ident = $name:ident; $($formulas:tt)*) => {
        $crate::ops::pair_loss::pair_loss!(@type $type $name [] $($formulas)*);
    };
    (
        @type $type:ident $name:ident [$($setting:ident)*]
        value($x:ident, $t:ident) = $value:expr;
        slopes($sx:ident, $st:ident) = $slopes:expr;
    ) => {
        #[derive(Debug)]
        struct $type {
            $($setting: f64,)*
        }

        impl $crate::PairLoss for $type {
            const NAME: &'static str = stringify!($name);

            #[inline(always)]
            fn value<S: $crate::Scalar>(&self, $x: S, $t: S) -> S {
                let Self { $($setting),* } = *self;
                $value
            }

            #[inline(always)]
            fn slopes<S: $crate::Scalar>(&self, $sx: S, $st: S) -> [S; 2] {
                let Self { $($setting),* } = *self;
                $slopes
            }

            fn attributes(&self) -> $crate::Attributes {
                $crate::Attributes::new()$(.with(stringify!($setting), self.$setting))*
            }
        }
    };
}
pub(super) use pair_loss;

/// [`Var::pair_loss`] as a function.
pub(super) fn of<T: Float>(
    loss: impl PairLoss,
    x: &Var<T>,
    target: &Var<T>,
    reduction: Reduction,
) -> Result<Var<T>> {
    x.pair_loss(loss, target, reduction)
}

/// A setting, which must be positive.
pub(super) fn positive<T: Float>(op: &'static str, name: &str, value: T) -> Result<f64> {
    match value > T::ZERO {
        true => Ok(value.to_f64()),
        false => Err(Error::value(op, format!("{name} {value}"), "a positive number").into()),
    }
}

/// The operation.
#[derive(Debug)]
struct Pairs<L> {
    loss: L,
    reduction: Reduction,
}

impl<L: PairLoss> Pairs<L> {
    /// One of the slopes, as a variable.
    fn slope<T: Float>(&self, input: usize, x: &Var<T>, t: &Var<T>) -> Var<T> {
        Traced::run([x, t], |[x, t]| self.loss.slopes(x, t)[input])
    }
}

impl<T: Float, L: PairLoss> Op<T> for Pairs<L> {
    type Inputs = [In; 2];
    type Output = Tensor<T>;
    const NAME: &'static str = L::NAME;

    fn forward(&self, [x, t]: [&Tensor<T>; 2]) -> Result<Tensor<T>> {
        if x.shape() != t.shape() {
            let wanted = format!("a target of the prediction's shape {:?}", x.shape());
            return Err(Error::shape(L::NAME, t.shape(), wanted).into());
        }
        let losses = x.zip(
            L::NAME,
            t,
            #[inline(always)]
            |x, t| self.loss.value(Plain(x), Plain(t)).0,
        )?;
        Ok(self.reduction.reduce(losses, x.len() as f64))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 2]> {
        let [x, t] = at.inputs()?;
        let grad = grad.scale(self.reduction.factor(x.len() as f64));
        let slope = |input| at.want(input, || self.slope(input, &x, &t).mul(&grad));
        Ok([slope(0)?, slope(1)?])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 2]> {
        let [x, t] = at.values()?;
        let loss = &self.loss;
        if self.reduction == Reduction::None {
            let slope = |i: usize| {
                at.want(i, || {
                    Ok(x.zip3(
                        L::NAME,
                        t,
                        &grad,
                        #[inline(always)]
                        |x, t, g| g * loss.slopes(Plain(x), Plain(t))[i].0,
                    )?)
                })
            };
            return Ok([slope(0)?, slope(1)?]);
        }
        let g = grad.item()? * self.reduction.factor(x.len() as f64);
        // Two closures, so that each computes only its own slope.
        let of_x = at.want(0, || {
            Ok(x.zip(
                L::NAME,
                t,
                #[inline(always)]
                |x, t| g * loss.slopes(Plain(x), Plain(t))[0].0,
            )?)
        })?;
        let of_t = at.want(1, || {
            Ok(x.zip(
                L::NAME,
                t,
                #[inline(always)]
                |x, t| g * loss.slopes(Plain(x), Plain(t))[1].0,
            )?)
        })?;
        Ok([of_x, of_t])
    }

    fn attributes(&self) -> Attributes {
        self.loss.attributes().with("reduction", self.reduction.name())
    }
}

/// A loss of predictions and targets.
#[cfg(test)]
type PairLossOf<T> = fn(&Var<T>, &Var<T>, Reduction) -> Result<Var<T>>;

/// Runs the table of properties on a loss: every reduction, odd shapes, shapes that do not fit.
#[cfg(test)]
pub(super) fn check(
    name: &'static str,
    (loss, single): (PairLossOf<f64>, PairLossOf<f32>),
    definition: fn(&Var<f64>, &Var<f64>) -> Result<Var<f64>>,
    inputs: fn(&[usize]) -> [Tensor<f64>; 2],
) {
    for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
        let mut cases = crate::check::Cases::new(name, move |x| loss(&x[0], &x[1], reduction))
            .single(move |x| single(&x[0], &x[1], reduction))
            .equals(move |x| reduction.reduce_var(&definition(&x[0], &x[1])?))
            .on("a matrix", inputs(&[3, 5]))
            .on("one number", inputs(&[]))
            .on("images", inputs(&[2, 3, 1, 7]));
        if reduction != Reduction::Mean {
            cases = cases.on("no elements", inputs(&[0, 4]));
        }
        let [x, _] = inputs(&[3, 1]);
        let [_, t] = inputs(&[3]);
        let says =
            format!("{name}: got shape [3], wanted a target of the prediction's shape [3, 1]");
        cases.refuses("another shape", [x, t], &says).check();
    }
    let [x, t] = inputs(&[0]).map(Var::leaf);
    let empty = loss(&x, &t, Reduction::Mean).expect("defined");
    assert!(empty.item().expect("one number").is_nan(), "the mean of no losses");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    /// f(x, t) = x² t
    #[derive(Debug)]
    struct Example;

    impl PairLoss for Example {
        const NAME: &'static str = "example";
        fn value<S: Scalar>(&self, x: S, t: S) -> S {
            x * x * t
        }
        fn slopes<S: Scalar>(&self, x: S, t: S) -> [S; 2] {
            [x * t * 2.0, x * x]
        }
    }

    #[test]
    fn both_sides_are_differentiated() {
        cases!("example", |x| x[0].pair_loss(Example, &x[1], Reduction::Mean))
            .equals(|x| Ok(x[0].mul(&x[0])?.mul(&x[1])?.mean()))
            .on("a matrix", [normal([3, 4], 1), normal([3, 4], 2)])
            .check();
    }
}
