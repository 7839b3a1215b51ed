//! How a token is drawn: the filters, in the order in which they work.
//!
//! Repetition first, since it speaks of logits; then temperature, top-k, top-p and min-p, each on what the one before
//! has left: the order of `transformers`.

use gradus_nn::{Error, Result, Settings, settings::BadSetting};
use gradus_tensor::Rng;

use super::{Candidates, penalise};

/// The settings of a draw. Unless something is set, a token is drawn with the probabilities of the model.
///
/// ```
/// use gradus_models::generate::Sampling;
/// use gradus_tensor::Rng;
/// let logits = [2.0, 1.0, 0.5, -3.0];
/// let mut rng = Rng::new(0);
/// assert_eq!(Sampling::greedy().choose(&logits, &[], &mut rng)?, 0);
/// let two = Sampling::new().temperature(2.0).top_k(2);
/// assert!(two.choose(&logits, &[], &mut rng)? < 2);
/// let message = Sampling::new().top_p(0.0).choose(&logits, &[], &mut rng).unwrap_err().to_string();
/// assert_eq!(message, "Sampling: got top p 0, wanted a number in (0, 1]");
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Sampling {
    /// How bold the draw is: below 1 bolder texts become rarer; 0 takes the likeliest token.
    #[at_least(0)]
    #[default(1.0)]
    temperature: f64,
    /// How many of the likeliest tokens may come.
    #[unset("all")]
    #[at_least(1)]
    top_k: Option<usize>,
    /// The part of the probability that the tokens that may come hold together.
    #[above(0)]
    #[at_most(1)]
    #[default(1.0)]
    top_p: f64,
    /// How likely a token must be, as a part of the likeliest one's probability.
    #[in_unit]
    #[default(0.0)]
    min_p: f64,
    /// By how much tokens that have come already are made less likely; 1 is not at all, 1.2 is usual.
    #[above(0)]
    #[default(1.0)]
    repetition: f64,
}

impl Sampling {
    /// The likeliest token, always.
    pub fn greedy() -> Self {
        Self::new().temperature(0.0)
    }

    /// The next token, for the logits of all tokens and the tokens that have come `before`.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, and as [`Candidates::new`].
    pub fn choose(&self, logits: &[f64], before: &[u32], rng: &mut Rng) -> Result<u32> {
        self.check().map_err(|fault: BadSetting| Error::from(fault))?;
        let &Self { temperature, top_k, top_p, min_p, repetition } = self;
        let mut logits = logits.to_vec();
        if repetition != 1.0 {
            penalise(&mut logits, before, repetition);
        }
        let most = if temperature == 0.0 { 1 } else { top_k.unwrap_or(usize::MAX) };
        let mut candidates = Candidates::likeliest(&logits, most)?;
        if temperature != 1.0 {
            candidates.temperature(temperature);
        }
        candidates.top_p(top_p);
        candidates.min_p(min_p);
        candidates.draw(rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_work_one_after_the_other() -> Result<()> {
        let logits = [0.4, 0.3, 0.2, 0.1].map(f64::ln);
        let seen = |sampling: Sampling, before: &[u32]| -> Result<Vec<u32>> {
            let mut rng = Rng::new(3);
            let drawn = (0..200).map(|_| sampling.choose(&logits, before, &mut rng));
            let mut drawn = drawn.collect::<Result<Vec<_>>>()?;
            drawn.sort_unstable();
            drawn.dedup();
            Ok(drawn)
        };
        let new = Sampling::new;
        assert_eq!(seen(new(), &[])?, [0, 1, 2, 3]);
        assert_eq!(seen(new().top_k(3), &[])?, [0, 1, 2]);
        // Of three tokens the first two hold 7/9.
        assert_eq!(seen(new().top_k(3).top_p(0.75), &[])?, [0, 1]);
        assert_eq!(seen(new().top_p(0.75), &[])?, [0, 1, 2]);
        assert_eq!(seen(new().min_p(0.6), &[])?, [0, 1]);
        // √ of the probabilities are nearer to each other.
        assert_eq!(seen(new().temperature(2.0).min_p(0.6), &[])?, [0, 1, 2]);
        assert_eq!(seen(Sampling::greedy(), &[])?, [0]);
        assert_eq!(seen(Sampling::greedy().repetition(2.0), &[0, 1])?, [2]);
        Ok(())
    }

    #[test]
    fn settings_outside_their_domain_are_named() {
        let says = |sampling: Sampling| {
            sampling.choose(&[0.0], &[], &mut Rng::new(0)).unwrap_err().to_string()
        };
        for (sampling, part) in [
            (Sampling::new().temperature(-1.0), "temperature -1"),
            (Sampling::new().temperature(f64::NAN), "temperature NaN"),
            (Sampling::new().top_k(0), "top k 0"),
            (Sampling::new().top_p(1.5), "top p 1.5"),
            (Sampling::new().min_p(1.0), "min p 1"),
            (Sampling::new().repetition(0.0), "repetition 0"),
        ] {
            let message = says(sampling);
            assert!(message.contains(part), "{message}");
        }
    }
}
