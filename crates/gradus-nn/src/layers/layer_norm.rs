//! Layer normalisation: each sample is brought to mean 0 and variance 1 by itself.
//!
//! `y = (x - μ) / √(σ² + ε) · γ + β`, with `μ` and `σ²` the mean and the (biased) variance over the
//! last axes of `x`, and `γ`, `β` learned, of the shape of those axes. The same in training and in
//! evaluation (Ba, Kiros and Hinton, *Layer normalization*, 2016).

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Tensor};

use crate::settings::BadSetting;
use crate::{Context, Layer, Module, Result, Settings};

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
#[derive(Settings, Debug, Clone, PartialEq)]
#[settings(of = LayerNorm, torch = "nn.LayerNorm", check = LayerNormBuilder::has_axes)]
#[must_use = "a layer comes of it by `init`"]
pub struct LayerNormBuilder {
    /// The sizes of the last axes, over which it normalises.
    #[at_least(1)]
    shape: Vec<usize>,
    /// What is added to the variance, so that nothing is divided by zero.
    #[above(0)]
    #[default(1e-5)]
    eps: f64,
}

impl LayerNormBuilder {
    fn has_axes(&self) -> Result<(), BadSetting> {
        match self.shape[..] {
            [] => Err(BadSetting::new("LayerNorm", "shape []", "one axis or more")),
            _ => Ok(()),
        }
    }

    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self) -> Result<LayerNorm<T>> {
        let Self { shape, eps } = self.checked()?;
        Ok(LayerNorm {
            weight: Param::new(Tensor::try_full(&shape, T::ONE)?),
            bias: Param::new(Tensor::try_full(&shape, T::ZERO)?),
            eps: T::from_f64(eps),
        })
    }
}

impl<T: Float> Layer<T> for LayerNorm<T> {
    /// # Errors
    /// If the last axes of `x` are not those of the layer.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = x.layer_norm(&self.weight.var(), &self.bias.var(), self.eps);
        cx.layer(self, y, |_| (format!("LayerNorm({:?})", self.weight.shape()), 0))
    }
}
