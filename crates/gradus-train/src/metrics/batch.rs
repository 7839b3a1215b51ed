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
#[non_exhaustive]
pub struct Labelled<'a> {
    /// What the model says.
    pub predictions: Predictions<'a>,
    /// The true classes, `[N]` or `[N, …]`.
    pub labels: &'a Tensor<i64>,
    /// The label of items that do not count.
    pub ignored: Option<i64>,
}

impl<'a> Labelled<'a> {
    /// Predictions and labels.
    pub fn new(pair: impl Into<Self>) -> Self {
        pair.into()
    }

    /// Leaves out the items with a certain label, which need not be a class: padding, or pixels that nobody
    /// labelled. `cross_entropy` leaves out -100 unless told otherwise; metrics leave out
    /// nothing.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_train::metrics::{Accuracy, Labelled, Metric};
    ///
    /// let (scores, labels) = (Tensor::<f32>::eye(3), Tensor::vector([0, 2, -100]));
    /// let accuracy = Accuracy::new().of(Labelled::new((&scores, &labels)).ignoring(-100))?;
    /// assert_eq!((accuracy.value(), accuracy.all()), (0.5, 2));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    pub fn ignoring(self, label: i64) -> Self {
        Self { ignored: Some(label), ..self }
    }
}

/// Predicted numbers beside the true ones.
///
/// Made from a pair of the same shape: `(&predictions, &targets)`, where the predictions are a tensor or
/// a variable, both of `f32` or of `f64`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Numbers<'a> {
    /// Predictions and targets.
    F32(&'a Tensor<f32>, &'a Tensor<f32>),
    /// Predictions and targets.
    F64(&'a Tensor<f64>, &'a Tensor<f64>),
}

macro_rules! pairs {
    ($($kind:ident: $from:ty = |$x:ident| $tensor:expr;)*) => {$(
        impl<'a> From<(&'a $from, &'a Tensor<i64>)> for Labelled<'a> {
            fn from(($x, labels): (&'a $from, &'a Tensor<i64>)) -> Self {
                Self { predictions: Predictions::$kind($tensor), labels, ignored: None }
            }
        }
    )*};
    ($($kind:ident: $from:ty, $to:ty = |$x:ident| $tensor:expr;)*) => {$(
        impl<'a> From<(&'a $from, &'a Tensor<$to>)> for Numbers<'a> {
            fn from(($x, targets): (&'a $from, &'a Tensor<$to>)) -> Self {
                Self::$kind($tensor, targets)
            }
        }
    )*};
}

pairs! {
    F32: Tensor<f32> = |x| x;
    F64: Tensor<f64> = |x| x;
    F32: Var<f32> = |x| x.value();
    F64: Var<f64> = |x| x.value();
    Classes: Tensor<i64> = |x| x;
}

pairs! {
    F32: Tensor<f32>, f32 = |x| x;
    F64: Tensor<f64>, f64 = |x| x;
    F32: Var<f32>, f32 = |x| x.value();
    F64: Var<f64>, f64 = |x| x.value();
}
