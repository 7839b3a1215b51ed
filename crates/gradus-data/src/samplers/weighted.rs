//! Items drawn with replacement, item `i` with probability `w_i / Σ w`: rare classes can be shown
//! as often as common ones.
//!
//! A draw inverts the distribution function: for `u` uniform in `[0, Σ w)` it is the first `i`
//! with `w_0 + … + w_i > u`.

use gradus_tensor::rand_distr::{Distribution, Uniform};

use super::Sampler;
use crate::seeds::{self, Use};
use crate::{Error, Result};

/// Independent draws with given weights.
///
/// ```
/// use gradus_data::samplers::{Sampler, WeightedRandomSampler};
/// let sampler = WeightedRandomSampler::new([0.0, 3.0, 1.0], 1000, 7)?;
/// let order = sampler.order(3, 0)?;
/// assert_eq!(order.len(), 1000);
/// assert!(!order.contains(&0));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedRandomSampler {
    /// The sums `w_0 + … + w_i`.
    sums: Vec<f64>,
    total: f64,
    draws: usize,
    seed: u64,
}

impl WeightedRandomSampler {
    /// One weight for each item of the data set, and the number of draws in an epoch.
    ///
    /// # Errors
    /// [`Error::Value`] if a weight is negative or not finite, or if no weight is positive.
    pub fn new(weights: impl AsRef<[f64]>, draws: usize, seed: u64) -> Result<Self> {
        let op = "WeightedRandomSampler::new";
        let weights = weights.as_ref();
        if let Some(i) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
            let got = format!("weight {} of item {i}", weights[i]);
            return Err(Error::value(op, got, "a finite number >= 0"));
        }
        let mut total = 0.0;
        let sums = weights.iter().map(|w| {
            total += w;
            total
        });
        let sums: Vec<f64> = sums.collect();
        if !(total.is_finite() && total > 0.0) {
            let got = format!("{} weights with the sum {total}", weights.len());
            return Err(Error::value(op, got, "a finite sum above 0"));
        }
        Ok(Self { sums, total, draws, seed })
    }
}

impl Sampler for WeightedRandomSampler {
    fn order(&self, len: usize, epoch: u64) -> Result<Vec<usize>> {
        let op = "WeightedRandomSampler";
        if len != self.sums.len() {
            let got = format!("a data set of {len} items");
            return Err(Error::value(op, got, format!("{}, one a weight", self.sums.len())));
        }
        let draw = Uniform::new(0.0, self.total)
            .map_err(|e| Error::value(op, format!("weights up to {}: {e}", self.total), "less"))?;
        let mut rng = seeds::rng(self.seed, Use::Order, epoch);
        let one = || {
            let u = draw.sample(&mut rng);
            self.sums.partition_point(|&sum| sum <= u)
        };
        Ok(std::iter::repeat_with(one).take(self.draws).collect())
    }

    fn count(&self, _len: usize) -> usize {
        self.draws
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}
