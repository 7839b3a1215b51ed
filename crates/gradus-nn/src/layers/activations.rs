//! Activation functions as layers. They bend the straight lines between linear layers; without
//! them a deep network would be one linear map. Formulas and derivatives stand with the operations
//! of the same name in `gradus-autograd`.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::no_parameters;
use crate::{Context, Layer, Result, Settings};

macro_rules! activations {
    ($($layer:ident($self:ident, $x:ident) => $formula:expr;)*) => {
        no_parameters!($($layer),*);
        $(
            impl<T: Float> Layer<T> for $layer {
                fn forward(&self, $x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
                    let $self = self;
                    let y: Result<Var<T>> = $formula;
                    cx.layer(self, y, |_| (self.to_string(), 0))
                }
            }
        )*
    };
}

/// `max(0, x)`.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.ReLU")]
pub struct Relu;

/// `x` where positive, `slope · x` elsewhere.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.LeakyReLU")]
pub struct LeakyRelu {
    /// The slope for negative inputs.
    #[default(0.01)]
    slope: f64,
}

/// `x` where positive, `alpha · (eˣ - 1)` elsewhere.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.ELU")]
pub struct Elu {
    /// How far below zero it goes.
    #[default(1.0)]
    alpha: f64,
}

/// `x Φ(x)`, with `Φ` the distribution function of the standard normal distribution.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.GELU")]
pub struct Gelu;

/// [`Gelu`] with `Φ` approximated by a hyperbolic tangent, as GPT-2 has it.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.GELU")]
pub struct GeluTanh;

/// `x / (1 + e⁻ˣ)`, also called swish.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.SiLU")]
pub struct Silu;

/// The hyperbolic tangent.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.Tanh")]
pub struct Tanh;

/// `1 / (1 + e⁻ˣ)`.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.Sigmoid")]
pub struct Sigmoid;

/// `ln(1 + eˣ)`, a smooth [`Relu`].
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.Softplus")]
pub struct Softplus;

/// `eˣ / Σ eˣ` along an axis: positive numbers that add up to one.
///
/// A network that ends in [`cross_entropy`](crate::cross_entropy) does not need it: the loss takes
/// the inputs of the softmax.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.Softmax")]
pub struct Softmax {
    /// The axis; -1 is the last.
    axis: isize,
}

/// The logarithm of [`Softmax`], without its rounding of small probabilities to zero.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.LogSoftmax")]
pub struct LogSoftmax {
    /// The axis; -1 is the last.
    axis: isize,
}

activations! {
    Relu(_this, x) => Ok(x.relu());
    LeakyRelu(this, x) => Ok(x.leaky_relu(T::from_f64(this.slope)));
    Elu(this, x) => Ok(x.elu(T::from_f64(this.alpha)));
    Gelu(_this, x) => Ok(x.gelu());
    GeluTanh(_this, x) => Ok(x.gelu_tanh());
    Silu(_this, x) => Ok(x.silu());
    Tanh(_this, x) => Ok(x.tanh());
    Sigmoid(_this, x) => Ok(x.sigmoid());
    Softplus(_this, x) => Ok(x.softplus());
    Softmax(this, x) => Ok(x.softmax(this.axis)?);
    LogSoftmax(this, x) => Ok(x.log_softmax(this.axis)?);
}
