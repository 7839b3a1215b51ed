//! Networks for images.

use gradus::prelude::*;

use crate::net::{Batch, Net};

/// Random images (or vectors) with random labels below 10, channels-last in memory.
pub fn batch(shape: &[usize], rng: &mut Rng) -> gradus::Result<Batch<Var>> {
    let mut images = Tensor::normal(shape, 0.0, 1.0, rng)?;
    if shape.len() == 4 {
        images = images.channels_last()?;
    }
    let labels = Tensor::filled_by([shape[0]], |out| {
        out.iter_mut().for_each(|label| *label = rng.below(10) as i64);
    });
    let first = images.slice(0, ..1)?;
    Ok(Batch { inputs: images.into(), labels, first: first.into() })
}

impl Net for Sequential {
    type Input = Var;

    fn scores(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        self.forward(x, cx)
    }
}

/// Linear layers of these sizes, with ReLU in between.
pub fn mlp(sizes: &[usize], rng: &mut Rng) -> gradus::Result<Sequential> {
    let mut net = Sequential::new();
    for (i, pair) in sizes.windows(2).enumerate() {
        if i > 0 {
            net = net.push(Relu);
        }
        net = net.push(Linear::new(pair[0], pair[1]).init(rng)?);
    }
    Ok(net)
}

/// Two convolutions with pooling, then two linear layers, on 1×28×28.
pub fn cnn(rng: &mut Rng) -> gradus::Result<Sequential> {
    Ok(Sequential::new()
        .push(Conv2d::new(1, 32, 3).padding(1).activation(Activation::Relu).init(rng)?)
        .push(MaxPool2d::new(2))
        .push(Conv2d::new(32, 64, 3).padding(1).activation(Activation::Relu).init(rng)?)
        .push(MaxPool2d::new(2))
        .push(Flatten)
        .push(Linear::new(3136, 128).init(rng)?)
        .push(Relu)
        .push(Linear::new(128, 10).init(rng)?))
}

/// Two 3×3 convolutions beside a shortcut (He and others, *Deep residual learning for image
/// recognition*, 2016, figure 2). Where the shape changes, the shortcut is a 1×1 convolution.
#[derive(Module)]
struct Block {
    conv1: Conv2d,
    norm1: BatchNorm2d,
    conv2: Conv2d,
    norm2: BatchNorm2d,
    shortcut: Option<Shortcut>,
}

#[derive(Module)]
struct Shortcut {
    conv: Conv2d,
    norm: BatchNorm2d,
}

impl Block {
    fn new(inputs: usize, outputs: usize, stride: usize, rng: &mut Rng) -> gradus::Result<Self> {
        let plain = inputs == outputs && stride == 1;
        Ok(Self {
            conv1: conv(inputs, outputs, stride, rng)?,
            norm1: BatchNorm2d::new(outputs).activation(Activation::Relu).init()?,
            conv2: conv(outputs, outputs, 1, rng)?,
            norm2: BatchNorm2d::new(outputs).activation(Activation::Relu).init()?,
            shortcut: match plain {
                true => None,
                false => Some(Shortcut {
                    conv: Conv2d::new(inputs, outputs, 1).stride(stride).bias(false).init(rng)?,
                    norm: BatchNorm2d::new(outputs).init()?,
                }),
            },
        })
    }

    fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let y = self.norm1.forward(&self.conv1.forward(x, cx)?, cx)?;
        let shortcut = match &self.shortcut {
            Some(Shortcut { conv, norm }) => norm.forward(&conv.forward(x, cx)?, cx)?,
            None => x.clone(),
        };
        self.norm2.forward_add(&self.conv2.forward(&y, cx)?, &shortcut, cx)
    }
}

fn conv(inputs: usize, outputs: usize, stride: usize, rng: &mut Rng) -> Result<Conv2d> {
    Conv2d::new(inputs, outputs, 3).stride(stride).padding(1).bias(false).init(rng)
}

/// ResNet-20 for 3×32×32 (the same paper, section 4.2).
#[derive(Module)]
pub struct ResNet20 {
    conv: Conv2d,
    norm: BatchNorm2d,
    blocks: Vec<Block>,
    head: Linear,
}

impl ResNet20 {
    pub fn new(rng: &mut Rng) -> gradus::Result<Self> {
        let (mut blocks, mut inputs) = (Vec::new(), 16);
        for outputs in [16, 32, 64] {
            for i in 0..3 {
                let stride = if outputs > 16 && i == 0 { 2 } else { 1 };
                blocks.push(Block::new(inputs, outputs, stride, rng)?);
                inputs = outputs;
            }
        }
        Ok(Self {
            conv: conv(3, 16, 1, rng)?,
            norm: BatchNorm2d::new(16).activation(Activation::Relu).init()?,
            blocks,
            head: Linear::new(64, 10).init(rng)?,
        })
    }
}

impl Net for ResNet20 {
    type Input = Var;

    fn scores(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let mut x = self.norm.forward(&self.conv.forward(x, cx)?, cx)?;
        for block in &self.blocks {
            x = block.forward(&x, cx)?;
        }
        let x = GlobalAvgPool2d.forward(&x, cx)?.flatten(1)?;
        self.head.forward(&x, cx)
    }
}
