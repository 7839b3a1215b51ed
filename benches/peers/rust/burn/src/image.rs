//! Networks for images in burn.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::tensor::{Distribution, TensorData};

use crate::Net;

/// Normally distributed values.
pub fn normal(shape: [usize; 4], device: &Device) -> TensorData {
    Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), device).into_data()
}

/// Linear layers with ReLU in between.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    pub fn new(sizes: &[usize], device: &Device) -> Self {
        let layer = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(device);
        Self { layers: sizes.windows(2).map(layer).collect() }
    }
}

impl Net<Tensor<2>> for Mlp {
    fn scores(&self, mut x: Tensor<2>) -> Tensor<2> {
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(if i > 0 { relu(x) } else { x });
        }
        x
    }
}

fn conv([inputs, outputs, size, stride]: [usize; 4], bias: bool, device: &Device) -> Conv2d {
    let pad = size / 2;
    Conv2dConfig::new([inputs, outputs], [size, size])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
        .with_bias(bias)
        .init(device)
}

/// Two convolutions with pooling, two linear layers.
#[derive(Module, Debug)]
pub struct Cnn {
    conv1: Conv2d,
    conv2: Conv2d,
    pool: MaxPool2d,
    hidden: Linear,
    head: Linear,
}

impl Cnn {
    pub fn new(device: &Device) -> Self {
        Self {
            conv1: conv([1, 32, 3, 1], true, device),
            conv2: conv([32, 64, 3, 1], true, device),
            pool: MaxPool2dConfig::new([2, 2]).init(),
            hidden: LinearConfig::new(3136, 128).init(device),
            head: LinearConfig::new(128, 10).init(device),
        }
    }
}

impl Net<Tensor<4>> for Cnn {
    fn scores(&self, x: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.conv1.forward(x)));
        let x = self.pool.forward(relu(self.conv2.forward(x)));
        self.head.forward(relu(self.hidden.forward(x.flatten(1, 3))))
    }
}

/// A convolution and its batch normalisation.
#[derive(Module, Debug)]
struct ConvNorm {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvNorm {
    fn new(sizes: [usize; 4], device: &Device) -> Self {
        Self { conv: conv(sizes, false, device), norm: BatchNormConfig::new(sizes[1]).init(device) }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x))
    }
}

#[derive(Module, Debug)]
struct Block {
    first: ConvNorm,
    second: ConvNorm,
    shortcut: Option<ConvNorm>,
}

impl Block {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.second.forward(relu(self.first.forward(x.clone())));
        relu(y + self.shortcut.as_ref().map_or(x.clone(), |shortcut| shortcut.forward(x)))
    }
}

/// Three stages of three blocks.
#[derive(Module, Debug)]
pub struct ResNet20 {
    stem: ConvNorm,
    blocks: Vec<Block>,
    pool: AdaptiveAvgPool2d,
    head: Linear,
}

impl ResNet20 {
    pub fn new(device: &Device) -> Self {
        let (mut blocks, mut inputs) = (Vec::new(), 16);
        for outputs in [16, 32, 64] {
            for i in 0..3 {
                let stride = if outputs > 16 && i == 0 { 2 } else { 1 };
                let shortcut = (inputs != outputs).then_some([inputs, outputs, 1, stride]);
                blocks.push(Block {
                    first: ConvNorm::new([inputs, outputs, 3, stride], device),
                    second: ConvNorm::new([outputs, outputs, 3, 1], device),
                    shortcut: shortcut.map(|sizes| ConvNorm::new(sizes, device)),
                });
                inputs = outputs;
            }
        }
        Self {
            stem: ConvNorm::new([3, 16, 3, 1], device),
            blocks,
            pool: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            head: LinearConfig::new(64, 10).init(device),
        }
    }
}

impl Net<Tensor<4>> for ResNet20 {
    fn scores(&self, x: Tensor<4>) -> Tensor<2> {
        let x = relu(self.stem.forward(x));
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        self.head.forward(self.pool.forward(x).flatten(1, 3))
    }
}
