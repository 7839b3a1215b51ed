//! How well a model does: metrics that merge over batches, and the numbers they keep.
//!
//! A [`Metric`] is sums that take in batches, and a value of them. In a training loop a step hands over
//! the metrics of its batch, and the loop merges those of one name over the epoch.

mod accuracy;
mod any;
mod batch;
mod classes;
mod codec;
mod confusion;
mod metric;
mod report;
mod running;

pub use accuracy::{Accuracy, accuracy, count_correct};
pub use any::AnyMetric;
pub use batch::{Labelled, Predictions};
pub use confusion::ConfusionMatrix;
pub use metric::{Goal, Metric, Unit};
pub use report::{Averages, ClassReport, ClassificationReport};
pub use running::RunningMean;
