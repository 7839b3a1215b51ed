//! U-Net: a score for every pixel, from what stands far around it and from the pixel itself.
//!
//! ```text
//! image ─ down.0 ──────────────────────────────────────── + ─ up.2 ─ head ─ classes × H × W
//!           └ max 2×2 ─ down.1 ────────────────── + ─ up.1 ┘
//!                          └ max 2×2 ─ down.2 ── + ─ up.0 ┘
//!                                        └ max 2×2 ─ bottom ┘
//! ```
//!
//! Going down, images halve and channels double: each number knows more of what is around, and less of where
//! it is. Going up, a transposed convolution doubles the image, and the channels of the same size from the way
//! down are set beside it (`+`), which know where. Every block is twice 3 × 3, normalisation, ReLU.
//!
//! The paper's convolutions had no padding, so its result was smaller than the image, and no normalisation;
//! here, as in most programs since, sizes stay. (Ronneberger, Fischer and Brox, *U-Net: convolutional networks
//! for biomedical image segmentation*, 2015, figure 1.)
//!
//! Neither torchvision nor Hugging Face has it. Names here: `down.I`, `bottom` and `up.I.conv`, each with
//! `conv1`, `bn1`, `conv2`, `bn2`; `up.I.up`; `head`.

use gradus_autograd::Var;
use gradus_nn::{BatchNorm2d, Context, Conv2d, ConvTranspose2d, Error, Layer, MaxPool2d, Module};
use gradus_nn::{Result, Settings};
use gradus_tensor::{Activation, Float, Rng};

use crate::common::{he, images};

/// A U-Net.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::UNet;
/// use gradus_nn::{Context, Layer};
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: UNet = UNet::new(1, 3).width(8).depth(2).init(&mut Rng::new(0))?;
/// let x = Var::from(Tensor::zeros([2, 1, 20, 28]));
/// assert_eq!(net.forward(&x, &mut Context::eval())?.shape(), [2, 3, 20, 28]);
/// assert_eq!(net.features(&x, &mut Context::eval())?.shape(), [2, 8, 20, 28]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct UNet<T: Float = f32> {
    /// The way down, the largest images first.
    pub down: Vec<UNetBlock<T>>,
    /// The block at the bottom.
    pub bottom: UNetBlock<T>,
    /// The way up, the smallest images first.
    pub up: Vec<UNetUp<T>>,
    /// 1 × 1 to the classes.
    pub head: Conv2d<T>,
    #[module(skip)]
    channels: usize,
}

/// Twice 3 × 3, normalisation, ReLU.
#[derive(Debug, Clone, Module)]
pub struct UNetBlock<T: Float = f32> {
    /// The first convolution.
    pub conv1: Conv2d<T>,
    /// Its normalisation and ReLU.
    pub bn1: BatchNorm2d<T>,
    /// The second convolution.
    pub conv2: Conv2d<T>,
    /// Its normalisation and ReLU.
    pub bn2: BatchNorm2d<T>,
}

/// A step of the way up.
#[derive(Debug, Clone, Module)]
pub struct UNetUp<T: Float = f32> {
    /// Doubles the image and halves the channels.
    pub up: ConvTranspose2d<T>,
    /// Reads both.
    pub conv: UNetBlock<T>,
}

/// The settings of a [`UNet`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = UNet)]
#[must_use = "a model comes of it by `init`"]
pub struct UNetBuilder {
    /// How many channels a picture has.
    #[at_least(1)]
    #[at_most(65536)]
    channels: usize,
    /// How many scores a pixel gets.
    #[at_least(1)]
    #[at_most(65536)]
    classes: usize,
    /// How many channels the first block has.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(64)]
    width: usize,
    /// How many times the image is halved.
    #[at_most(16)]
    #[default(4)]
    depth: usize,
}

impl UNetBuilder {
    /// Builds the model. Convolutions start normal with variance `2 / fan_out`.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<UNet<T>> {
        let Self { channels, classes, width, depth } = self.checked()?;
        let mut down = Vec::new();
        let mut inputs = channels;
        for i in 0..depth {
            down.push(UNetBlock::new([inputs, width << i], rng)?);
            inputs = width << i;
        }
        let bottom = UNetBlock::new([inputs, width << depth], rng)?;
        let up = |width| -> Result<UNetUp<T>> {
            let up = ConvTranspose2d::new(2 * width, width, 2).stride(2).init(rng)?;
            Ok(UNetUp { up, conv: UNetBlock::new([2 * width, width], rng)? })
        };
        let up = (0..depth).rev().map(|i| width << i).map(up).collect::<Result<_>>()?;
        let head = Conv2d::new(width, classes, 1).init(rng)?;
        Ok(UNet { down, bottom, up, head, channels })
    }
}

impl<T: Float> UNetBlock<T> {
    fn new([inputs, outputs]: [usize; 2], rng: &mut Rng) -> Result<Self> {
        let mut conv = |inputs| {
            let conv = Conv2d::new(inputs, outputs, 3).padding(1).bias(false);
            conv.weight_init(he(3, outputs)).init(rng)
        };
        let norm = || BatchNorm2d::new(outputs).activation(Activation::Relu).init();
        Ok(Self { conv1: conv(inputs)?, bn1: norm()?, conv2: conv(outputs)?, bn2: norm()? })
    }
}

impl<T: Float> Layer<T> for UNetBlock<T> {
    /// # Errors
    /// If `x` has not the block's channels.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.bn1.forward(&self.conv1.forward(x, cx)?, cx)?;
        self.bn2.forward(&self.conv2.forward(&x, cx)?, cx)
    }
}

impl<T: Float> UNet<T> {
    /// What the head reads of each pixel, `[N, width, H, W]`.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn features(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let part = 1 << self.down.len();
        let [.., height, width] = images("UNet", x, self.channels, part)?;
        if !height.is_multiple_of(part) || !width.is_multiple_of(part) {
            let got = format!("pictures of {height} × {width} pixels");
            let halved = self.down.len();
            let wanted = format!("multiples of {part}: they are halved {halved} times");
            return Err(Error::setting("UNet", got, wanted));
        }
        let mut x = x.clone();
        let mut skips = Vec::new();
        for block in &self.down {
            let y = block.forward(&x, cx)?;
            x = MaxPool2d::new(2).forward(&y, cx)?;
            skips.push(y);
        }
        x = self.bottom.forward(&x, cx)?;
        for (step, skip) in self.up.iter().zip(skips.iter().rev()) {
            let larger = step.up.forward(&x, cx)?;
            x = step.conv.forward(&Var::concat(&[skip, &larger], 1)?, cx)?;
        }
        Ok(x)
    }
}

impl<T: Float> Layer<T> for UNet<T> {
    /// Scores `[N, classes, H, W]` of images `[N, channels, H, W]`.
    ///
    /// # Errors
    /// If the images have other channels, or their sides are no multiples of `2^depth`.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.features(x, cx)?;
        self.head.forward(&x, cx)
    }
}
