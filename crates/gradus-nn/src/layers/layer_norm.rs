//! Layer normalisation: each sample is brought to mean 0 and variance 1 by itself.
//!
//! `y = (x - μ) / √(σ² + ε) · γ + β`, with `μ` and `σ²` the mean and the (biased) variance over the
//! last axes of `x`, and `γ`, `β` learned, of the shape of those axes. The same in training and in
//! evaluation (Ba, Kiros and Hinton, *Layer normalization*, 2016).

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Tensor};

use super::line;
use crate::{Context, Error, Layer, Module, Result};

/// Normalises over the last axes.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Layer, LayerNorm};
/// use gradus_tensor::Tensor;
/// let layer: LayerNorm = LayerNorm::new([2]).init()?;
/// let x = Var::constant(Tensor::vector([1.0, 3.0]));
/// let y = layer.forward(&x, &mut Context::eval())?;
/// assert!((y.value().to_vec()[1] - 1.0).abs() < 1e-5);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct LayerNorm<T: Float = f32> {
    /// `γ`, ones at first.
    pub weight: Param<T>,
    /// `β`, zeros at first.
    pub bias: Param<T>,
    #[module(skip)]
    eps: T,
}

/// The settings of a [`LayerNorm`] that is not built yet.
#[derive(Debug, Clone)]
#[must_use = "a layer comes of it by `init`"]
pub struct LayerNormBuilder {
    shape: Vec<usize>,
    eps: f64,
}

impl LayerNorm {
    /// A layer that normalises over the last axes, whose sizes are `shape`, to be built with
    /// [`init`](LayerNormBuilder::init).
    #[expect(clippy::new_ret_no_self, reason = "built like the layers that take random numbers")]
    pub fn new(shape: impl AsRef<[usize]>) -> LayerNormBuilder {
        LayerNormBuilder { shape: shape.as_ref().to_vec(), eps: 1e-5 }
    }
}

impl LayerNormBuilder {
    /// What is added to the variance, so that nothing is divided by zero; 1e-5 by default.
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`] if there are no axes or one has size zero, or unless `eps` is positive.
    pub fn init<T: Float>(self) -> Result<LayerNorm<T>> {
        if self.shape.is_empty() || self.shape.contains(&0) {
            let got = format!("shape {:?}", self.shape);
            return Err(Error::setting("LayerNorm", got, "one axis or more, none of size zero"));
        }
        check_eps("LayerNorm", self.eps)?;
        Ok(LayerNorm {
            weight: Param::new(Tensor::ones(&self.shape)),
            bias: Param::new(Tensor::zeros(&self.shape)),
            eps: T::from_f64(self.eps),
        })
    }
}

pub(super) fn check_eps(layer: &'static str, eps: f64) -> Result<()> {
    match eps > 0.0 && eps.is_finite() {
        true => Ok(()),
        false => Err(Error::setting(layer, format!("eps {eps}"), "a positive number")),
    }
}

impl<T: Float> Layer<T> for LayerNorm<T> {
    /// # Errors
    /// If the last axes of `x` are not those of the layer.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = x.layer_norm(&self.weight.var(), &self.bias.var(), self.eps);
        let y = cx.at(&self.weight, y)?;
        cx.record(|| {
            let name = format!("LayerNorm({:?})", self.weight.shape());
            line(name, y.shape(), &[&self.weight, &self.bias], 0)
        });
        Ok(y)
    }
}
