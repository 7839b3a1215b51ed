//! Normalisation: mean and variance in one read of memory ([`Tensor::mean_var`]), channels and
//! rows brought to given ones, and the gradients.
//!
//! [`Tensor::mean_var`]: crate::Tensor::mean_var

mod channels;
mod moments;
mod rows;

pub use channels::{batch_norm_grad, channel_norm};
pub use rows::{layer_norm, layer_norm_grad};
