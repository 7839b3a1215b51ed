//! How well a model does: metrics that merge over batches, and the numbers they keep.
//!
//! A [`Metric`] is sums that take in batches, and a value of them. In a training loop a step hands over
//! the metrics of its batch, and the loop merges those of one name over the epoch.

mod accuracy;
mod any;
mod average_precision;
mod batch;
mod bleu;
mod class_counts;
mod classes;
mod codec;
mod confusion;
mod edit_distance;
mod edits;
mod error_rate;
mod f1;
mod iou;
mod mae;
mod mean;
mod metric;
mod numbers;
mod perplexity;
mod precision;
mod r2;
mod ranking;
mod recall;
mod report;
mod rmse;
mod roc_auc;
mod running;
mod sum;
mod text_batch;
mod tokenize;
mod top_k;

pub use accuracy::{Accuracy, accuracy, count_correct};
pub use any::AnyMetric;
pub use average_precision::AveragePrecision;
pub use batch::{Labelled, Numbers, Predictions};
pub use bleu::{Bleu, Smoothing};
pub use class_counts::Average;
pub use confusion::ConfusionMatrix;
pub use edit_distance::{EditDistance, Sequences};
pub use edits::Edits;
pub use error_rate::{Cer, Wer};
pub use f1::F1;
pub use iou::Iou;
pub use mae::Mae;
pub use mean::{Mean, Weighted};
pub use metric::{Goal, Metric, Unit};
pub use perplexity::{Perplexity, Tokens};
pub use precision::Precision;
pub use r2::R2;
pub use ranking::Scored;
pub use recall::Recall;
pub use report::{Averages, ClassReport, ClassificationReport};
pub use rmse::Rmse;
pub use roc_auc::RocAuc;
pub use running::RunningMean;
pub use text_batch::{References, TextPairs, Texts};
pub use tokenize::BleuTokenizer;
pub use top_k::TopK;

/// Shows metrics as their name and value with its unit: `accuracy 93.12 %`.
macro_rules! shown {
    ($($metric:ident),*) => {$(
        /// The name and the value with its unit.
        impl std::fmt::Display for $metric {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} {}", Metric::name(self), Metric::unit(self).show(Metric::value(self)))
            }
        }
    )*};
}

shown!(
    Accuracy,
    AveragePrecision,
    Bleu,
    Cer,
    EditDistance,
    F1,
    Iou,
    Mae,
    Mean,
    Perplexity,
    Precision,
    R2,
    Recall,
    Rmse,
    RocAuc,
    TopK,
    Wer
);
