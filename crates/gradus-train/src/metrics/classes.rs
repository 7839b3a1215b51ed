//! From what a classifier says to one class for each label.

use gradus_tensor::{Number, Tensor};

use super::{Labelled, Predictions};
use crate::{Error, Result};

/// The chosen class and the label of each item that counts, in the order of the labels; checks shapes and
/// labels. With a number of classes, both are below it.
pub(super) fn chosen(
    op: &'static str,
    classes: Option<usize>,
    batch: Labelled<'_>,
) -> Result<(Vec<i64>, Vec<i64>)> {
    let (mut predictions, found) = match batch.predictions {
        Predictions::F32(scores) => largest(op, scores, batch.labels)?,
        Predictions::F64(scores) => largest(op, scores, batch.labels)?,
        Predictions::Classes(classes) => {
            if classes.shape() != batch.labels.shape() {
                let wanted = format!("predictions {:?}, one for each label", batch.labels.shape());
                return Err(gradus_tensor::Error::shape(op, classes.shape(), wanted).into());
            }
            (classes.to_vec(), None)
        }
    };
    if let (Some(found), Some(classes)) = (found, classes)
        && found != classes
    {
        return Err(Error::value(
            op,
            format!("scores of {found} classes"),
            format!("scores of {classes}, for which the metric was made"),
        ));
    }
    let mut labels = batch.labels.to_vec();
    if let Some(classes) = classes.or(found) {
        check_classes(op, "label", &labels, classes, batch.ignored)?;
    }
    if let Some(ignored) = batch.ignored {
        let mut kept = labels.iter().map(|&label| label != ignored);
        predictions.retain(|_| kept.next().unwrap_or(false));
        labels.retain(|&label| label != ignored);
    }
    if let Some(classes) = classes {
        check_classes(op, "prediction", &predictions, classes, None)?;
    }
    Ok((predictions, labels))
}

/// The class of the largest of the scores along axis 1, and the number of classes.
pub(super) fn largest<T: Number>(
    op: &'static str,
    scores: &Tensor<T>,
    labels: &Tensor<i64>,
) -> Result<(Vec<i64>, Option<usize>)> {
    let classes = check_scores(op, scores, labels)?;
    if labels.is_empty() {
        return Ok((Vec::new(), Some(classes)));
    }
    Ok((scores.argmax(1)?.to_vec(), Some(classes)))
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
    let wanted: Vec<usize> = [&[n], rest].concat();
    if labels.shape() != wanted {
        let wanted =
            format!("labels {wanted:?}, one for each item of the scores {:?}", scores.shape());
        return Err(gradus_tensor::Error::shape(op, labels.shape(), wanted).into());
    }
    Ok(classes)
}

/// Hands over the scores and the label of each item that counts. The scores are a closure from a class to its
/// score, since those of an item need not lie side by side.
pub(super) fn for_each_item<T: Number>(
    op: &'static str,
    scores: &Tensor<T>,
    batch: Labelled<'_>,
    mut item: impl FnMut(usize, usize, &dyn Fn(usize) -> T),
) -> Result<()> {
    let classes = check_scores(op, scores, batch.labels)?;
    let labels = batch.labels.to_vec();
    check_classes(op, "label", &labels, classes, batch.ignored)?;
    let scores = scores.contiguous();
    let Some(scores) = scores.as_slice() else { return Ok(()) };
    // The places of one sample: 1 for scores [N, C].
    let places = batch.labels.shape()[1..].iter().product::<usize>().max(1);
    for (i, &label) in labels.iter().enumerate() {
        if Some(label) != batch.ignored {
            let first = i / places * classes * places + i % places;
            item(label as usize, classes, &|class| scores[first + class * places]);
        }
    }
    Ok(())
}

/// Refuses a class number that is not in `0..classes` and is not ignored.
pub(super) fn check_classes(
    op: &'static str,
    what: &str,
    values: &[i64],
    classes: usize,
    ignored: Option<i64>,
) -> Result<()> {
    let fits = |v| usize::try_from(v).is_ok_and(|v| v < classes) || Some(v) == ignored;
    match values.iter().position(|&v| !fits(v)) {
        None => Ok(()),
        Some(i) => Err(Error::value(
            op,
            format!("{what} {} at position {i}", values[i]),
            format!("a class from 0 to {}", classes.saturating_sub(1)),
        )),
    }
}
