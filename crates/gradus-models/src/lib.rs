//! Known networks, each written out in one file: step 7 of Gradus.
//!
#![forbid(unsafe_code)]

mod common;
mod lenet;
mod resnet;

pub use lenet::{LeNet, LeNetBuilder};
pub use resnet::{ResBlock, ResNet, ResNetBuilder};
