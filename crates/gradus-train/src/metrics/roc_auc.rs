//! ROC-AUC: the area under the curve of true against false positives, over all thresholds.
//!
//! `AUC = (1/PN) Σ_{p, n} ([s_p > s_n] + ½ [s_p = s_n])`: the probability that a random example of class 1 (of
//! which there are `P`) has a higher score than a random one of class 0 (`N`), a tie counting as half. This is
//! the area under the curve of straight lines through the thresholds; 0.5 is chance. Undefined, and NaN,
//! if one of the classes has no example. The pairs are counted in whole numbers.
//!
//! Source: J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating
//! characteristic (ROC) curve", 1982; T. Fawcett, "An introduction to ROC analysis", 2006.

use serde::{Deserialize, Serialize};

use super::ranking::{Ranking, Scored};
use super::{Goal, Metric};
use crate::Result;

/// The area under the ROC curve of two classes, from 0 to 1.
///
/// A batch is `(&scores, &labels)`, both `[N]`: scores of class 1 and labels 0 and 1. All scores are kept,
/// 8 bytes each.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Metric, RocAuc};
///
/// let scores = Tensor::vector([0.1_f32, 0.4, 0.35, 0.8]);
/// let mut auc = RocAuc::new().of((&scores, &Tensor::vector([0, 0, 1, 1])))?;
/// assert_eq!(auc.value(), 0.75);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// [`gradus_tensor::Error::Shape`] if the shapes differ, [`Error::Value`](crate::Error::Value) for a label that
/// is not 0 or 1 and for a NaN among the scores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RocAuc {
    ranking: Ranking,
}

impl RocAuc {
    /// The area over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The curve: false positive rate, true positive rate and threshold, from (0, 0) at infinity to (1, 1) at
    /// the lowest score. What scores the threshold or more is called class 1. Rates are NaN for a class
    /// without examples.
    pub fn curve(&self) -> Vec<(f64, f64, f64)> {
        let (all_p, all_n) = (self.ranking.positives() as f64, self.ranking.negatives() as f64);
        let (mut positive, mut negative) = (0, 0);
        let mut point = |p: u64, n: u64, threshold: f64| {
            positive += p;
            negative += n;
            (negative as f64 / all_n, positive as f64 / all_p, threshold)
        };
        let mut curve = vec![point(0, 0, f64::INFINITY)];
        curve.extend(self.ranking.places().iter().map(|x| point(x.positive, x.negative, x.score)));
        curve
    }
}

impl Metric for RocAuc {
    type Batch<'a> = Scored<'a>;

    fn name(&self) -> String {
        "roc_auc".into()
    }

    fn goal(&self) -> Goal {
        Goal::Higher
    }

    fn take(&mut self, batch: Scored<'_>) -> Result<()> {
        self.ranking.take("RocAuc", batch)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.ranking.merge(&other.ranking);
        Ok(())
    }

    fn value(&self) -> f64 {
        let mut above = 0;
        // Twice the number of pairs, so that a tie is one.
        let mut pairs: u128 = 0;
        for place in self.ranking.places() {
            pairs += u128::from(place.negative) * u128::from(2 * above + place.positive);
            above += place.positive;
        }
        let all = u128::from(self.ranking.positives()) * u128::from(self.ranking.negatives());
        pairs as f64 / (2 * all) as f64
    }
}
