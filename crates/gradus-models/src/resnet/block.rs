//! The block of a residual network: `y = relu(x + F(x))`.
//!
//! ```text
//! basic:       x ─ 3×3, s ─ norm ─ relu ─ 3×3 ─ norm ─ + ─ relu
//! bottleneck:  x ─ 1×1 ─ norm ─ relu ─ 3×3, s ─ norm ─ relu ─ 1×1 ─ norm ─ + ─ relu
//!              └───────────── 1×1, s ─ norm, where the shape changes ──────┘
//! ```
//!
//! Where nothing is better than nothing, `F` only has to become zero, and gradients reach `x` through
//! the sum undiminished. A bottleneck does its 3 × 3 products on a quarter of the channels. Its stride
//! stands in the 3 × 3 layer, as in torchvision, and not in the first as in the paper.
//! (He, Zhang, Ren and Sun, *Deep residual learning for image recognition*, 2016, figure 5.)

use gradus_autograd::Var;
use gradus_nn::{BatchNorm2d, Context, Conv2d, Layer, Module, Result};
use gradus_tensor::{Activation, Float, Rng};

use crate::common::he;

/// A block of two convolutions (basic) or three (bottleneck).
#[derive(Debug, Clone, Module)]
pub struct ResBlock<T: Float = f32> {
    /// The first convolution.
    pub conv1: Conv2d<T>,
    /// Its normalisation and ReLU.
    pub bn1: BatchNorm2d<T>,
    /// The second convolution.
    pub conv2: Conv2d<T>,
    /// Its normalisation and ReLU, before which a basic block adds `x`.
    pub bn2: BatchNorm2d<T>,
    /// The third convolution of a bottleneck.
    pub conv3: Option<Conv2d<T>>,
    /// Its normalisation and ReLU, before which a bottleneck adds `x`.
    pub bn3: Option<BatchNorm2d<T>>,
    /// What brings `x` to the shape of `F(x)`, if it has another.
    pub downsample: Option<(Conv2d<T>, BatchNorm2d<T>)>,
}

impl<T: Float> ResBlock<T> {
    /// A block that takes `inputs` channels, works on `width` and gives `width`, or four times as many
    /// if it is a bottleneck.
    pub(super) fn new(
        [inputs, width]: [usize; 2],
        stride: usize,
        bottleneck: bool,
        rng: &mut Rng,
    ) -> Result<Self> {
        let mut conv = |inputs, outputs, kernel: usize, stride: usize| {
            let conv = Conv2d::new(inputs, outputs, kernel).stride(stride).padding(kernel / 2);
            conv.bias(false).weight_init(he(kernel, outputs)).init(rng)
        };
        let norm = |channels| BatchNorm2d::new(channels).activation(Activation::Relu).init();
        let outputs = if bottleneck { 4 * width } else { width };
        let (conv1, conv2) = match bottleneck {
            true => (conv(inputs, width, 1, 1)?, conv(width, width, 3, stride)?),
            false => (conv(inputs, width, 3, stride)?, conv(width, width, 3, 1)?),
        };
        let conv3 = bottleneck.then(|| conv(width, outputs, 1, 1)).transpose()?;
        let bn3 = bottleneck.then(|| norm(outputs)).transpose()?;
        let downsample = match stride != 1 || inputs != outputs {
            true => Some((conv(inputs, outputs, 1, stride)?, BatchNorm2d::new(outputs).init()?)),
            false => None,
        };
        Ok(Self { conv1, bn1: norm(width)?, conv2, bn2: norm(width)?, conv3, bn3, downsample })
    }
}

impl<T: Float> Layer<T> for ResBlock<T> {
    /// # Errors
    /// If `x` has not the block's channels.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let shortcut = match &self.downsample {
            Some((conv, norm)) => norm.forward(&conv.forward(x, cx)?, cx)?,
            None => x.clone(),
        };
        let y = self.bn1.forward(&self.conv1.forward(x, cx)?, cx)?;
        let y = self.conv2.forward(&y, cx)?;
        match (&self.conv3, &self.bn3) {
            (Some(conv3), Some(bn3)) => {
                let y = conv3.forward(&self.bn2.forward(&y, cx)?, cx)?;
                bn3.forward_add(&y, &shortcut, cx)
            }
            _ => self.bn2.forward_add(&y, &shortcut, cx),
        }
    }
}
