//! Networks for images in candle.

use candle_core::{Result, Tensor};
use candle_nn::{
    BatchNorm, Conv2d, Conv2dConfig, Linear, Module, ModuleT, VarBuilder, batch_norm, conv2d,
    conv2d_no_bias, linear,
};

use crate::Net;

/// Linear layers with ReLU in between.
pub struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    pub fn new(sizes: &[usize], vb: &VarBuilder<'_>) -> Result<Self> {
        let pairs = sizes.windows(2).enumerate();
        let layers = pairs.map(|(i, pair)| linear(pair[0], pair[1], vb.pp(i)));
        Ok(Self { layers: layers.collect::<Result<_>>()? })
    }
}

impl Net for Mlp {
    fn scores(&self, x: &Tensor, _: bool) -> Result<Tensor> {
        let mut x = x.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&if i > 0 { x.relu()? } else { x })?;
        }
        Ok(x)
    }
}

fn shape(padding: usize, stride: usize) -> Conv2dConfig {
    Conv2dConfig { padding, stride, ..Default::default() }
}

/// Two convolutions with pooling, two linear layers.
pub struct Cnn {
    conv1: Conv2d,
    conv2: Conv2d,
    hidden: Linear,
    head: Linear,
}

impl Cnn {
    pub fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            conv1: conv2d(1, 32, 3, shape(1, 1), vb.pp("conv1"))?,
            conv2: conv2d(32, 64, 3, shape(1, 1), vb.pp("conv2"))?,
            hidden: linear(3136, 128, vb.pp("hidden"))?,
            head: linear(128, 10, vb.pp("head"))?,
        })
    }
}

impl Net for Cnn {
    fn scores(&self, x: &Tensor, _: bool) -> Result<Tensor> {
        let x = self.conv1.forward(x)?.relu()?.max_pool2d(2)?;
        let x = self.conv2.forward(&x)?.relu()?.max_pool2d(2)?;
        self.head.forward(&self.hidden.forward(&x.flatten_from(1)?)?.relu()?)
    }
}

/// A convolution and its batch normalisation.
struct ConvNorm {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvNorm {
    fn new([inputs, outputs, size, stride]: [usize; 4], vb: VarBuilder<'_>) -> Result<Self> {
        let shape = shape(size / 2, stride);
        Ok(Self {
            conv: conv2d_no_bias(inputs, outputs, size, shape, vb.pp("conv"))?,
            norm: batch_norm(outputs, 1e-5, vb.pp("norm"))?,
        })
    }

    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.norm.forward_t(&self.conv.forward(x)?, train)
    }
}

struct Block {
    first: ConvNorm,
    second: ConvNorm,
    shortcut: Option<ConvNorm>,
}

impl Block {
    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let y = self.first.forward(x, train)?.relu()?;
        let y = self.second.forward(&y, train)?;
        match &self.shortcut {
            Some(shortcut) => (y + shortcut.forward(x, train)?)?.relu(),
            None => (y + x)?.relu(),
        }
    }
}

/// Three stages of three blocks.
pub struct ResNet20 {
    stem: ConvNorm,
    blocks: Vec<Block>,
    head: Linear,
}

impl ResNet20 {
    pub fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        let (mut blocks, mut inputs) = (Vec::new(), 16);
        for outputs in [16, 32, 64] {
            for i in 0..3 {
                let stride = if outputs > 16 && i == 0 { 2 } else { 1 };
                let vb = vb.pp(format!("block{}", blocks.len()));
                let shortcut = (inputs != outputs).then_some([inputs, outputs, 1, stride]);
                blocks.push(Block {
                    first: ConvNorm::new([inputs, outputs, 3, stride], vb.pp("first"))?,
                    second: ConvNorm::new([outputs, outputs, 3, 1], vb.pp("second"))?,
                    shortcut: match shortcut {
                        Some(sizes) => Some(ConvNorm::new(sizes, vb.pp("shortcut"))?),
                        None => None,
                    },
                });
                inputs = outputs;
            }
        }
        let stem = ConvNorm::new([3, 16, 3, 1], vb.pp("stem"))?;
        Ok(Self { stem, blocks, head: linear(64, 10, vb.pp("head"))? })
    }
}

impl Net for ResNet20 {
    fn scores(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let mut x = self.stem.forward(x, train)?.relu()?;
        for block in &self.blocks {
            x = block.forward(&x, train)?;
        }
        self.head.forward(&x.mean(3)?.mean(2)?)
    }
}
