//! The layers, one file each.

/// Declares for each line a file and what it has: layers, each with the settings of which it is made, if
/// those are not the layer itself.
macro_rules! layers {
    ($($file:ident: $($layer:ident $(by $builder:ty)?),+;)*) => {
        $(mod $file;)*

        /// Every layer: its name, its like in PyTorch, its settings.
        pub const LAYERS: &[&About] = &[$($(layers!(@row $layer $($builder)?)),+),*];
    };
    (@row $layer:ident) => { $layer::ABOUT };
    (@row $layer:ident $builder:ty) => { <$builder>::ABOUT };
}

mod folded;

layers! {
    activations: Relu, LeakyRelu, Elu, Gelu, GeluTanh, Silu, Tanh, Sigmoid, Softplus, Softmax, LogSoftmax;
    attention: MultiheadAttention by MultiheadAttentionBuilder;
    batch_norm: BatchNorm1d by BatchNormBuilder<1>, BatchNorm2d by BatchNormBuilder<2>;
    conv: Conv1d by ConvBuilder<1>, Conv2d by ConvBuilder<2>;
    conv_transpose2d: ConvTranspose2d by ConvTranspose2dBuilder;
    dropout: Dropout;
    embedding: Embedding by EmbeddingBuilder;
    flatten: Flatten;
    grouped_attention: GroupedAttention by GroupedAttentionBuilder;
    layer_norm: LayerNorm by LayerNormBuilder;
    linear: Linear by LinearBuilder;
    pool2d: MaxPool2d, AvgPool2d, GlobalAvgPool2d;
    recurrent: Lstm by LstmBuilder, Gru by GruBuilder;
}

pub use activations::*;
pub use attention::*;
pub use batch_norm::*;
pub use conv::*;
pub use conv_transpose2d::*;
pub use dropout::*;
pub use embedding::*;
pub use flatten::*;
pub use grouped_attention::*;
pub use layer_norm::*;
pub use linear::*;
pub use pool2d::*;
pub use recurrent::*;

use gradus_autograd::Param;
use gradus_tensor::Float;

use crate::Line;
use crate::settings::About;

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
