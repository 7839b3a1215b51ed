//! How well a model does: counts of right and wrong answers, and running means.
//!
//! Predictions are class numbers `[N]`, or scores `[N, C]` (logits or probabilities) of which the
//! largest wins; labels are class numbers `[N]`, all `i64`.

mod accuracy;
mod confusion;
mod interim;
mod report;
mod running;

pub use accuracy::{accuracy, count_correct};
pub use confusion::ConfusionMatrix;
pub use interim::*;
pub use report::{Averages, ClassReport, ClassificationReport};
pub use running::RunningMean;
