//! A keyword network: a spoken word, recognised in its spectrogram by convolutions of each channel alone.
//!
//! ```text
//! 1 × time × bands ─ conv1 10×4, stride 2 ─ bn1 ─ relu ─ blocks ─ mean ─ fc
//! block:  3×3 each channel alone ─ norm ─ relu ─ 1×1 ─ norm ─ relu
//! ```
//!
//! A 3 × 3 convolution of `C` channels to `C` takes `9 C²` products for each place, one of each channel alone with
//! a 1 × 1 behind it `9 C + C²`. With four blocks of 64 channels it has 23,180 parameters for twelve words and fits a
//! microcontroller. (Zhang, Suda, Lai and Chandra, *Hello edge: keyword spotting on microcontrollers*, 2017,
//! section 4, DS-CNN; Howard and others, *MobileNets*, 2017, for the blocks.) The paper's input is 49 frames of 10
//! MFCCs; log-mel spectrograms do as well. Names: `conv1`, `bn1`, `blocks.I.depthwise`, `.bn1`, `.pointwise`,
//! `.bn2`, `fc`.

use gradus_autograd::Var;
use gradus_nn::{BatchNorm2d, Context, Conv2d, Dropout, GlobalAvgPool2d, Layer, Linear, Module};
use gradus_nn::{Result, Settings};
use gradus_tensor::{Activation, Float, Rng};

use crate::common::{he, images};

/// A keyword network (DS-CNN).
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::KeywordCnn;
/// use gradus_nn::{Context, Layer, ModuleExt};
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: KeywordCnn = KeywordCnn::new(12).init(&mut Rng::new(0))?;
/// assert_eq!(net.count_params(), 23_180);
/// let spectrograms = Var::from(Tensor::zeros([8, 1, 49, 10]));
/// assert_eq!(net.forward(&spectrograms, &mut Context::eval())?.shape(), [8, 12]);
/// assert_eq!(net.features(&spectrograms, &mut Context::eval())?.shape(), [8, 64]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct KeywordCnn<T: Float = f32> {
    /// 10 frames by 4 bands.
    pub conv1: Conv2d<T>,
    /// Its normalisation and ReLU.
    pub bn1: BatchNorm2d<T>,
    /// The blocks.
    pub blocks: Vec<SeparableBlock<T>>,
    /// The classes.
    pub fc: Linear<T>,
    #[module(skip)]
    dropout: Dropout,
}

/// Each channel alone, then a mixture of all.
#[derive(Debug, Clone, Module)]
pub struct SeparableBlock<T: Float = f32> {
    /// 3 × 3, each channel alone.
    pub depthwise: Conv2d<T>,
    /// Its normalisation and ReLU.
    pub bn1: BatchNorm2d<T>,
    /// 1 × 1, all channels.
    pub pointwise: Conv2d<T>,
    /// Its normalisation and ReLU.
    pub bn2: BatchNorm2d<T>,
}

/// The settings of a [`KeywordCnn`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = KeywordCnn)]
#[must_use = "a model comes of it by `init`"]
pub struct KeywordCnnBuilder {
    /// How many words there are to tell apart.
    #[at_least(1)]
    classes: usize,
    /// How many channels there are.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(64)]
    channels: usize,
    /// How many blocks there are.
    #[default(4)]
    blocks: usize,
    /// What is dropped of the features in training.
    #[in_unit]
    #[default(0.2)]
    dropout: f64,
}

impl KeywordCnnBuilder {
    /// Builds the model. Convolutions start normal with variance `2 / fan_out`.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<KeywordCnn<T>> {
        let Self { classes, channels, blocks, dropout } = self.checked()?;
        let norm = || BatchNorm2d::new(channels).activation(Activation::Relu).init();
        let conv1 = Conv2d::new(1, channels, [10, 4]).stride(2).padding([5, 1]).bias(false);
        let conv1 = conv1.init(rng)?;
        let block = |rng: &mut Rng| -> Result<SeparableBlock<T>> {
            // Each input reaches nine outputs in the first, all channels in the second.
            let alone = Conv2d::new(channels, channels, 3).padding(1).groups(channels);
            let mixed = Conv2d::new(channels, channels, 1).bias(false);
            Ok(SeparableBlock {
                depthwise: alone.bias(false).weight_init(he(3, 1)).init(rng)?,
                bn1: norm()?,
                pointwise: mixed.weight_init(he(1, channels)).init(rng)?,
                bn2: norm()?,
            })
        };
        let blocks = (0..blocks).map(|_| block(rng)).collect::<Result<_>>()?;
        let fc = Linear::new(channels, classes).init(rng)?;
        Ok(KeywordCnn { conv1, bn1: norm()?, blocks, fc, dropout: Dropout::new(dropout) })
    }
}

impl<T: Float> Layer<T> for SeparableBlock<T> {
    /// # Errors
    /// If `x` has not the block's channels.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.bn1.forward(&self.depthwise.forward(x, cx)?, cx)?;
        self.bn2.forward(&self.pointwise.forward(&x, cx)?, cx)
    }
}

impl<T: Float> KeywordCnn<T> {
    /// What the last layer reads: the mean of each channel over time and bands, `[N, channels]`.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn features(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        images("KeywordCnn", x, 1, 2)?;
        let mut x = self.bn1.forward(&self.conv1.forward(x, cx)?, cx)?;
        for block in &self.blocks {
            x = block.forward(&x, cx)?;
        }
        GlobalAvgPool2d.forward(&x, cx)
    }
}

impl<T: Float> Layer<T> for KeywordCnn<T> {
    /// Scores `[N, classes]` of spectrograms `[N, 1, time, bands]`, which are read as images are.
    ///
    /// # Errors
    /// If they have another shape, or fewer than two frames or bands.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.features(x, cx)?;
        self.fc.forward(&self.dropout.forward(&x, cx)?, cx)
    }
}
