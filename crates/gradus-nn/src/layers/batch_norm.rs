//! Batch normalisation: each channel is brought to mean 0 and variance 1 over the batch.
//!
//! `y = (x - μ) / √(σ² + ε) · γ + β` for each channel. In training `μ` and `σ²` are the mean and
//! the biased variance of the batch (over all axes but the channels' axis 1), and running averages
//! follow them: `running ← (1 - m) running + m · batch`, with the unbiased variance. In evaluation
//! the running averages stand in for them. (Ioffe and Szegedy, *Batch normalization*, 2015,
//! algorithms 1 and 2.)

use gradus_autograd::{Param, Var};
use gradus_tensor::{Activation, Float, Tensor, concrete};

use super::layer_norm::check_eps;
use super::line;
use crate::{Buffer, Context, Error, Layer, Module, Result};

/// Batch normalisation with `D` axes behind the channels: see [`BatchNorm1d`] and [`BatchNorm2d`].
#[derive(Debug, Clone, Module)]
pub struct BatchNorm<const D: usize, T: Float = f32> {
    /// `γ`, ones at first.
    pub weight: Param<T>,
    /// `β`, zeros at first.
    pub bias: Param<T>,
    /// Average of the batches' means.
    pub running_mean: Buffer<T>,
    /// Average of the batches' unbiased variances.
    pub running_var: Buffer<T>,
    #[module(skip)]
    eps: T,
    #[module(skip)]
    momentum: T,
    #[module(skip)]
    activation: Activation,
}

/// Batch normalisation of vectors `[N, C]` or sequences `[N, C, L]`.
pub type BatchNorm1d<T = f32> = BatchNorm<1, T>;

/// Batch normalisation of images `[N, C, H, W]`.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{BatchNorm2d, Context, Layer};
/// use gradus_tensor::{Rng, Tensor};
/// let layer: BatchNorm2d = BatchNorm2d::new(3).init()?;
/// let x = Var::constant(Tensor::normal([4, 3, 8, 8], 5.0, 2.0, &mut Rng::new(0))?);
/// let y = layer.forward(&x, &mut Context::train(0))?;
/// assert!(y.value().mean().item()?.abs() < 1e-4);
/// assert!((layer.running_mean.get().to_vec()[0] - 0.5).abs() < 0.1);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub type BatchNorm2d<T = f32> = BatchNorm<2, T>;

/// The settings of a [`BatchNorm`] that is not built yet.
#[derive(Debug, Clone, Copy)]
#[must_use = "a layer comes of it by `init`"]
pub struct BatchNormBuilder<const D: usize> {
    channels: usize,
    eps: f64,
    momentum: f64,
    activation: Activation,
}

impl<const D: usize> BatchNorm<D> {
    /// A layer for a number of channels, to be built with [`init`](BatchNormBuilder::init).
    #[expect(clippy::new_ret_no_self, reason = "built like the layers that take random numbers")]
    pub fn new(channels: usize) -> BatchNormBuilder<D> {
        let activation = Activation::Identity;
        BatchNormBuilder { channels, eps: 1e-5, momentum: 0.1, activation }
    }
}

impl<const D: usize> BatchNormBuilder<D> {
    /// What is added to the variance, so that nothing is divided by zero; 1e-5 by default.
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// The share of a new batch in the running averages; 0.1 by default.
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    /// What follows in the same pass over memory; nothing by default.
    pub fn activation(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }

    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`] if there are no channels, unless `eps` is positive, or unless the
    /// momentum lies between 0 and 1.
    pub fn init<T: Float>(self) -> Result<BatchNorm<D, T>> {
        let channels = self.channels;
        if channels == 0 {
            return Err(Error::setting("BatchNorm", "0 channels", "at least one"));
        }
        check_eps("BatchNorm", self.eps)?;
        if !(0.0..=1.0).contains(&self.momentum) {
            let got = format!("momentum {}", self.momentum);
            return Err(Error::setting("BatchNorm", got, "a number from 0 to 1"));
        }
        Ok(BatchNorm {
            weight: Param::new(Tensor::ones([channels])),
            bias: Param::new(Tensor::zeros([channels])),
            running_mean: Buffer::new(Tensor::zeros([channels])),
            running_var: Buffer::new(Tensor::ones([channels])),
            eps: T::from_f64(self.eps),
            momentum: T::from_f64(self.momentum),
            activation: self.activation,
        })
    }
}

impl<const D: usize, T: Float> BatchNorm<D, T> {
    fn check(&self, x: &Var<T>) -> Result<()> {
        let rank = D + 2;
        let fits = x.rank() == rank || (D == 1 && x.rank() == 2);
        if fits && x.shape()[1] == self.weight.value().len() {
            return Ok(());
        }
        let axes = if D == 1 { "2 or 3".to_string() } else { rank.to_string() };
        let wanted = format!("{axes} axes with {} channels on axis 1", self.weight.value().len());
        Err(gradus_tensor::Error::shape("BatchNorm", x.shape(), wanted).into())
    }

    /// `(1 - m) old + m new`.
    fn follow(&self, old: &Buffer<T>, new: &Tensor<T>, factor: T) -> Result<()> {
        fn kernel<T: Float>(old: &Tensor<T>, new: &Tensor<T>, [m, f]: [T; 2]) -> Result<Tensor<T>> {
            Ok(old.zip("BatchNorm", new, move |old, new| (T::ONE - m) * old + m * (f * new))?)
        }
        type Kernel<T> = fn(&Tensor<T>, &Tensor<T>, [T; 2]) -> Result<Tensor<T>>;
        let follow = concrete!(kernel: Kernel<T>);
        old.set(follow(&old.get(), new, [self.momentum, factor])?);
        Ok(())
    }
}

impl<const D: usize, T: Float> BatchNorm<D, T> {
    /// The normalised `x` plus a residual, then the activation, in one pass over memory: the end of
    /// a block of a residual network.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward); also if the residual has another shape than `x`.
    pub fn forward_add(&self, x: &Var<T>, residual: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = self.normalize(x, Some(residual), cx);
        cx.at(&self.weight, y)
    }

    /// For each channel the scale `γ / √(σ² + ε)` and the shift `β - μ · scale` of evaluation.
    pub(super) fn affine(&self) -> Result<[Tensor<T>; 2]> {
        let deviation = (&self.running_var.get() + self.eps).sqrt();
        let scale = self.weight.value().div(&deviation)?;
        let shift = self.bias.value().sub(&self.running_mean.get().mul(&scale)?)?;
        Ok([scale, shift])
    }

    /// What follows in the same pass.
    pub(super) fn following(&self) -> Activation {
        self.activation
    }

    fn normalize(&self, x: &Var<T>, residual: Option<&Var<T>>, cx: &mut Context) -> Result<Var<T>> {
        self.check(x)?;
        let (weight, bias) = (self.weight.var(), self.bias.var());
        let y = if cx.is_training() {
            let count = x.len() / x.shape()[1];
            if count < 2 {
                let wanted = "two values or more for each channel, to train on their variance";
                return Err(gradus_tensor::Error::shape("BatchNorm", x.shape(), wanted).into());
            }
            let (y, mean, var) =
                x.batch_norm_act(&weight, &bias, self.eps, residual, self.activation)?;
            let unbiased = T::from_f64(count as f64 / (count - 1) as f64);
            self.follow(&self.running_mean, &mean, T::ONE)?;
            self.follow(&self.running_var, &var, unbiased)?;
            y
        } else {
            let (mean, var) = (self.running_mean.get(), self.running_var.get());
            let numbers = [&mean, &var];
            x.batch_norm_with_act(&weight, &bias, numbers, self.eps, residual, self.activation)?
        };
        cx.record(|| {
            let name = format!("BatchNorm{D}d({})", self.weight.value().len());
            line(name, y.shape(), &[&self.weight, &self.bias], 0)
        });
        Ok(y)
    }
}

impl<const D: usize, T: Float> Layer<T> for BatchNorm<D, T> {
    /// # Errors
    /// If `x` has other axes or channels than the layer, or, in training, fewer than two values
    /// for each channel: one value has no variance.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = self.normalize(x, None, cx);
        cx.at(&self.weight, y)
    }
}
