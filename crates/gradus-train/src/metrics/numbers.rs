//! From tensors of predictions and targets to pairs of doubles.

use gradus_tensor::{Float, Tensor};

use super::Numbers;
use crate::Result;

/// The predictions and targets as doubles in row-major order, and their shape.
pub(super) fn pairs(
    op: &'static str,
    batch: Numbers<'_>,
) -> Result<(Vec<usize>, impl Iterator<Item = (f64, f64)>)> {
    let (shape, predictions, targets) = match batch {
        Numbers::F32(predictions, targets) => doubles(op, predictions, targets)?,
        Numbers::F64(predictions, targets) => doubles(op, predictions, targets)?,
    };
    Ok((shape, predictions.into_iter().zip(targets)))
}

type Doubles = (Vec<usize>, Vec<f64>, Vec<f64>);

fn doubles<T: Float>(
    op: &'static str,
    predictions: &Tensor<T>,
    targets: &Tensor<T>,
) -> Result<Doubles> {
    let shape = predictions.shape();
    if shape != targets.shape() {
        let wanted =
            format!("targets {shape:?}, one for each prediction (shapes are not broadcast here)");
        return Err(gradus_tensor::Error::shape(op, targets.shape(), wanted).into());
    }
    Ok((shape.to_vec(), predictions.cast().to_vec(), targets.cast().to_vec()))
}
