//! Transposed convolution: each pixel is spread over the output, multiplied by the kernel, so that a stride
//! makes images larger.
//!
//! `y[n, o, i·s + a·d - p, j·s + b·d - p] += x[n, c, i, j] · W[c, o, a, b]`, plus `b[o]`. `x` is `[N, C, H, W]`,
//! `W` is `[C, O / groups, kh, kw]`, `y` is `[N, O, H', W']` with
//! `H' = (H - 1) s - p - p' + d (kh - 1) + 1 + extra`; see [`Var::conv_transpose2d`]. (Zeiler and others,
//! *Deconvolutional networks*, 2010.)

use gradus_autograd::{Param, Var};
use gradus_tensor::{Axes, Conv2dSpec, Float, Padding, Rng};

use super::conv::groups_divide;
use crate::settings::BadSetting;
use crate::{Context, Init, Layer, Module, Result, Settings};

/// A transposed convolution over images.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, ConvTranspose2d, Layer};
/// use gradus_tensor::{Rng, Tensor};
///
/// let layer: ConvTranspose2d = ConvTranspose2d::new(16, 8, 2).stride(2).init(&mut Rng::new(0))?;
/// let y = layer.forward(&Var::constant(Tensor::zeros([2, 16, 4, 4])), &mut Context::eval())?;
/// assert_eq!(y.shape(), [2, 8, 8, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct ConvTranspose2d<T: Float = f32> {
    /// `W`, of shape `[in, out / groups, kernel height, kernel width]`.
    pub weight: Param<T>,
    /// `b`, of shape `[out]`, if the layer has one.
    pub bias: Option<Param<T>>,
    #[module(skip)]
    spec: Conv2dSpec,
    #[module(skip)]
    extra: [usize; 2],
}

/// The settings of a [`ConvTranspose2d`] layer that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(
    of = ConvTranspose2d,
    torch = "nn.ConvTranspose2d",
    check = ConvTranspose2dBuilder::fits_together
)]
#[must_use = "a layer comes of it by `init`"]
pub struct ConvTranspose2dBuilder {
    /// How many channels come in.
    #[at_least(1)]
    inputs: usize,
    /// How many channels go out.
    #[at_least(1)]
    outputs: usize,
    /// The size of the kernel; one number stands for both axes.
    #[into]
    #[at_least(1)]
    kernel: Axes<2>,
    /// Pixels of the output from one pixel of the input to the next.
    #[into]
    #[at_least(1)]
    #[default(1)]
    stride: Axes<2>,
    /// What is cut off on each side: one number for all, one for each axis, or two.
    #[into]
    #[default(0)]
    padding: Padding<2>,
    /// Rows and columns that are added at the end, fewer than the stride.
    #[into]
    #[default(0)]
    extra: Axes<2>,
    /// Pixels of the output from one tap of the kernel to the next.
    #[into]
    #[at_least(1)]
    #[default(1)]
    dilation: Axes<2>,
    /// Groups of channels that do not see each other.
    #[at_least(1)]
    #[default(1)]
    groups: usize,
    /// Whether the layer adds a bias.
    #[default(true)]
    bias: bool,
    /// What the weight starts from.
    #[default(Init::FanIn)]
    weight_init: Init,
    /// What the bias starts from.
    #[unset("uniform within `±1 / √fan_in` of the weight")]
    bias_init: Option<Init>,
}

impl ConvTranspose2dBuilder {
    fn fits_together(&self) -> Result<(), BadSetting> {
        groups_divide("ConvTranspose2d", self.groups, [self.inputs, self.outputs])?;
        let ([down, across], [rows, columns]) = (self.extra.get(), self.stride.get());
        if down < rows && across < columns {
            return Ok(());
        }
        let got = format!("extra [{down}, {across}] and stride [{rows}, {columns}]");
        Err(BadSetting::new("ConvTranspose2d", got, "fewer extra than the stride"))
    }

    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a setting is outside its domain, if the groups do not
    /// divide both numbers of channels, or if `extra` is not below the stride.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<ConvTranspose2d<T>> {
        let settings = self.checked()?;
        let Self { inputs, outputs, groups, .. } = settings;
        let [height, width] = settings.kernel.get();
        let shape = [inputs, outputs / groups, height, width];
        let fan_in = shape[1..].iter().copied().fold(1, usize::saturating_mul);
        let bias_init = settings.bias_init.unwrap_or(Init::within_root_of(fan_in));
        let weight = settings.weight_init.param(&shape, rng)?;
        let bias = settings.bias.then(|| bias_init.param(&[outputs], rng)).transpose()?;
        let spec = Conv2dSpec::new().stride(settings.stride).padding(settings.padding);
        let spec = spec.dilation(settings.dilation).groups(groups);
        Ok(ConvTranspose2d { weight, bias, spec, extra: settings.extra.get() })
    }
}

impl<T: Float> Layer<T> for ConvTranspose2d<T> {
    /// # Errors
    /// If `x` has not four axes or not the layer's channels on axis 1, or if the padding leaves nothing.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let bias = self.bias.as_ref().map(Param::var);
        let y = x.conv_transpose2d(&self.weight.var(), bias.as_ref(), self.spec, self.extra);
        cx.layer(self, y, |_| {
            let [inputs, per_group, height, width] = [0, 1, 2, 3].map(|i| self.weight.shape()[i]);
            let outputs = per_group * self.spec.group_count();
            let name = format!("ConvTranspose2d({inputs}, {outputs}, {height}x{width})");
            (name, x.len() * per_group * height * width)
        })
    }
}
