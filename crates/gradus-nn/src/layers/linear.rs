//! A fully connected layer: `y = x Wᵀ + b`.
//!
//! `x` is `[…, in]`, `W` is `[out, in]`, `b` is `[out]`, `y` is `[…, out]`. Every output is a
//! weighted sum of every input.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Rng};

use super::line;
use crate::{Context, Error, Init, Layer, Module, Result};

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
#[derive(Debug, Clone, Copy)]
#[must_use = "a layer comes of it by `init`"]
pub struct LinearBuilder {
    inputs: usize,
    outputs: usize,
    bias: bool,
    weight_init: Init,
    bias_init: Option<Init>,
}

impl Linear {
    /// A layer from `inputs` to `outputs` features, to be built with [`init`](LinearBuilder::init).
    #[expect(clippy::new_ret_no_self, reason = "parameters need random numbers, which init takes")]
    pub fn new(inputs: usize, outputs: usize) -> LinearBuilder {
        LinearBuilder { inputs, outputs, bias: true, weight_init: Init::FanIn, bias_init: None }
    }
}

impl LinearBuilder {
    /// Whether the layer adds a bias; by default it does.
    pub fn bias(self, bias: bool) -> Self {
        Self { bias, ..self }
    }

    /// What the weight starts from; [`Init::FanIn`] by default.
    pub fn weight_init(self, init: Init) -> Self {
        Self { weight_init: init, ..self }
    }

    /// What the bias starts from; uniform within `±1 / √in` by default.
    pub fn bias_init(self, init: Init) -> Self {
        Self { bias_init: Some(init), ..self }
    }

    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`] if a size is zero.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Linear<T>> {
        let Self { inputs, outputs, .. } = self;
        if inputs == 0 || outputs == 0 {
            let got = format!("{inputs} inputs and {outputs} outputs");
            return Err(Error::setting("Linear", got, "at least one of each"));
        }
        let bound = 1.0 / (inputs as f64).sqrt();
        let bias_init = self.bias_init.unwrap_or(Init::Uniform(-bound, bound));
        let weight = Param::new(self.weight_init.tensor(&[outputs, inputs], rng)?);
        let bias = self.bias.then(|| bias_init.tensor(&[outputs], rng)).transpose()?;
        Ok(Linear { weight, bias: bias.map(Param::new) })
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
        let y = cx.at(&self.weight, x.linear_gelu(&self.weight.var(), bias.as_ref()))?;
        self.record(&y, cx);
        Ok(y)
    }

    fn record(&self, y: &Var<T>, cx: &mut Context) {
        cx.record(|| {
            let [outputs, inputs] = [0, 1].map(|axis| self.weight.shape()[axis]);
            let params: Vec<&Param<T>> = std::iter::once(&self.weight).chain(&self.bias).collect();
            line(format!("Linear({inputs}, {outputs})"), y.shape(), &params, y.len() * inputs)
        });
    }
}

impl<T: Float> Layer<T> for Linear<T> {
    /// # Errors
    /// If the last axis of `x` has not as many elements as the layer has inputs.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = cx.at(&self.weight, x.linear(&self.weight.var(), bias.as_ref()))?;
        self.record(&y, cx);
        Ok(y)
    }
}
