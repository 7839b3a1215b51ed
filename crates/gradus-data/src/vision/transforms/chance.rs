//! Draws that many transforms need: a probability, a number from a range.

use gradus_tensor::Rng;
use gradus_tensor::rand_distr::{Bernoulli, Distribution, StandardUniform};

use crate::{Error, Result};

/// Yes with a probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chance(Bernoulli);

impl Chance {
    pub fn new(op: &'static str, p: f64) -> Result<Self> {
        let wrong = |_| Error::value(op, format!("probability {p}"), "a number from 0 to 1");
        Bernoulli::new(p).map(Self).map_err(wrong)
    }

    pub fn draw(self, rng: &mut Rng) -> bool {
        self.0.sample(rng)
    }
}

/// Numbers from `low` to `high`, each equally likely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub low: f64,
    pub high: f64,
}

impl Range {
    /// `name` stands for the argument in the error; `least` and `most` bound the range.
    pub fn new(
        op: &'static str,
        name: &str,
        [low, high]: [f64; 2],
        [least, most]: [f64; 2],
    ) -> Result<Self> {
        if low.is_finite() && high.is_finite() && least <= low && low <= high && high <= most {
            return Ok(Self { low, high });
        }
        let wanted = match (least.is_finite(), most.is_finite()) {
            (true, true) => format!("two numbers from {least} to {most}, the smaller first"),
            (true, false) => format!("two finite numbers >= {least}, the smaller first"),
            _ => "two finite numbers, the smaller first".into(),
        };
        Err(Error::value(op, format!("{name} from {low} to {high}"), wanted))
    }

    pub fn draw(self, rng: &mut Rng) -> f64 {
        let unit: f64 = StandardUniform.sample(rng);
        self.low + (self.high - self.low) * unit
    }
}
