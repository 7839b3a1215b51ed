//! The layers, one file each.

mod activations;
mod attention;
mod batch_norm;
mod conv2d;
mod dropout;
mod embedding;
mod flatten;
mod gru;
mod layer_norm;
mod linear;
mod lstm;
mod pool2d;
mod recurrent;

pub use activations::{
    Elu, Gelu, GeluTanh, LeakyRelu, LogSoftmax, Relu, Sigmoid, Silu, Softmax, Softplus, Tanh,
};
pub use attention::{MultiheadAttention, MultiheadAttentionBuilder};
pub use batch_norm::{BatchNorm, BatchNorm1d, BatchNorm2d, BatchNormBuilder};
pub use conv2d::{Conv2d, Conv2dBuilder};
pub use dropout::Dropout;
pub use embedding::{Embedding, EmbeddingBuilder};
pub use flatten::Flatten;
pub use gru::{Gru, GruBuilder};
pub use layer_norm::{LayerNorm, LayerNormBuilder};
pub use linear::{Linear, LinearBuilder};
pub use lstm::{Lstm, LstmBuilder, LstmState};
pub use pool2d::{AvgPool2d, GlobalAvgPool2d, MaxPool2d};
pub use recurrent::RecurrentWeights;

use gradus_autograd::Param;
use gradus_tensor::Float;

use crate::Line;

/// A line of a summary for a layer with these parameters.
fn line<T: Float>(
    layer: String,
    output: &[usize],
    params: &[&Param<T>],
    multiply_adds: usize,
) -> Line {
    Line {
        layer,
        output: output.to_vec(),
        params: params.iter().map(|p| (p.id(), p.value().len())).collect(),
        multiply_adds: multiply_adds as u64,
    }
}

/// Gives a layer without parameters the empty walk.
macro_rules! no_parameters {
    ($($layer:ty),* $(,)?) => { $(
        impl<T: gradus_tensor::Float> crate::Module<T> for $layer {
            fn visit(&self, _: &mut crate::Visitor<'_, T>) {}
            fn visit_mut(&mut self, _: &mut crate::VisitorMut<'_, T>) {}
        }
    )* };
}
use no_parameters;
