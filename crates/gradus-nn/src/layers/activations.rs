//! Activation functions as layers. They bend the straight lines between linear layers; without
//! them a deep network would be one linear map. Formulas and derivatives stand with the operations
//! of the same name in `gradus-autograd`.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::no_parameters;
use crate::{Context, Layer, Result, Settings};

/// Declares layers that are a function of a variable and their settings. An entry
///
/// ```text
/// /// `x` where positive, `slope · x` elsewhere.
/// LeakyRelu = "nn.LeakyReLU" {
///     /// The slope for negative inputs.
///     #[default(0.01)]
///     slope: f64,
/// }: |x| Ok(x.leaky_relu(T::from_f64(slope)));
/// ```
///
/// stands for
///
/// ```text
/// /// `x` where positive, `slope · x` elsewhere.
/// #[derive(Settings, Debug, Clone, Copy, PartialEq)]
/// #[settings(torch = "nn.LeakyReLU")]
/// pub struct LeakyRelu {
///     /// The slope for negative inputs.
///     #[default(0.01)]
///     slope: f64,
/// }
/// no_parameters!(LeakyRelu);
/// impl<T: Float> Layer<T> for LeakyRelu {
///     fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
///         let Self { slope } = *self;
///         let y: Result<Var<T>> = Ok(x.leaky_relu(T::from_f64(slope)));
///         cx.layer(self, y, |_| (self.to_string(), 0))
///     }
/// }
/// ```
macro_rules! activations {
    ($(
        $(#[$doc:meta])*
        $layer:ident = $torch:literal
        $({ $($(#[$about:meta])* $field:ident: $type:ty,)* })?: |$x:ident| $formula:expr;
    )*) => { $(
        activations! { @type
            $(#[$doc])*
            #[derive(Settings, Debug, Clone, Copy, PartialEq)]
            #[settings(torch = $torch)]
            $layer $({ $($(#[$about])* $field: $type,)* })?
        }

        no_parameters!($layer);

        impl<T: Float> Layer<T> for $layer {
            fn forward(&self, $x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
                let Self { $($($field),*)? } = *self;
                let y: Result<Var<T>> = $formula;
                cx.layer(self, y, |_| (self.to_string(), 0))
            }
        }
    )* };
    (@type $(#[$attribute:meta])* $layer:ident) => { $(#[$attribute])* pub struct $layer; };
    (@type $(#[$attribute:meta])* $layer:ident $fields:tt) => {
        $(#[$attribute])* pub struct $layer $fields
    };
}

activations! {
    /// `max(0, x)`.
    Relu = "nn.ReLU": |x| Ok(x.relu());

    /// `x` where positive, `slope · x` elsewhere.
    LeakyRelu = "nn.LeakyReLU" {
        /// The slope for negative inputs.
        #[default(0.01)]
        slope: f64,
    }: |x| Ok(x.leaky_relu(T::from_f64(slope)));

    /// `x` where positive, `alpha · (eˣ - 1)` elsewhere.
    Elu = "nn.ELU" {
        /// How far below zero it goes.
        #[default(1.0)]
        alpha: f64,
    }: |x| Ok(x.elu(T::from_f64(alpha)));

    /// `x Φ(x)`, with `Φ` the distribution function of the standard normal distribution.
    Gelu = "nn.GELU": |x| Ok(x.gelu());

    /// [`Gelu`] with `Φ` approximated by a hyperbolic tangent, as GPT-2 has it.
    GeluTanh = "nn.GELU": |x| Ok(x.gelu_tanh());

    /// `x / (1 + e⁻ˣ)`, also called swish.
    Silu = "nn.SiLU": |x| Ok(x.silu());

    /// The hyperbolic tangent.
    Tanh = "nn.Tanh": |x| Ok(x.tanh());

    /// `1 / (1 + e⁻ˣ)`.
    Sigmoid = "nn.Sigmoid": |x| Ok(x.sigmoid());

    /// `ln(1 + eˣ)`, a smooth [`Relu`].
    Softplus = "nn.Softplus": |x| Ok(x.softplus());

    /// `eˣ / Σ eˣ` along an axis: positive numbers that add up to one.
    ///
    /// A network that ends in [`cross_entropy`](crate::cross_entropy) does not need it: the loss takes
    /// the inputs of the softmax.
    Softmax = "nn.Softmax" {
        /// The axis; -1 is the last.
        axis: isize,
    }: |x| Ok(x.softmax(axis)?);

    /// The logarithm of [`Softmax`], without its rounding of small probabilities to zero.
    LogSoftmax = "nn.LogSoftmax" {
        /// The axis; -1 is the last.
        axis: isize,
    }: |x| Ok(x.log_softmax(axis)?);
}
