//! Mean absolute error: `MAE = (1/N) Σᵢ |pᵢ - tᵢ|` over all elements, in the unit of the targets. The sum
//! is exact. Undefined for no elements; a NaN shows in the value.
//!
//! Source: C. J. Willmott, K. Matsuura, "Advantages of the mean absolute error (MAE) over the root mean square error
//! (RMSE) in assessing average model performance", Climate Research 30, 2005.

use serde::{Deserialize, Serialize};

use super::numbers::pairs;
use super::sum::Sum;
use super::{Goal, Metric, Numbers};
use crate::Result;

/// The mean distance between predictions and targets, of one shape, whichever.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Mae, Metric};
///
/// let (predictions, targets) = (Tensor::vector([1.0, 2.0]), Tensor::vector([1.5, 4.0]));
/// assert_eq!(Mae::new().of((&predictions, &targets))?.value(), 1.25);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// Of a batch: [`gradus_tensor::Error::Shape`] for two shapes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mae {
    distance: Sum,
    count: u64,
}

impl Mae {
    /// The error over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Metric for Mae {
    type Batch<'a> = Numbers<'a>;

    fn name(&self) -> String {
        "mae".into()
    }

    fn goal(&self) -> Goal {
        Goal::Lower
    }

    fn take(&mut self, batch: Numbers<'_>) -> Result<()> {
        for (prediction, target) in pairs("Mae", batch)?.1 {
            self.distance.add((prediction - target).abs());
            self.count = self.count.saturating_add(1);
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.distance.merge(&other.distance);
        self.count = self.count.saturating_add(other.count);
        Ok(())
    }

    fn value(&self) -> f64 {
        self.distance.value() / self.count as f64
    }
}
