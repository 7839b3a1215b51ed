//! Root mean square error: `RMSE = √((1/N) Σᵢ (pᵢ - tᵢ)²)` over all elements, in the unit of the targets. The sum of
//! the squares is exact. Undefined for no elements; a NaN shows in the value.
//!
//! Source: C. F. Gauss, "Theoria combinationis observationum erroribus minimis obnoxiae", 1821, articles 6 and 7.

use serde::{Deserialize, Serialize};

use super::numbers::pairs;
use super::sum::Sum;
use super::{Goal, Metric, Numbers};
use crate::Result;

/// The root of the mean squared distance between predictions and targets, of one shape, whichever.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Metric, Rmse};
///
/// let (predictions, targets) = (Tensor::vector([1.0, 2.0]), Tensor::vector([2.0, 9.0]));
/// assert_eq!(Rmse::new().of((&predictions, &targets))?.value(), 5.0);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// Of a batch: [`gradus_tensor::Error::Shape`] for two shapes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rmse {
    squares: Sum,
    count: u64,
}

impl Rmse {
    /// The error over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Metric for Rmse {
    type Batch<'a> = Numbers<'a>;

    fn name(&self) -> String {
        "rmse".into()
    }

    fn goal(&self) -> Goal {
        Goal::Lower
    }

    fn take(&mut self, batch: Numbers<'_>) -> Result<()> {
        for (prediction, target) in pairs("Rmse", batch)?.1 {
            self.squares.add((prediction - target).powi(2));
            self.count = self.count.saturating_add(1);
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.squares.merge(&other.squares);
        self.count = self.count.saturating_add(other.count);
        Ok(())
    }

    fn value(&self) -> f64 {
        (self.squares.value() / self.count as f64).sqrt()
    }
}
