//! Activation functions as layers. They bend the straight lines between linear layers; without
//! them a deep network would be one linear map. Formulas and derivatives stand with the operations
//! of the same name in `gradus-autograd`.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::no_parameters;
use crate::{Context, Layer, Line, Result};

macro_rules! activations {
    ($($(#[$doc:meta])* $layer:ident($self:ident, $x:ident) => $formula:expr;)*) => {
        no_parameters!($($layer),*);
        $(
            impl<T: Float> Layer<T> for $layer {
                fn forward(&self, $x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
                    let $self = self;
                    let y: Var<T> = $formula;
                    cx.record(|| Line {
                        layer: format!("{self:?}"),
                        output: y.shape().to_vec(),
                        params: Vec::new(),
                        multiply_adds: 0,
                    });
                    Ok(y)
                }
            }
        )*
    };
}

/// `max(0, x)`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Relu;

/// `x` where positive, `slope · x` elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct LeakyRelu(
    /// The slope for negative inputs, 0.01 by default.
    pub f64,
);

/// `x` where positive, `alpha · (eˣ - 1)` elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Elu(
    /// How far below zero it goes, 1 by default.
    pub f64,
);

/// `x Φ(x)`, with `Φ` the distribution function of the standard normal distribution.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gelu;

/// [`Gelu`] with `Φ` approximated by a hyperbolic tangent, as GPT-2 has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct GeluTanh;

/// `x / (1 + e⁻ˣ)`, also called swish.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silu;

/// The hyperbolic tangent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tanh;

/// `1 / (1 + e⁻ˣ)`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sigmoid;

/// `ln(1 + eˣ)`, a smooth [`Relu`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Softplus;

/// `eˣ / Σ eˣ` along an axis: positive numbers that add up to one.
///
/// A network that ends in [`cross_entropy`](crate::cross_entropy) does not need it: the loss takes
/// the inputs of the softmax.
#[derive(Debug, Clone, Copy)]
pub struct Softmax(
    /// The axis; -1 is the last.
    pub isize,
);

/// The logarithm of [`Softmax`], without its rounding of small probabilities to zero.
#[derive(Debug, Clone, Copy)]
pub struct LogSoftmax(
    /// The axis; -1 is the last.
    pub isize,
);

impl Default for LeakyRelu {
    fn default() -> Self {
        Self(0.01)
    }
}

impl Default for Elu {
    fn default() -> Self {
        Self(1.0)
    }
}

activations! {
    Relu(_this, x) => x.relu();
    LeakyRelu(this, x) => x.leaky_relu(T::from_f64(this.0));
    Elu(this, x) => x.elu(T::from_f64(this.0));
    Gelu(_this, x) => x.gelu();
    GeluTanh(_this, x) => x.gelu_tanh();
    Silu(_this, x) => x.silu();
    Tanh(_this, x) => x.tanh();
    Sigmoid(_this, x) => x.sigmoid();
    Softplus(_this, x) => x.softplus();
    Softmax(this, x) => x.softmax(this.0)?;
    LogSoftmax(this, x) => x.log_softmax(this.0)?;
}
