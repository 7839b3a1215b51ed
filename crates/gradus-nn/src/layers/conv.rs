//! Convolution: the same small weighted sum at every place of an image or a sequence.
//!
//! `y[n, o, i, j] = b[o] + Σ_{c, a, b} W[o, c, a, b] · x[n, c, i·s + a·d - p, j·s + b·d - p]` with
//! stride `s`, padding `p` and dilation `d`. `x` is `[N, C, H, W]`, `W` is `[O, C / groups, kh,
//! kw]`, `y` is `[N, O, H', W']` with `H' = (H + p + p' - d (kh - 1) - 1) / s + 1` for the padding `p` before
//! and `p'` after; sequences have one axis less.
//! (LeCun and others, *Gradient-based learning applied to document recognition*, 1998.)

use gradus_autograd::{Param, Var};
use gradus_tensor::{
    Activation, Axes, ConvSpec, Float, Padding, PerActivation, Rng, Tensor,
};

use crate::settings::BadSetting;
use crate::{Context, Init, Layer, Module, Result, Settings};

/// A convolutional layer over `D` axes behind the channels: see [`Conv1d`] and [`Conv2d`].
#[derive(Debug, Clone, Module)]
pub struct Conv<const D: usize, T: Float = f32> {
    /// `W`, of shape `[out, in / groups, kernel…]`.
    pub weight: Param<T>,
    /// `b`, of shape `[out]`, if the layer has one.
    pub bias: Option<Param<T>>,
    #[module(skip)]
    pub(super) spec: ConvSpec<D>,
    #[module(skip)]
    pub(super) activation: Activation,
}

/// A convolutional layer over sequences `[N, C, L]`.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Conv1d, Layer};
/// use gradus_tensor::{Rng, Tensor};
///
/// // Each output sees itself and two before it, and nothing of the future.
/// let layer: Conv1d = Conv1d::new(8, 16, 3).padding([[2, 0]]).init(&mut Rng::new(0))?;
/// let y = layer.forward(&Var::constant(Tensor::zeros([2, 8, 50])), &mut Context::eval())?;
/// assert_eq!(y.shape(), [2, 16, 50]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub type Conv1d<T = f32> = Conv<1, T>;

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
pub type Conv2d<T = f32> = Conv<2, T>;

/// For each number of axes, the name of the layer.
const NAMES: [&str; 4] = ["Conv0d", "Conv1d", "Conv2d", "Conv3d"];
/// And that of its like in PyTorch.
const TORCH: [&str; 4] = ["", "nn.Conv1d", "nn.Conv2d", "nn.Conv3d"];

/// The settings of a [`Conv`] layer that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Conv, name = NAMES[D], torch = TORCH[D], check = ConvBuilder::groups_divide)]
#[must_use = "a layer comes of it by `init`"]
pub struct ConvBuilder<const D: usize> {
    /// How many channels come in.
    #[at_least(1)]
    inputs: usize,
    /// How many channels go out.
    #[at_least(1)]
    outputs: usize,
    /// The size of the kernel; one number stands for all axes.
    #[into]
    #[at_least(1)]
    kernel: Axes<D>,
    /// Elements from one output to the next.
    #[into]
    #[at_least(1)]
    #[default(1)]
    stride: Axes<D>,
    /// Zeros before the first and after the last element: one number for all, one for each axis, or two.
    #[into]
    #[default(0)]
    padding: Padding<D>,
    /// Elements from one tap of the kernel to the next.
    #[into]
    #[at_least(1)]
    #[default(1)]
    dilation: Axes<D>,
    /// Groups of channels that do not see each other. As many groups as channels is a depthwise convolution.
    #[at_least(1)]
    #[default(1)]
    groups: usize,
    /// What follows in the same pass over memory.
    #[default(Activation::Identity)]
    activation: Activation,
    /// Whether the layer adds a bias.
    #[default(true)]
    bias: bool,
    /// What the weight starts from.
    #[default(Init::FanIn)]
    weight_init: Init,
    /// What the bias starts from.
    #[unset("uniform within `±1 / √fan_in`")]
    bias_init: Option<Init>,
}

impl<const D: usize> ConvBuilder<D> {
    fn groups_divide(&self) -> Result<(), BadSetting> {
        groups_divide(NAMES[D], self.groups, [self.inputs, self.outputs])
    }

    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a setting is outside its domain, or if the groups do
    /// not divide both numbers of channels.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Conv<D, T>> {
        let settings = self.checked()?;
        let Self { inputs, outputs, groups, activation, .. } = settings;
        let mut shape = vec![outputs, inputs / groups];
        shape.extend(settings.kernel.get());
        let fan_in = shape[1..].iter().copied().fold(1, usize::saturating_mul);
        let bias_init = settings.bias_init.unwrap_or(Init::within_root_of(fan_in));
        let weight = settings.weight_init.param(&shape, rng)?;
        let bias = settings.bias.then(|| bias_init.param(&[outputs], rng)).transpose()?;
        let spec = ConvSpec::new().stride(settings.stride).padding(settings.padding);
        let spec = spec.dilation(settings.dilation).groups(groups);
        Ok(Conv { weight, bias, spec, activation })
    }
}

/// Whether groups of channels come out even.
pub(super) fn groups_divide(
    layer: &str,
    groups: usize,
    [inputs, outputs]: [usize; 2],
) -> Result<(), BadSetting> {
    if inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups) {
        return Ok(());
    }
    let got = format!("{groups} groups for {inputs} to {outputs} channels");
    Err(BadSetting::new(layer, got, "a number that divides both"))
}

impl<const D: usize, T: Float> Conv<D, T> {
    /// The name and the multiplications, for a summary.
    fn cost(&self, y: &Var<T>) -> (String, usize) {
        let (outputs, inputs) = (self.weight.shape()[0], self.weight.shape()[1]);
        let kernel = &self.weight.shape()[2..];
        let sizes: Vec<String> = kernel.iter().map(usize::to_string).collect();
        let (channels, sizes) = (inputs * self.spec.group_count(), sizes.join("x"));
        let name = format!("{}({channels}, {outputs}, {sizes})", NAMES[D]);
        (name, y.len() * inputs * kernel.iter().product::<usize>())
    }
}

impl<T: Float> Layer<T> for Conv<1, T> {
    /// # Errors
    /// If `x` has not three axes, not the layer's channels on axis 1, or is smaller than the kernel.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.conv1d(&self.weight.var(), bias.as_ref(), self.spec);
        let none: fn(&Var<T>) -> Var<T> = Var::clone;
        let then = PerActivation { identity: none, relu: Var::relu };
        let y = y.map(|y| self.activation.pick(then)(&y));
        cx.layer(self, y, |y| self.cost(y))
    }
}

impl<T: Float> Layer<T> for Conv<2, T> {
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
        cx.layer(self, y, |y| self.cost(y))
    }
}
