//! Two-dimensional convolution: the same small weighted sum at every place of an image.
//!
//! `y[n, o, i, j] = b[o] + Σ_{c, a, b} W[o, c, a, b] · x[n, c, i·s + a·d - p, j·s + b·d - p]` with
//! stride `s`, padding `p` and dilation `d`. `x` is `[N, C, H, W]`, `W` is `[O, C / groups, kh,
//! kw]`, `y` is `[N, O, H', W']` with `H' = (H + 2p - d (kh - 1) - 1) / s + 1`.
//! (LeCun and others, *Gradient-based learning applied to document recognition*, 1998.)

use gradus_autograd::{Param, Var};
use gradus_tensor::{Activation, Conv2dSpec, Float, Rng, Tensor};

use super::{BatchNorm2d, line};
use crate::{Context, Error, Init, Layer, Module, Result};

/// A convolutional layer over images `[N, C, H, W]`.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Conv2d, Layer};
/// use gradus_tensor::{Rng, Tensor};
///
/// let layer: Conv2d = Conv2d::new(3, 16, 3).padding(1).init(&mut Rng::new(0))?;
/// let y = layer.forward(&Var::constant(Tensor::zeros([2, 3, 8, 8])), &mut Context::eval())?;
/// assert_eq!(y.shape(), [2, 16, 8, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Conv2d<T: Float = f32> {
    /// `W`, of shape `[out, in / groups, kernel height, kernel width]`.
    pub weight: Param<T>,
    /// `b`, of shape `[out]`, if the layer has one.
    pub bias: Option<Param<T>>,
    #[module(skip)]
    spec: Conv2dSpec,
    #[module(skip)]
    activation: Activation,
}

/// The settings of a [`Conv2d`] layer that is not built yet.
#[derive(Debug, Clone, Copy)]
#[must_use = "a layer comes of it by `init`"]
pub struct Conv2dBuilder {
    inputs: usize,
    outputs: usize,
    kernel: [usize; 2],
    spec: Conv2dSpec,
    activation: Activation,
    bias: bool,
    weight_init: Init,
    bias_init: Option<Init>,
}

impl Conv2d {
    /// A layer from `inputs` to `outputs` channels with a square kernel, to be built with
    /// [`init`](Conv2dBuilder::init).
    #[expect(clippy::new_ret_no_self, reason = "parameters need random numbers, which init takes")]
    pub fn new(inputs: usize, outputs: usize, kernel: usize) -> Conv2dBuilder {
        Conv2dBuilder {
            inputs,
            outputs,
            kernel: [kernel; 2],
            spec: Conv2dSpec::default(),
            activation: Activation::Identity,
            bias: true,
            weight_init: Init::FanIn,
            bias_init: None,
        }
    }
}

impl Conv2dBuilder {
    /// A kernel of its own height and width.
    pub fn kernel(self, kernel: [usize; 2]) -> Self {
        Self { kernel, ..self }
    }

    /// Pixels from one output to the next, in both directions; 1 by default.
    pub fn stride(mut self, stride: usize) -> Self {
        self.spec.stride = [stride; 2];
        self
    }

    /// Zeros around the image, on each side; none by default.
    pub fn padding(mut self, padding: usize) -> Self {
        self.spec.padding = [padding; 2];
        self
    }

    /// Pixels from one tap of the kernel to the next; 1 by default.
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.spec.dilation = [dilation; 2];
        self
    }

    /// Groups of channels that do not see each other; 1 by default. As many groups as channels is
    /// a depthwise convolution.
    pub fn groups(mut self, groups: usize) -> Self {
        self.spec.groups = groups;
        self
    }

    /// Stride, padding, dilation and groups at once.
    pub fn spec(self, spec: Conv2dSpec) -> Self {
        Self { spec, ..self }
    }

    /// What follows in the same pass over memory; nothing by default.
    pub fn activation(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }

    /// Whether the layer adds a bias; by default it does.
    pub fn bias(self, bias: bool) -> Self {
        Self { bias, ..self }
    }

    /// What the weight starts from; [`Init::FanIn`] by default.
    pub fn weight_init(self, init: Init) -> Self {
        Self { weight_init: init, ..self }
    }

    /// What the bias starts from; uniform within `±1 / √fan_in` by default.
    pub fn bias_init(self, init: Init) -> Self {
        Self { bias_init: Some(init), ..self }
    }

    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`] if a size, the stride or the dilation is zero, or if the groups do not
    /// divide both numbers of channels.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Conv2d<T>> {
        let Self { inputs, outputs, kernel: [height, width], spec, .. } = self;
        if [inputs, outputs, height, width].contains(&0) {
            let got = format!("{inputs} to {outputs} channels, kernel {height}x{width}");
            return Err(Error::setting("Conv2d", got, "at least one of each"));
        }
        if spec.stride.contains(&0) || spec.dilation.contains(&0) {
            let got = format!("stride {:?} and dilation {:?}", spec.stride, spec.dilation);
            return Err(Error::setting("Conv2d", got, "at least 1 each"));
        }
        if spec.groups == 0
            || !inputs.is_multiple_of(spec.groups)
            || !outputs.is_multiple_of(spec.groups)
        {
            let got = format!("{} groups for {inputs} to {outputs} channels", spec.groups);
            return Err(Error::setting("Conv2d", got, "a number that divides both"));
        }
        let shape = [outputs, inputs / spec.groups, height, width];
        let bound = 1.0 / ((shape[1] * height * width) as f64).sqrt();
        let bias_init = self.bias_init.unwrap_or(Init::Uniform(-bound, bound));
        let weight = Param::new(self.weight_init.tensor(&shape, rng)?);
        let bias = self.bias.then(|| bias_init.tensor(&[outputs], rng)).transpose()?;
        let activation = self.activation;
        Ok(Conv2d { weight, bias: bias.map(Param::new), spec, activation })
    }
}

impl<T: Float> Conv2d<T> {
    /// This layer and the normalisation that follows it as one layer, for inference: both are affine
    /// in evaluation, so with the scale `s = γ / √(σ² + ε)` of each channel the weight is `s W` and
    /// the bias `s (b - μ) + β`. The activation is that of the normalisation.
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

impl<T: Float> Layer<T> for Conv2d<T> {
    /// # Errors
    /// If `x` has not four axes, not the layer's channels on axis 1, or is smaller than the
    /// kernel.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let (weight, bias) = (self.weight.var(), self.bias.as_ref().map(Param::var));
        let y = match (bias, self.activation) {
            (bias, Activation::Identity) => x.conv2d(&weight, bias.as_ref(), self.spec),
            (bias, activation) => {
                let none = || Var::constant(Tensor::zeros([weight.shape()[0]]));
                x.conv2d_with(&weight, &bias.unwrap_or_else(none), activation, self.spec)
            }
        };
        let y = cx.at(&self.weight, y)?;
        cx.record(|| {
            let [outputs, inputs, height, width] = [0, 1, 2, 3].map(|i| self.weight.shape()[i]);
            let name =
                format!("Conv2d({}, {outputs}, {height}x{width})", inputs * self.spec.groups);
            let params: Vec<&Param<T>> = std::iter::once(&self.weight).chain(&self.bias).collect();
            line(name, y.shape(), &params, y.len() * inputs * height * width)
        });
        Ok(y)
    }
}
