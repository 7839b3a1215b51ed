//! Known networks, each written out in one file: step 7 of Gradus.
//!
#![forbid(unsafe_code)]

mod common;
mod gpt;
mod lenet;
mod mobilenet_v2;
mod resnet;
mod unet;
mod vit;

pub use gpt::{Conv1D, Gpt, GptAttention, GptBlock, GptBuilder, GptCache, GptMlp};
pub use lenet::{LeNet, LeNetBuilder};
pub use mobilenet_v2::{MobileNetV2, MobileNetV2Builder};
pub use resnet::{ResBlock, ResNet, ResNetBuilder};
pub use unet::{UNet, UNetBlock, UNetBuilder, UNetUp};
pub use vit::{
    VisionTransformer, VisionTransformerBuilder, VitEncoder, VitHeads, VitLayer, VitLayers,
};
