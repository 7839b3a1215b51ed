//! R², the coefficient of determination: the share of the targets' variance that predictions explain.
//!
//! `R² = 1 - Σᵢ (tᵢ - pᵢ)² / Σᵢ (tᵢ - t̄)²`, with `N Σᵢ (tᵢ - t̄)² = N Σᵢ tᵢ² - (Σᵢ tᵢ)²`. That difference loses
//! all digits where the mean is large beside the spread; so the sums are exact, squares with their rounding errors, and
//! so is the difference.
//!
//! Of several outputs each has its own mean, and the value is the mean of their R². One whose targets are all equal
//! counts as 1 if every prediction is right and else as 0, as in scikit-learn. Undefined for fewer than two
//! samples.
//!
//! Source: S. Wright, "Correlation and causation", Journal of Agricultural Research 20, 1921.

use serde::{Deserialize, Serialize};

use super::numbers::pairs;
use super::sum::Sum;
use super::{Goal, Metric, Numbers};
use crate::{Error, Result};

/// The share of the targets' variance that predictions explain: 1 at best, 0 for their mean, below for worse.
///
/// A batch is predictions and targets, `[N]`, or `[N, …]` for several outputs.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Metric, R2};
///
/// let (predictions, targets) = (Tensor::vector([1.0, 2.0, 4.0]), Tensor::vector([1.0, 2.0, 3.0]));
/// assert_eq!(R2::new().of((&predictions, &targets))?.value(), 0.5);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// Of a batch: [`gradus_tensor::Error::Shape`] for two shapes, or no axis of samples, [`Error::Value`] for another
/// number of outputs than before; of a merge the same.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct R2 {
    outputs: Vec<Output>,
    samples: u64,
}

/// The sums of one output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Output {
    residual_squares: Sum,
    targets: Sum,
    target_squares: Sum,
}

impl R2 {
    /// R² over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// R² of each output; empty before the first sample.
    pub fn per_output(&self) -> Vec<f64> {
        self.outputs.iter().map(|output| output.value(self.samples)).collect()
    }

    /// Makes room for so many outputs, if there were none before.
    fn fit(&mut self, op: &'static str, outputs: usize) -> Result<()> {
        if self.samples == 0 {
            self.outputs = vec![Output::default(); outputs];
        } else if self.outputs.len() != outputs {
            let wanted = format!("{}, as before", self.outputs.len());
            return Err(Error::value(op, format!("{outputs} outputs"), wanted));
        }
        Ok(())
    }
}

impl Output {
    fn value(&self, samples: u64) -> f64 {
        if samples < 2 {
            return f64::NAN;
        }
        let residual = self.residual_squares.value();
        let mut spread = Sum::default();
        let sum = self.targets.terms();
        for &a in &sum {
            sum.iter().for_each(|&b| spread.add_product(-a, b));
        }
        let count = samples as f64;
        self.target_squares.terms().iter().for_each(|&square| spread.add_product(square, count));
        let spread = spread.value() / count;
        match (residual, spread) {
            (r, s) if r.is_nan() || s.is_nan() => f64::NAN,
            (r, s) if s <= 0.0 => f64::from(r == 0.0),
            (r, s) => 1.0 - r / s,
        }
    }
}

impl Metric for R2 {
    type Batch<'a> = Numbers<'a>;

    fn name(&self) -> String {
        "r2".into()
    }

    fn goal(&self) -> Goal {
        Goal::Higher
    }

    fn take(&mut self, batch: Numbers<'_>) -> Result<()> {
        let (shape, pairs) = pairs("R2", batch)?;
        let Some((&samples, rest)) = shape.split_first() else {
            return Err(gradus_tensor::Error::shape("R2", &shape, "[N] or [N, …]").into());
        };
        let outputs: usize = rest.iter().product();
        if samples == 0 || outputs == 0 {
            return Ok(());
        }
        self.fit("R2", outputs)?;
        for (i, (prediction, target)) in pairs.enumerate() {
            let output = &mut self.outputs[i % outputs];
            output.residual_squares.add((target - prediction).powi(2));
            output.targets.add(target);
            output.target_squares.add_product(target, target);
        }
        self.samples = self.samples.saturating_add(samples as u64);
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if other.samples == 0 {
            return Ok(());
        }
        self.fit("R2::merge", other.outputs.len())?;
        for (output, other) in self.outputs.iter_mut().zip(&other.outputs) {
            output.residual_squares.merge(&other.residual_squares);
            output.targets.merge(&other.targets);
            output.target_squares.merge(&other.target_squares);
        }
        self.samples = self.samples.saturating_add(other.samples);
        Ok(())
    }

    fn value(&self) -> f64 {
        self.per_output().iter().sum::<f64>() / self.outputs.len() as f64
    }
}
