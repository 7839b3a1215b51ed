//! From what a classifier says to one class for each label.

use gradus_tensor::{Number, Tensor};

use super::{Labelled, Predictions};
use crate::{Error, Result};

/// The chosen class and the label of each example, in the order of the labels; checks shapes and
/// labels.
pub(super) fn chosen(op: &'static str, batch: Labelled<'_>) -> Result<(Vec<i64>, Vec<i64>)> {
    let labels = batch.labels.to_vec();
    let predictions = match batch.predictions {
        Predictions::F32(scores) => largest(op, scores, batch.labels)?,
        Predictions::F64(scores) => largest(op, scores, batch.labels)?,
        Predictions::Classes(classes) => {
            if classes.shape() != batch.labels.shape() {
                let wanted = format!("predictions {:?}, one for each label", batch.labels.shape());
                return Err(gradus_tensor::Error::shape(op, classes.shape(), wanted).into());
            }
            return Ok((classes.to_vec(), labels));
        }
    };
    let (predictions, classes) = predictions;
    check_classes(op, "label", &labels, classes)?;
    Ok((predictions, labels))
}

/// The class of the largest of the scores along axis 1, and the number of classes.
fn largest<T: Number>(
    op: &'static str,
    scores: &Tensor<T>,
    labels: &Tensor<i64>,
) -> Result<(Vec<i64>, usize)> {
    let classes = check_scores(op, scores, labels)?;
    if labels.is_empty() {
        return Ok((Vec::new(), classes));
    }
    Ok((scores.argmax(1)?.to_vec(), classes))
}

/// The number of classes of scores `[N, C, …]` for labels `[N, …]`; checks both shapes.
pub(super) fn check_scores<T: Number>(
    op: &'static str,
    scores: &Tensor<T>,
    labels: &Tensor<i64>,
) -> Result<usize> {
    let &[n, classes, ref rest @ ..] = scores.shape() else {
        let wanted = "scores [N, C], or [N, C, …] with the classes on axis 1";
        return Err(gradus_tensor::Error::shape(op, scores.shape(), wanted).into());
    };
    let wanted: Vec<usize> = [n].iter().chain(rest).copied().collect();
    if labels.shape() != wanted {
        let wanted =
            format!("labels {wanted:?}, one for each place of the scores {:?}", scores.shape());
        return Err(gradus_tensor::Error::shape(op, labels.shape(), wanted).into());
    }
    Ok(classes)
}

/// Refuses a class number that is not in `0..classes`.
pub(super) fn check_classes(
    op: &'static str,
    what: &str,
    values: &[i64],
    classes: usize,
) -> Result<()> {
    match values.iter().position(|&v| !usize::try_from(v).is_ok_and(|v| v < classes)) {
        None => Ok(()),
        Some(i) => Err(Error::value(
            op,
            format!("{what} {} at position {i}", values[i]),
            format!("a class from 0 to {}", classes.saturating_sub(1)),
        )),
    }
}
