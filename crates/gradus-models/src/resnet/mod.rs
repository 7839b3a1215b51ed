//! ResNet: blocks that add to what they are given, so that a hundred of them can be trained.
//!
//! | depth | block | blocks of the four stages | parameters for 1000 classes |
//! |---|---|---|---|
//! | 18 | basic | 2, 2, 2, 2 | 11,689,512 |
//! | 34 | basic | 3, 4, 6, 3 | 21,797,672 |
//! | 50 | bottleneck | 3, 4, 6, 3 | 25,557,032 |
//! | 101 | bottleneck | 3, 4, 23, 3 | 44,549,160 |
//! | 152 | bottleneck | 3, 8, 36, 3 | 60,192,808 |
//!
//! ```text
//! image ─ conv1 7×7, stride 2 ─ bn1 ─ relu ─ max 3×3, stride 2 ─ layer1 … layer4 ─ mean ─ fc
//! ```
//!
//! The stages work on 64, 128, 256 and 512 channels, and each but the first halves the image. For
//! pictures of 32 × 32 pixels the beginning is one 3 × 3 convolution at stride 1 and no pooling, so that
//! they are not worn down to one pixel at once. (He, Zhang, Ren and Sun, *Deep residual learning for
//! image recognition*, 2016, table 1 and section 4.2.) Names are those of torchvision.

mod block;

pub use block::ResBlock;

use gradus_autograd::Var;
use gradus_nn::{BatchNorm2d, Context, Conv2d, GlobalAvgPool2d, Layer, Linear, MaxPool2d};
use gradus_nn::{Module, Result, Settings, settings::BadSetting};
use gradus_tensor::{Activation, Float, Rng};

use crate::common::{he, images};

/// A residual network.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::ResNet;
/// use gradus_nn::{Context, Layer, Linear, ModuleExt};
/// use gradus_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::new(0);
/// let mut net: ResNet = ResNet::new(18, 10).small_images(true).width(8).init(&mut rng)?;
/// let x = Var::from(Tensor::zeros([2, 3, 32, 32]));
/// assert_eq!(net.forward(&x, &mut Context::eval())?.shape(), [2, 10]);
///
/// // Transfer: the body stays, and another head learns.
/// net.freeze("");
/// let head: Linear = Linear::new(64, 3).init(&mut rng)?;
/// let y = head.forward(&net.features(&x, &mut Context::eval())?, &mut Context::train(0))?;
/// assert_eq!(y.sum().backward()?.len(), 2);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct ResNet<T: Float = f32> {
    /// The first convolution.
    pub conv1: Conv2d<T>,
    /// Its normalisation and ReLU.
    pub bn1: BatchNorm2d<T>,
    /// Blocks at the full size of what comes out of the beginning.
    pub layer1: Vec<ResBlock<T>>,
    /// Blocks at a half of it.
    pub layer2: Vec<ResBlock<T>>,
    /// At a quarter.
    pub layer3: Vec<ResBlock<T>>,
    /// At an eighth.
    pub layer4: Vec<ResBlock<T>>,
    /// The linear layer at the end.
    pub fc: Linear<T>,
    #[module(skip)]
    channels: usize,
    #[module(skip)]
    small_images: bool,
}

/// The settings of a [`ResNet`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = ResNet, check = ResNetBuilder::depth_is_known)]
#[must_use = "a model comes of it by `init`"]
pub struct ResNetBuilder {
    /// How many layers have weights: 18, 34, 50, 101 or 152.
    depth: usize,
    /// How many classes there are.
    #[at_least(1)]
    classes: usize,
    /// How many channels a picture has.
    #[at_least(1)]
    #[default(3)]
    channels: usize,
    /// On how many channels the first stage works.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(64)]
    width: usize,
    /// Whether pictures are small, as those of CIFAR: a beginning that keeps their size.
    #[default(false)]
    small_images: bool,
}

impl ResNetBuilder {
    /// The blocks of each stage, and whether they are bottlenecks.
    fn stages(&self) -> Option<([usize; 4], bool)> {
        Some(match self.depth {
            18 => ([2, 2, 2, 2], false),
            34 => ([3, 4, 6, 3], false),
            50 => ([3, 4, 6, 3], true),
            101 => ([3, 4, 23, 3], true),
            152 => ([3, 8, 36, 3], true),
            _ => return None,
        })
    }

    fn depth_is_known(&self) -> Result<(), BadSetting> {
        self.known().map(|_| ())
    }

    fn known(&self) -> Result<([usize; 4], bool), BadSetting> {
        let got = || format!("depth {}", self.depth);
        self.stages().ok_or_else(|| BadSetting::new("ResNet", got(), "18, 34, 50, 101 or 152"))
    }

    /// Builds the model. Convolutions start normal with variance `2 / fan_out`.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<ResNet<T>> {
        let Self { classes, channels, width, small_images, .. } = self.checked()?;
        let (blocks, bottleneck) = self.known()?;
        let (kernel, stride) = if small_images { (3, 1) } else { (7, 2) };
        let conv1 = Conv2d::new(channels, width, kernel).stride(stride).padding(kernel / 2);
        let conv1 = conv1.bias(false).weight_init(he(kernel, width)).init(rng)?;
        let mut inputs = width;
        let mut stage = |i: usize| -> Result<Vec<ResBlock<T>>> {
            let width = width << i;
            let block = |j: usize| {
                let stride = if i > 0 && j == 0 { 2 } else { 1 };
                let block = ResBlock::new([inputs, width], stride, bottleneck, rng);
                inputs = if bottleneck { 4 * width } else { width };
                block
            };
            (0..blocks[i]).map(block).collect()
        };
        let [layer1, layer2, layer3, layer4] = [stage(0)?, stage(1)?, stage(2)?, stage(3)?];
        Ok(ResNet {
            conv1,
            bn1: BatchNorm2d::new(width).activation(Activation::Relu).init()?,
            layer1,
            layer2,
            layer3,
            layer4,
            fc: Linear::new(inputs, classes).init(rng)?,
            channels,
            small_images,
        })
    }
}

impl<T: Float> ResNet<T> {
    /// What the linear layer reads: the mean over the image of each channel of the last stage, 512 of them
    /// (2048 from depth 50 on) at the usual width.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn features(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.feature_map(x, cx)?;
        GlobalAvgPool2d.forward(&x, cx)
    }

    /// The last stage's channels as images, `[N, C, H / 32, W / 32]`, rounded up (`H / 8` for small
    /// images): what a Grad-CAM weighs.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn feature_map(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        images("ResNet", x, self.channels, 1)?;
        let mut x = self.bn1.forward(&self.conv1.forward(x, cx)?, cx)?;
        if !self.small_images {
            x = MaxPool2d::new(3).stride(2).padding(1).forward(&x, cx)?;
        }
        for block in [&self.layer1, &self.layer2, &self.layer3, &self.layer4].into_iter().flatten()
        {
            x = block.forward(&x, cx)?;
        }
        Ok(x)
    }
}

impl<T: Float> Layer<T> for ResNet<T> {
    /// Scores `[N, classes]` of images `[N, channels, H, W]` of any size.
    ///
    /// # Errors
    /// If the images have other channels or no pixels, or, in training, if a channel of the last stage has
    /// one value in all (one picture of 32 × 32 pixels, say), which has no variance.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.features(x, cx)?;
        self.fc.forward(&x, cx)
    }
}
