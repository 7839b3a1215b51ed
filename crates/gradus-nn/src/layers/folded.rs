//! A convolution and the normalisation behind it as one layer, for inference.
//!
//! In evaluation both are affine, channel by channel: with the scale `s = γ / √(σ² + ε)` of each channel
//! the weight is `s W` and the bias `s (b - μ) + β`.

use gradus_autograd::Param;
use gradus_tensor::{Activation, Float};

use super::{BatchNorm2d, Conv2d};
use crate::{Error, Result};

impl<T: Float> Conv2d<T> {
    /// This layer and the normalisation that follows it as one layer, for inference. The activation is that
    /// of the normalisation.
    ///
    /// ```
    /// use gradus_nn::{BatchNorm2d, Conv2d};
    /// use gradus_tensor::Rng;
    /// let conv: Conv2d = Conv2d::new(3, 16, 3).bias(false).init(&mut Rng::new(0))?;
    /// let norm = BatchNorm2d::new(16).init()?;
    /// assert!(conv.folded(&norm)?.bias.is_some());
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] if this layer has an activation of its own, which would stand between the
    /// two; a tensor error if the numbers of channels differ.
    pub fn folded(&self, norm: &BatchNorm2d<T>) -> Result<Self> {
        if self.activation != Activation::Identity {
            let got = format!("activation {:?}", self.activation);
            return Err(Error::setting("Conv2d", got, "none, between it and a normalisation"));
        }
        let [scale, shift] = norm.affine()?;
        let bias = match &self.bias {
            Some(bias) => shift.add(&bias.value().mul(&scale)?)?,
            None => shift,
        };
        let scale = scale.reshape([scale.len(), 1, 1, 1])?;
        let weight = self.weight.value();
        if weight.shape()[0] != scale.len() {
            let wanted = format!("a weight with {} channels on axis 0", scale.len());
            return Err(gradus_tensor::Error::shape("Conv2d", weight.shape(), wanted).into());
        }
        let weight = Param::new(weight.mul(&scale)?);
        let activation = norm.following();
        Ok(Self { weight, bias: Some(Param::new(bias)), spec: self.spec, activation })
    }
}
