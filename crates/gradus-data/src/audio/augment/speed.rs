//! Faster or slower: `y[t] = x[f t]`, by a change of the rate.
//!
//! As with a tape, pitch and formants go with it: a person who speaks faster by a tenth sounds a tenth higher. (Ko, Peddinti,
//! Povey and Khudanpur, *Audio augmentation for speech recognition*, 2015, section 2: factors 0.9, 1 and 1.1.)

use gradus_tensor::Rng;

use super::Augment;
use crate::audio::Resampler;
use crate::{Error, Result};

/// Draws one of a few factors. The length changes: `n` samples become `ceil(n / f)`.
///
/// ```
/// use gradus_data::audio::augment::{Augment, Speed};
/// use gradus_tensor::Rng;
/// let sound = vec![0.1; 9000];
/// assert_eq!(Speed::new(&[0.9])?.apply(&sound, &mut Rng::new(0))?.len(), 10_000);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Speed {
    /// The filters are made once.
    ways: Vec<Resampler>,
}

impl Speed {
    /// Each factor is equally likely. They are taken to a thousandth.
    ///
    /// # Errors
    /// [`Error::Value`] if there are none or more than 100, or unless `0.1 ≤ factor ≤ 10`.
    pub fn new(factors: &[f64]) -> Result<Self> {
        if factors.is_empty() || factors.len() > 100 {
            let got = format!("{} factors", factors.len());
            return Err(Error::value("Speed::new", got, "1 to 100"));
        }
        let way = |&factor: &f64| {
            if !(0.1..=10.0).contains(&factor) {
                return Err(Error::value("Speed::new", format!("factor {factor}"), "0.1 to 10"));
            }
            // Sound of this many samples a second, played as if it were of 1000.
            Resampler::new((factor * 1000.0).round() as u32, 1000)
        };
        Ok(Self { ways: factors.iter().map(way).collect::<Result<_>>()? })
    }
}

impl Augment for Speed {
    fn apply(&self, samples: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        self.ways[rng.below(self.ways.len())].apply(samples)
    }
}
