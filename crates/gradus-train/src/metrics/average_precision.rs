//! Average precision: the precision at each threshold, weighted by the recall that it adds.
//!
//! `AP = Σₖ (Rₖ - Rₖ₋₁) Pₖ` over the thresholds from the highest score down, where `Rₖ` is the share of class 1 that
//! scores as much or more, and `Pₖ` the share of class 1 among what does. There is no interpolation between the
//! points. Equal scores are one threshold. 0 if class 1 has no example, as in scikit-learn; undefined, and
//! NaN, for no examples.
//!
//! Source: M. Zhu, "Recall, Precision and Average Precision", 2004.

use serde::{Deserialize, Serialize};

use super::ranking::{Ranking, Scored};
use super::{Goal, Metric};
use crate::Result;

/// The average precision of two classes, from 0 to 1.
///
/// A batch is `(&scores, &labels)`, both `[N]`: scores of class 1 and labels 0 and 1. All scores are kept,
/// 8 bytes each.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{AveragePrecision, Metric};
///
/// let scores = Tensor::vector([0.1_f32, 0.4, 0.35, 0.8]);
/// let average = AveragePrecision::new().of((&scores, &Tensor::vector([0, 0, 1, 1])))?;
/// assert_eq!(average.value(), 0.5 * 1.0 + 0.5 * 2.0 / 3.0);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// [`gradus_tensor::Error::Shape`] if the shapes differ, [`Error::Value`](crate::Error::Value) for a label that
/// is not 0 or 1 and for a NaN among the scores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AveragePrecision {
    ranking: Ranking,
}

impl AveragePrecision {
    /// The average precision over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The curve: recall, precision and threshold, from the highest score down. What scores the threshold
    /// or more is called class 1. The recall is NaN if class 1 has no example.
    pub fn curve(&self) -> Vec<(f64, f64, f64)> {
        let all = self.ranking.positives() as f64;
        let (mut right, mut called) = (0, 0);
        let places = self.ranking.places();
        let point = places.iter().map(|place| {
            right += place.positive;
            called += place.positive + place.negative;
            (right as f64 / all, right as f64 / called as f64, place.score)
        });
        point.collect()
    }
}

impl Metric for AveragePrecision {
    type Batch<'a> = Scored<'a>;

    fn name(&self) -> String {
        "average_precision".into()
    }

    fn goal(&self) -> Goal {
        Goal::Higher
    }

    fn take(&mut self, batch: Scored<'_>) -> Result<()> {
        self.ranking.take("AveragePrecision", batch)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.ranking.merge(&other.ranking);
        Ok(())
    }

    fn value(&self) -> f64 {
        match (self.ranking.positives(), self.ranking.negatives()) {
            (0, 0) => return f64::NAN,
            (0, _) => return 0.0,
            _ => {}
        }
        let mut before = 0.0;
        let gain = |(recall, precision, _): (f64, f64, f64)| {
            let gained = recall - before;
            before = recall;
            gained * precision
        };
        self.curve().into_iter().map(gain).sum()
    }
}
