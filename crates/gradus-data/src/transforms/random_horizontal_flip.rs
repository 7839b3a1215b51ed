//! An image as in a mirror, some of the time: for things that look alike from both sides, so not
//! for digits.

use gradus_tensor::rand_distr::{Bernoulli, Distribution};
use gradus_tensor::{Rng, Tensor};

use super::{Transform, sizes};
use crate::{Error, Result};

/// Exchanges left and right with probability `p`.
///
/// ```
/// use gradus_data::transforms::{RandomHorizontalFlip, Transform};
/// use gradus_tensor::{Rng, Tensor};
/// let x = Tensor::from_vec(vec![1.0, 2.0, 3.0], [1, 1, 3])?;
/// let y = RandomHorizontalFlip::new(1.0)?.apply(&x, &mut Rng::new(0))?;
/// assert_eq!(y.to_vec(), [3.0, 2.0, 1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomHorizontalFlip {
    chance: Bernoulli,
}

impl RandomHorizontalFlip {
    /// Flips with probability `p`.
    ///
    /// # Errors
    /// [`Error::Value`] unless `p` lies between 0 and 1.
    pub fn new(p: f64) -> Result<Self> {
        let wrong = |_| {
            let got = format!("probability {p}");
            Error::value("RandomHorizontalFlip::new", got, "a number from 0 to 1")
        };
        Ok(Self { chance: Bernoulli::new(p).map_err(wrong)? })
    }
}

impl Transform for RandomHorizontalFlip {
    fn apply(&self, image: &Tensor, rng: &mut Rng) -> Result<Tensor> {
        sizes("RandomHorizontalFlip", image)?;
        Ok(if self.chance.sample(rng) { image.flip(-1)? } else { image.clone() })
    }
}
