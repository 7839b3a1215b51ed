//! EfficientNet: MobileNet's blocks with squeeze and excitation, and one number by which all of it grows.
//!
//! Depth, width and resolution each help less and less alone. Together, in the fixed ratio that a search on the
//! small B0 found, they go further: `depth = 1.2^φ`, `width = 1.1^φ`, `resolution = 1.15^φ`, with `1.2 · 1.1² · 1.15²
//! ≈ 2`, so that each step of `φ` costs twice the products.
//!
//! ```text
//! x ─ 1×1, C → tC ─ norm ─ silu ─ k×k each alone, stride s ─ norm ─ silu ─ squeeze, excite ─ 1×1, tC → C' ─ norm ─ (+ x)
//! ```
//!
//! | widening `t` | kernel `k` | channels | blocks | stride of the first |
//! |---|---|---|---|---|
//! | 1 | 3 | 16 | 1 | 1 |
//! | 6 | 3 | 24 | 2 | 2 |
//! | 6 | 5 | 40 | 2 | 2 |
//! | 6 | 3 | 80 | 3 | 2 |
//! | 6 | 5 | 112 | 3 | 1 |
//! | 6 | 5 | 192 | 4 | 2 |
//! | 6 | 3 | 320 | 1 | 1 |
//!
//! In front stands a 3 × 3 convolution at stride 2 to 32 channels, behind it a 1 × 1 to 1280, the mean and a linear
//! layer. `silu(x) = x / (1 + e⁻ˣ)`, also called swish. In training block `i` of `L` is left out with probability
//! `0.2 i / L` (stochastic depth). (Tan and Le, *EfficientNet: rethinking model scaling for convolutional neural
//! networks*, 2019, table 1 and section 3.3; Hu, Shen and Sun, *Squeeze-and-excitation networks*, 2018.) Names are
//! those of torchvision.

use gradus_autograd::Var;
use gradus_nn::{Context, Conv2d, Dropout, GlobalAvgPool2d, Init, Layer, Linear, Module};
use gradus_nn::{Result, Sequential, Settings};
use gradus_tensor::{Float, Rng};

use crate::common::{he, images};
use crate::filtered::{Bend, filtered, in_eights};
use crate::stochastic_depth::stochastic_depth;

/// Widening, kernel, channels, blocks, stride of the first block: a row for each stage.
const STAGES: [[usize; 5]; 7] = [
    [1, 3, 16, 1, 1],
    [6, 3, 24, 2, 2],
    [6, 5, 40, 2, 2],
    [6, 3, 80, 3, 2],
    [6, 5, 112, 3, 1],
    [6, 5, 192, 4, 2],
    [6, 3, 320, 1, 1],
];

/// EfficientNet, by default B0 with 5,288,548 parameters for 1000 classes.
///
/// `width` and `depth` make the larger ones: 1.0 and 1.1 are B1, 1.1 and 1.2 B2, 1.2 and 1.4 B3, 1.4 and 1.8 B4.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::EfficientNet;
/// use gradus_nn::{Context, Layer};
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: EfficientNet = EfficientNet::new(10).width(0.25).depth(0.5).init(&mut Rng::new(0))?;
/// let x = Var::from(Tensor::zeros([2, 3, 64, 64]));
/// assert_eq!(net.forward(&x, &mut Context::eval())?.shape(), [2, 10]);
/// assert_eq!(net.features(&x, &mut Context::eval())?.shape(), [2, 320]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct EfficientNet<T: Float = f32> {
    /// The first convolution, seven stages of blocks, the last convolution.
    pub features: Sequential<T>,
    /// Dropout, and the linear layer.
    pub classifier: (Dropout, Linear<T>),
    #[module(skip)]
    channels: usize,
}

/// The settings of an [`EfficientNet`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = EfficientNet)]
#[must_use = "a model comes of it by `init`"]
pub struct EfficientNetBuilder {
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
    /// By how much the stages have more or fewer blocks than in the table; parts of a block are rounded up.
    #[above(0)]
    #[at_most(16)]
    #[default(1.0)]
    depth: f64,
    /// What is dropped of the features in training.
    #[in_unit]
    #[default(0.2)]
    dropout: f64,
    /// With which probability a block behind the last one would be left out in training; for each block it is
    /// smaller, down to 0 for the first.
    #[in_unit]
    #[default(0.2)]
    stochastic_depth: f64,
}

impl EfficientNetBuilder {
    /// Builds the model. Convolutions start normal with variance `2 / fan_out`.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<EfficientNet<T>> {
        let Self { classes, channels, width, depth, dropout, stochastic_depth } = self.checked()?;
        let blocks_of = |blocks: usize| (blocks as f64 * depth).ceil() as usize;
        let total: usize = STAGES.iter().map(|stage| blocks_of(stage[3])).sum();
        let mut inputs = in_eights(32.0 * width);
        let first = filtered([channels, inputs], 3, Bend::Silu).stride(2).init(rng)?;
        let (mut features, mut done) = (Sequential::new().push(first), 0);
        for [widening, kernel, outputs, blocks, stride] in STAGES {
            let outputs = in_eights(outputs as f64 * width);
            let mut stage = Sequential::new();
            for i in 0..blocks_of(blocks) {
                let stride = if i == 0 { stride } else { 1 };
                let p = stochastic_depth * done as f64 / total as f64;
                stage =
                    stage.push(MbConv::new([inputs, outputs], widening, [kernel, stride], p, rng)?);
                (inputs, done) = (outputs, done + 1);
            }
            features = features.push(stage);
        }
        let last = 4 * inputs;
        let bound = 1.0 / (classes as f64).sqrt();
        let head = Linear::new(last, classes).weight_init(Init::Uniform(-bound, bound));
        let head = head.bias_init(Init::Constant(0.0)).init(rng)?;
        Ok(EfficientNet {
            features: features.push(filtered([inputs, last], 1, Bend::Silu).init(rng)?),
            classifier: (Dropout::new(dropout), head),
            channels,
        })
    }
}

/// An inverted residual, whose channels are weighed by what is in the whole picture.
#[derive(Debug, Clone, Module)]
struct MbConv<T: Float = f32> {
    block: Sequential<T>,
    #[module(skip)]
    adds: bool,
    /// With which probability the block is left out in training.
    #[module(skip)]
    p: f64,
}

impl<T: Float> MbConv<T> {
    fn new(
        [inputs, outputs]: [usize; 2],
        widening: usize,
        [kernel, stride]: [usize; 2],
        p: f64,
        rng: &mut Rng,
    ) -> Result<Self> {
        let wide = in_eights((inputs * widening) as f64);
        let mut block = Sequential::new();
        if wide != inputs {
            block = block.push(filtered([inputs, wide], 1, Bend::Silu).init(rng)?);
        }
        let each_alone = filtered([wide, wide], kernel, Bend::Silu).stride(stride).groups(wide);
        let block = block
            .push(each_alone.init(rng)?)
            .push(SqueezeExcitation::new(wide, (inputs / 4).max(1), rng)?)
            .push(filtered([wide, outputs], 1, Bend::None).init(rng)?);
        Ok(Self { block, adds: stride == 1 && inputs == outputs, p })
    }
}

impl<T: Float> Layer<T> for MbConv<T> {
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = self.block.forward(x, cx)?;
        if self.adds { Ok(stochastic_depth(y, self.p, cx)?.add(x)?) } else { Ok(y) }
    }
}

/// `x · sigmoid(W₂ silu(W₁ mean(x)))`: each channel times a number from 0 to 1, to which the means of all channels
/// lead through a narrow layer.
#[derive(Debug, Clone, Module)]
struct SqueezeExcitation<T: Float = f32> {
    /// `W₁` and a bias, as a convolution of 1 × 1.
    fc1: Conv2d<T>,
    /// `W₂` and a bias.
    fc2: Conv2d<T>,
}

impl<T: Float> SqueezeExcitation<T> {
    fn new(channels: usize, narrow: usize, rng: &mut Rng) -> Result<Self> {
        let mut conv = |inputs, outputs| {
            let conv = Conv2d::new(inputs, outputs, 1).weight_init(he(1, outputs));
            conv.bias_init(Init::Constant(0.0)).init(rng)
        };
        Ok(Self { fc1: conv(channels, narrow)?, fc2: conv(narrow, channels)? })
    }
}

impl<T: Float> Layer<T> for SqueezeExcitation<T> {
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let means = x.mean_axes(&[2, 3], true)?;
        let weights = self.fc2.forward(&self.fc1.forward(&means, cx)?.silu(), cx)?.sigmoid();
        Ok(x.mul(&weights)?)
    }
}

impl<T: Float> EfficientNet<T> {
    /// What the linear layer reads: the mean of each of the 1280 channels.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn features(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        images("EfficientNet", x, self.channels, 1)?;
        GlobalAvgPool2d.forward(&self.features.forward(x, cx)?, cx)
    }
}

impl<T: Float> Layer<T> for EfficientNet<T> {
    /// Scores `[N, classes]` of images `[N, channels, H, W]` of any size; B0 was made for 224 × 224.
    ///
    /// # Errors
    /// If the images have other channels or no pixels, or, in training, if a channel of the last layers has one
    /// value in all (one picture of 32 × 32 pixels, say), which has no variance.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.features(x, cx)?;
        let (dropout, linear) = &self.classifier;
        linear.forward(&dropout.forward(&x, cx)?, cx)
    }
}
