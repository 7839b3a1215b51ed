//! The network: three convolutions that look for ever larger patterns, and a linear layer that
//! decides.

use gradus::prelude::*;

/// `[N, 1, H, W]` images to `[N, classes]` scores.
///
/// | layer | output for 8×8 images |
/// |---|---|
/// | conv 3×3, normalise, ReLU | `[N, 32, 8, 8]` |
/// | conv 3×3, normalise, ReLU, largest of each 2×2 | `[N, 64, 4, 4]` |
/// | conv 3×3, normalise, ReLU, largest of each 2×2 | `[N, 64, 2, 2]` |
/// | dropout, linear | `[N, classes]` |
#[derive(Module)]
pub struct Net {
    conv1: Conv2d,
    norm1: BatchNorm2d,
    conv2: Conv2d,
    norm2: BatchNorm2d,
    conv3: Conv2d,
    norm3: BatchNorm2d,
    dropout: Dropout,
    head: Linear,
}

impl Net {
    /// A network for images of `height × width` pixels, with random parameters.
    ///
    /// # Errors
    /// If the images are smaller than 4×4.
    pub fn new([height, width]: [usize; 2], classes: usize, rng: &mut Rng) -> Result<Self> {
        // The normalisation subtracts the mean, so a bias before it would have no effect.
        let mut conv = |i, o| Conv2d::new(i, o, 3).padding(1).bias(false).init(rng);
        let (conv1, conv2, conv3) = (conv(1, 32)?, conv(32, 64)?, conv(64, 64)?);
        Ok(Self {
            conv1,
            norm1: BatchNorm2d::new(32).init()?,
            conv2,
            norm2: BatchNorm2d::new(64).init()?,
            conv3,
            norm3: BatchNorm2d::new(64).init()?,
            dropout: Dropout::new(0.3),
            head: Linear::new(64 * (height / 4) * (width / 4), classes).init(rng)?,
        })
    }
}

impl Layer for Net {
    fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let x = self.norm1.forward(&self.conv1.forward(x, cx)?, cx)?.relu();
        let x = self.norm2.forward(&self.conv2.forward(&x, cx)?, cx)?.relu().max_pool2d(2)?;
        let x = self.norm3.forward(&self.conv3.forward(&x, cx)?, cx)?.relu().max_pool2d(2)?;
        self.head.forward(&self.dropout.forward(&x.flatten(1)?, cx)?, cx)
    }
}
