//! Every item once an epoch, the classes spread evenly: any stretch of the order, and so any batch, has them in about
//! the proportion of the whole.
//!
//! Of a class with `n` items the `k`-th that comes stands at `(k + u) / n` of the epoch, with one `u` for each class and
//! epoch, uniform in `[0, 1)`; so a stretch of a share `s` of the epoch has `s n` of them, give or take one.

use gradus_tensor::rand_distr::{Distribution, StandardUniform};

use super::Sampler;
use crate::seeds::{self, Use};
use crate::{Error, Result, class_counts};

/// A new order in each epoch, in which each class comes at even distances.
///
/// ```
/// use gradus_data::samplers::{Sampler, StratifiedSampler};
/// let classes = [0, 0, 0, 0, 0, 0, 1, 1];
/// let order = StratifiedSampler::new(&classes, 3)?.order(8, 0)?;
/// for half in order.chunks(4) {
///     assert_eq!(half.iter().filter(|&&item| classes[item] == 1).count(), 1);
/// }
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StratifiedSampler {
    classes: Vec<usize>,
    counts: Vec<usize>,
    seed: u64,
}

impl StratifiedSampler {
    /// The class of each item of the data set.
    ///
    /// # Errors
    /// As [`class_counts`].
    pub fn new(classes: &[i64], seed: u64) -> Result<Self> {
        let counts = class_counts(classes)?;
        // Those that were counted are not negative.
        Ok(Self { classes: classes.iter().map(|&class| class as usize).collect(), counts, seed })
    }
}

impl Sampler for StratifiedSampler {
    fn order(&self, len: usize, epoch: u64) -> Result<Vec<usize>> {
        if len != self.classes.len() {
            let got = format!("a data set of {len} items");
            let wanted = format!("{}, one a class given", self.classes.len());
            return Err(Error::value("StratifiedSampler", got, wanted));
        }
        let mut rng = seeds::rng(self.seed, Use::Order, epoch);
        let items = rng.permutation(len);
        let mut next: Vec<f64> =
            self.counts.iter().map(|_| StandardUniform.sample(&mut rng)).collect();
        let place = |item: usize| {
            let class = self.classes[item];
            let at = next[class] / self.counts[class] as f64;
            next[class] += 1.0;
            (at, item)
        };
        let mut places: Vec<(f64, usize)> = items.into_iter().map(place).collect();
        // Stable: where two stand at one place, the permutation decides.
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(places.into_iter().map(|(_, item)| item).collect())
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}
