//! MobileNetV2: convolutions in which every channel is filtered alone, for small machines.
//!
//! A 3 × 3 convolution over `C` to `C` channels takes `9 C²` products for each pixel. Here each channel has
//! a 3 × 3 filter of its own (`9 C`), and 1 × 1 convolutions mix them: an *inverted residual* widens `C`
//! channels to `t C`, filters, and narrows them again, with no ReLU on the narrow side, where it would lose
//! what the few channels carry.
//!
//! ```text
//! x ─ 1×1, C → tC ─ norm ─ relu6 ─ 3×3 each alone, stride s ─ norm ─ relu6 ─ 1×1, tC → C' ─ norm ─ (+ x)
//! ```
//!
//! | widening `t` | channels | blocks | stride of the first |
//! |---|---|---|---|
//! | 1 | 16 | 1 | 1 |
//! | 6 | 24 | 2 | 2 |
//! | 6 | 32 | 3 | 2 |
//! | 6 | 64 | 4 | 2 |
//! | 6 | 96 | 3 | 1 |
//! | 6 | 160 | 3 | 2 |
//! | 6 | 320 | 1 | 1 |
//!
//! In front stands a 3 × 3 convolution at stride 2 to 32 channels, behind it a 1 × 1 to 1280, the mean and a
//! linear layer. `relu6(x) = min(max(x, 0), 6)`. (Sandler, Howard, Zhu, Zhmoginov and Chen, *MobileNetV2:
//! inverted residuals and linear bottlenecks*, 2018, table 2.) Names are those of torchvision.

use gradus_autograd::Var;
use gradus_nn::{BatchNorm2d, Context, Conv2d, Dropout, GlobalAvgPool2d, Layer, Linear, Module};
use gradus_nn::{Result, Sequential, Settings};
use gradus_tensor::{Float, Rng};

use crate::common::{he, images};
use crate::filtered::{Bend, filtered, in_eights};

/// Widening, channels, blocks, stride of the first block: a row for each stage.
const STAGES: [[usize; 4]; 7] = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
];

/// MobileNetV2, with 3,504,872 parameters for 1000 classes.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::MobileNetV2;
/// use gradus_nn::{Context, Layer};
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: MobileNetV2 = MobileNetV2::new(10).width(0.25).init(&mut Rng::new(0))?;
/// let x = Var::from(Tensor::zeros([2, 3, 64, 64]));
/// assert_eq!(net.forward(&x, &mut Context::eval())?.shape(), [2, 10]);
/// assert_eq!(net.features(&x, &mut Context::eval())?.shape(), [2, 1280]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct MobileNetV2<T: Float = f32> {
    /// The convolutions: the first, 17 inverted residuals, the last.
    pub features: Sequential<T>,
    /// Dropout, and the linear layer.
    pub classifier: (Dropout, Linear<T>),
    #[module(skip)]
    channels: usize,
}

/// The settings of a [`MobileNetV2`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = MobileNetV2)]
#[must_use = "a model comes of it by `init`"]
pub struct MobileNetV2Builder {
    /// How many classes there are.
    #[at_least(1)]
    classes: usize,
    /// How many channels a picture has.
    #[at_least(1)]
    #[default(3)]
    channels: usize,
    /// By how much all layers are wider or narrower than in the table.
    #[above(0)]
    #[at_most(16)]
    #[default(1.0)]
    width: f64,
    /// What is dropped of the features in training.
    #[in_unit]
    #[default(0.2)]
    dropout: f64,
}

impl MobileNetV2Builder {
    /// Builds the model. Convolutions start normal with variance `2 / fan_out`.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<MobileNetV2<T>> {
        let Self { classes, channels, width, dropout } = self.checked()?;
        let mut inputs = in_eights(32.0 * width);
        let first = filtered([channels, inputs], 3, Bend::Relu6).stride(2).init(rng)?;
        let mut features = Sequential::new().push(first);
        for [widening, outputs, blocks, stride] in STAGES {
            let outputs = in_eights(outputs as f64 * width);
            for i in 0..blocks {
                let stride = if i == 0 { stride } else { 1 };
                let block = InvertedResidual::new([inputs, outputs], widening, stride, rng)?;
                features = features.push(block);
                inputs = outputs;
            }
        }
        let last = in_eights(1280.0 * width.max(1.0));
        let init = gradus_nn::Init::Normal(0.0, 0.01);
        let zero = gradus_nn::Init::Constant(0.0);
        let head = Linear::new(last, classes).weight_init(init).bias_init(zero).init(rng)?;
        Ok(MobileNetV2 {
            features: features.push(filtered([inputs, last], 1, Bend::Relu6).init(rng)?),
            classifier: (Dropout::new(dropout), head),
            channels,
        })
    }
}

/// Wide inside and narrow outside.
#[derive(Debug, Clone, Module)]
struct InvertedResidual<T: Float = f32> {
    conv: Sequential<T>,
    #[module(skip)]
    adds: bool,
}

impl<T: Float> InvertedResidual<T> {
    fn new(
        [inputs, outputs]: [usize; 2],
        widening: usize,
        stride: usize,
        rng: &mut Rng,
    ) -> Result<Self> {
        let wide = widening * inputs;
        let mut conv = Sequential::new();
        if widening > 1 {
            conv = conv.push(filtered([inputs, wide], 1, Bend::Relu6).init(rng)?);
        }
        let narrow = Conv2d::new(wide, outputs, 1).bias(false).weight_init(he(1, outputs));
        let conv = conv
            .push(filtered([wide, wide], 3, Bend::Relu6).stride(stride).groups(wide).init(rng)?)
            .push(narrow.init(rng)?)
            .push(BatchNorm2d::new(outputs).init()?);
        Ok(Self { conv, adds: stride == 1 && inputs == outputs })
    }
}

impl<T: Float> Layer<T> for InvertedResidual<T> {
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = self.conv.forward(x, cx)?;
        if self.adds { Ok(y.add(x)?) } else { Ok(y) }
    }
}

impl<T: Float> MobileNetV2<T> {
    /// What the linear layer reads: the mean of each of the 1280 channels.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn features(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        images("MobileNetV2", x, self.channels, 1)?;
        GlobalAvgPool2d.forward(&self.features.forward(x, cx)?, cx)
    }
}

impl<T: Float> Layer<T> for MobileNetV2<T> {
    /// Scores `[N, classes]` of images `[N, channels, H, W]` of any size.
    ///
    /// # Errors
    /// If the images have other channels or no pixels, or, in training, if a channel of the last layer has
    /// one value in all (one picture of 32 × 32 pixels, say), which has no variance.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.features(x, cx)?;
        let (dropout, linear) = &self.classifier;
        linear.forward(&dropout.forward(&x, cx)?, cx)
    }
}
