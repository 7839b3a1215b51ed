//! A fully connected layer: `y = x Wᵀ + b`.
//!
//! `x` is `[…, in]`, `W` is `[out, in]`, `b` is `[out]`, `y` is `[…, out]`. Every output is a
//! weighted sum of every input.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Rng};

use crate::{Context, Init, Layer, Module, Result, Settings};

/// A fully connected layer.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Layer, Linear};
/// use gradus_tensor::{Rng, Tensor};
///
/// let layer: Linear = Linear::new(784, 10).init(&mut Rng::new(0))?;
/// let y = layer.forward(&Var::constant(Tensor::zeros([64, 784])), &mut Context::eval())?;
/// assert_eq!(y.shape(), [64, 10]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Linear<T: Float = f32> {
    /// `W`, of shape `[out, in]`.
    pub weight: Param<T>,
    /// `b`, of shape `[out]`, if the layer has one.
    pub bias: Option<Param<T>>,
}

/// The settings of a [`Linear`] layer that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Linear, torch = "nn.Linear")]
#[must_use = "a layer comes of it by `init`"]
pub struct LinearBuilder {
    /// How many features come in.
    #[at_least(1)]
    inputs: usize,
    /// How many features go out.
    #[at_least(1)]
    outputs: usize,
    /// Whether the layer adds a bias.
    #[default(true)]
    bias: bool,
    /// What the weight starts from.
    #[default(Init::FanIn)]
    weight_init: Init,
    /// What the bias starts from.
    #[unset("uniform within `±1 / √inputs`")]
    bias_init: Option<Init>,
}

impl LinearBuilder {
    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Linear<T>> {
        let Self { inputs, outputs, bias, weight_init, bias_init } = self.checked()?;
        let bias_init = bias_init.unwrap_or(Init::within_root_of(inputs));
        let weight = weight_init.param(&[outputs, inputs], rng)?;
        let bias = bias.then(|| bias_init.param(&[outputs], rng)).transpose()?;
        Ok(Linear { weight, bias })
    }
}

impl<T: Float> Linear<T> {
    /// The layer and a [`Gelu`](crate::Gelu) behind it, as one operation: the first half of the
    /// network that follows attention.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn forward_gelu(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let bias = self.bias.as_ref().map(Param::var);
        cx.layer(self, x.linear_gelu(&self.weight.var(), bias.as_ref()), |y| self.cost(y))
    }

    /// The name and the multiplications, for a summary.
    fn cost(&self, y: &Var<T>) -> (String, usize) {
        let [outputs, inputs] = [0, 1].map(|axis| self.weight.shape()[axis]);
        (format!("Linear({inputs}, {outputs})"), y.len() * inputs)
    }
}

impl<T: Float> Layer<T> for Linear<T> {
    /// # Errors
    /// If the last axis of `x` has not as many elements as the layer has inputs.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let bias = self.bias.as_ref().map(Param::var);
        cx.layer(self, x.linear(&self.weight.var(), bias.as_ref()), |y| self.cost(y))
    }
}
