//! Top-k accuracy: the share of items whose true class is among the `k` with the largest scores.
//!
//! `top_k = (1/N) Σᵢ [|{c : scores(i, c) ranks before scores(i, label(i))}| < k]`. Of equal scores the
//! first class ranks first, and NaN ranks before all numbers, so that `k = 1` is accuracy. Undefined for no items.
//!
//! Source: O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 115, 2015,
//! where the error with k = 5 is defined.

use gradus_tensor::Number;
use serde::{Deserialize, Serialize};

use super::classes::for_each_item;
use super::{Goal, Labelled, Metric, Predictions, Unit};
use crate::{Error, Result};

/// The share of items whose true class is among the `k` with the largest scores, from 0 to 1.
///
/// A batch is scores `[N, C]` (or `[N, C, …]`) with labels `[N]` (or `[N, …]`). The column is called `top5`
/// for `k = 5`.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Metric, TopK};
///
/// let scores = Tensor::<f32>::from_vec(vec![0.5, 0.3, 0.2, 0.1, 0.2, 0.7], [2, 3])?;
/// let top2 = TopK::new(2).of((&scores, &Tensor::vector([1, 0])))?;
/// assert_eq!((top2.name().as_str(), top2.value()), ("top2", 0.5));
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// Of a batch: [`gradus_tensor::Error::Shape`] for shapes that do not fit, [`Error::Value`] for a label outside
/// `0..C`, for classes in the place of scores, and for a `k` that is not from 1 to `C`. Of a merge:
/// [`Error::Value`] for another `k`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopK {
    k: usize,
    right: u64,
    all: u64,
}

impl TopK {
    /// The accuracy of the best `k` over nothing yet.
    pub fn new(k: usize) -> Self {
        Self { k, right: 0, all: 0 }
    }

    fn count<T: Number>(
        &self,
        scores: &gradus_tensor::Tensor<T>,
        batch: Labelled<'_>,
    ) -> Result<Self> {
        let classes = scores.shape().get(1).copied().unwrap_or(usize::MAX);
        if !(1..=classes).contains(&self.k) {
            let wanted = format!("1 to {classes}, the number of classes");
            return Err(Error::value("TopK", format!("k = {}", self.k), wanted));
        }
        let mut counts = Self::new(self.k);
        for_each_item("TopK", scores, batch, |label, classes, score| {
            let own = score(label);
            let before = |class: usize| {
                let other = score(class);
                match (other.is_nan(), own.is_nan()) {
                    (false, false) => other > own || (other == own && class < label),
                    (true, true) => class < label,
                    (nan, _) => nan,
                }
            };
            counts.right +=
                u64::from((0..classes).filter(|&c| before(c)).take(self.k).count() < self.k);
            counts.all += 1;
        })?;
        Ok(counts)
    }
}

impl Metric for TopK {
    type Batch<'a> = Labelled<'a>;

    fn name(&self) -> String {
        format!("top{}", self.k)
    }

    fn goal(&self) -> Goal {
        Goal::Higher
    }

    fn unit(&self) -> Unit {
        Unit::Percent
    }

    fn take(&mut self, batch: Labelled<'_>) -> Result<()> {
        let counts = match batch.predictions {
            Predictions::F32(scores) => self.count(scores, batch)?,
            Predictions::F64(scores) => self.count(scores, batch)?,
            Predictions::Classes(_) => {
                let wanted = "scores [N, C], of which the largest k are looked at";
                return Err(Error::value("TopK", "predicted classes", wanted));
            }
        };
        self.merge(&counts)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.k != other.k {
            return Err(Error::value(
                "TopK::merge",
                format!("k = {}", other.k),
                self.k.to_string(),
            ));
        }
        self.right = self.right.saturating_add(other.right);
        self.all = self.all.saturating_add(other.all);
        Ok(())
    }

    fn value(&self) -> f64 {
        self.right as f64 / self.all as f64
    }
}
