//! What metrics take in: predictions beside what they should have been.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

/// What a classifier says of a batch.
///
/// Scores have their classes on axis 1 (`[N, C]`, or `[N, C, …]` for a map of classes, as images
/// have), where the largest wins: the first of equal ones, and a NaN before all others. Classes that
/// were chosen already have the shape of the labels.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Predictions<'a> {
    /// Scores (logits or probabilities).
    F32(&'a Tensor<f32>),
    /// Scores (logits or probabilities).
    F64(&'a Tensor<f64>),
    /// The numbers of the classes.
    Classes(&'a Tensor<i64>),
}

/// Predictions and the true classes.
///
/// Made from a pair: `(&scores, &labels)`, where `scores` is a tensor or a variable of `f32` or `f64`
/// or a tensor of class numbers.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    /// What the model says.
    pub predictions: Predictions<'a>,
    /// The true classes, `[N]` or `[N, …]`.
    pub labels: &'a Tensor<i64>,
}

macro_rules! labelled {
    ($($kind:ident: $from:ty = |$x:ident| $tensor:expr;)*) => {$(
        impl<'a> From<(&'a $from, &'a Tensor<i64>)> for Labelled<'a> {
            fn from(($x, labels): (&'a $from, &'a Tensor<i64>)) -> Self {
                Self { predictions: Predictions::$kind($tensor), labels }
            }
        }
    )*};
}

labelled! {
    F32: Tensor<f32> = |x| x;
    F64: Tensor<f64> = |x| x;
    F32: Var<f32> = |x| x.value();
    F64: Var<f64> = |x| x.value();
    Classes: Tensor<i64> = |x| x;
}
