//! Batch normalisation: each channel is brought to mean 0 and variance 1 over the batch.
//!
//! `y = (x - μ) / √(σ² + ε) · γ + β` for each channel. In training `μ` and `σ²` are the mean and
//! the biased variance of the batch (over all axes but the channels' axis 1), and running averages
//! follow them: `running ← (1 - m) running + m · batch`, with the unbiased variance. In evaluation
//! the running averages stand in for them. (Ioffe and Szegedy, *Batch normalization*, 2015,
//! algorithms 1 and 2.)

use gradus_autograd::{Param, Var};
use gradus_tensor::{Activation, Float, Tensor, concrete};

use crate::{Buffer, Context, Layer, Module, Result, Settings};

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

/// For each number of axes, the name of the layer.
const NAMES: [&str; 4] = ["BatchNorm0d", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d"];
/// And that of its like in PyTorch.
const TORCH: [&str; 4] = ["", "nn.BatchNorm1d", "nn.BatchNorm2d", "nn.BatchNorm3d"];

/// The settings of a [`BatchNorm`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = BatchNorm, name = NAMES[D], torch = TORCH[D])]
#[must_use = "a layer comes of it by `init`"]
pub struct BatchNormBuilder<const D: usize> {
    /// How many channels there are.
    #[at_least(1)]
    channels: usize,
    /// What is added to the variance, so that nothing is divided by zero.
    #[above(0)]
    #[default(1e-5)]
    eps: f64,
    /// The share of a new batch in the running averages.
    #[at_least(0)]
    #[at_most(1)]
    #[default(0.1)]
    momentum: f64,
    /// What follows in the same pass over memory.
    #[default(Activation::Identity)]
    activation: Activation,
}

impl<const D: usize> BatchNormBuilder<D> {
    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self) -> Result<BatchNorm<D, T>> {
        let Self { channels, eps, momentum, activation } = self.checked()?;
        Ok(BatchNorm {
            weight: Param::new(Tensor::try_full([channels], T::ONE)?),
            bias: Param::new(Tensor::try_full([channels], T::ZERO)?),
            running_mean: Buffer::new(Tensor::try_full([channels], T::ZERO)?),
            running_var: Buffer::new(Tensor::try_full([channels], T::ONE)?),
            eps: T::from_f64(eps),
            momentum: T::from_f64(momentum),
            activation,
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
        Err(gradus_tensor::Error::shape(NAMES[D], x.shape(), wanted).into())
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
        let y = self.normalize(x, Some(residual), cx.is_training());
        cx.layer(self, y, |_| self.cost())
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

    fn cost(&self) -> (String, usize) {
        (format!("{}({})", NAMES[D], self.weight.value().len()), 0)
    }

    fn normalize(&self, x: &Var<T>, residual: Option<&Var<T>>, training: bool) -> Result<Var<T>> {
        self.check(x)?;
        let (weight, bias) = (self.weight.var(), self.bias.var());
        if training {
            let count = x.len() / x.shape()[1];
            if count < 2 {
                let wanted = "two values or more for each channel, to train on their variance";
                return Err(gradus_tensor::Error::shape(NAMES[D], x.shape(), wanted).into());
            }
            let (y, mean, var) =
                x.batch_norm_act(&weight, &bias, self.eps, residual, self.activation)?;
            let unbiased = T::from_f64(count as f64 / (count - 1) as f64);
            self.follow(&self.running_mean, &mean, T::ONE)?;
            self.follow(&self.running_var, &var, unbiased)?;
            Ok(y)
        } else {
            let (mean, var) = (self.running_mean.get(), self.running_var.get());
            let numbers = [&mean, &var];
            let act = self.activation;
            Ok(x.batch_norm_with_act(&weight, &bias, numbers, self.eps, residual, act)?)
        }
    }
}

impl<const D: usize, T: Float> Layer<T> for BatchNorm<D, T> {
    /// # Errors
    /// If `x` has other axes or channels than the layer, or, in training, fewer than two values
    /// for each channel: one value has no variance.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = self.normalize(x, None, cx.is_training());
        cx.layer(self, y, |_| self.cost())
    }
}
