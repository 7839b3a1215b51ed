//! Normalisation: mean and variance in one read of memory ([`Tensor::mean_var`]), channels and
//! rows brought to given ones, and the gradients.
//!
//! [`Tensor::mean_var`]: crate::Tensor::mean_var

mod channels;
mod moments;
mod rows;

pub use channels::{batch_norm_grad, channel_norm};
pub use rows::{layer_norm, layer_norm_grad};

/// The gradients of a normalisation: of the input (if it was asked for), of the weight, of the bias.
pub type NormGrads<T> = (Option<crate::Tensor<T>>, crate::Tensor<T>, crate::Tensor<T>);
