//! A residual network for small pictures, written out: `x ↦ relu(x + F(x))` twice, at half and at a quarter of the size.
//!
//! | layer | output for 28 × 28 pixels, width 32 |
//! |---|---|
//! | conv 3 × 3, normalise, ReLU | `[N, 32, 28, 28]` |
//! | conv 3 × 3 at stride 2, normalise, ReLU | `[N, 64, 14, 14]` |
//! | block: `x + F(x)` with two convolutions | `[N, 64, 14, 14]` |
//! | conv 3 × 3 at stride 2, normalise, ReLU | `[N, 128, 7, 7]` |
//! | block | `[N, 128, 7, 7]` |
//! | mean over the places, linear | `[N, classes]` |

use gradus::prelude::*;

/// `width` channels at full size, twice as many at a half, four times as many at a quarter.
#[derive(Module)]
pub struct Small {
    /// What looks at the pixels.
    pub start: Conv2d,
    start_norm: BatchNorm2d,
    down1: Conv2d,
    down1_norm: BatchNorm2d,
    block1: Block,
    down2: Conv2d,
    down2_norm: BatchNorm2d,
    block2: Block,
    /// From the means of the last maps to the scores.
    pub fc: Linear,
}

/// `relu(x + F(x))`: two 3 × 3 convolutions, each normalised, only have to learn what is to be changed.
#[derive(Module)]
struct Block {
    conv1: Conv2d,
    norm1: BatchNorm2d,
    conv2: Conv2d,
    norm2: BatchNorm2d,
}

fn conv(from: usize, to: usize, stride: usize, rng: &mut Rng) -> Result<Conv2d> {
    Conv2d::new(from, to, 3).stride(stride).padding(1).bias(false).init(rng)
}

fn norm(channels: usize) -> Result<BatchNorm2d> {
    BatchNorm2d::new(channels).activation(Activation::Relu).init()
}

impl Block {
    fn new(width: usize, rng: &mut Rng) -> Result<Self> {
        let (conv1, conv2) = (conv(width, width, 1, rng)?, conv(width, width, 1, rng)?);
        Ok(Self { conv1, norm1: norm(width)?, conv2, norm2: norm(width)? })
    }

    fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let y = self.norm1.forward(&self.conv1.forward(x, cx)?, cx)?;
        self.norm2.forward_add(&self.conv2.forward(&y, cx)?, x, cx)
    }
}

impl Small {
    /// A network with random parameters.
    pub fn new([channels, width, classes]: [usize; 3], rng: &mut Rng) -> Result<Self> {
        Ok(Self {
            start: conv(channels, width, 1, rng)?,
            start_norm: norm(width)?,
            down1: conv(width, 2 * width, 2, rng)?,
            down1_norm: norm(2 * width)?,
            block1: Block::new(2 * width, rng)?,
            down2: conv(2 * width, 4 * width, 2, rng)?,
            down2_norm: norm(4 * width)?,
            block2: Block::new(4 * width, rng)?,
            fc: Linear::new(4 * width, classes).init(rng)?,
        })
    }

    /// The last maps, `[N, 4 · width, H / 4, W / 4]`.
    pub fn maps(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let x = self.start_norm.forward(&self.start.forward(x, cx)?, cx)?;
        let x = self.down1_norm.forward(&self.down1.forward(&x, cx)?, cx)?;
        let x = self.block1.forward(&x, cx)?;
        let x = self.down2_norm.forward(&self.down2.forward(&x, cx)?, cx)?;
        self.block2.forward(&x, cx)
    }
}
