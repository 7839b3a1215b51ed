//! The tokens that may come next, ordered by how likely they are.
//!
//! `pᵢ = exp(zᵢ - z₀) / Σ exp(zⱼ - z₀)` over the tokens that are left, with the largest logit `z₀` taken out so that
//! nothing overflows: softmax. What was filtered away shares its probability among the rest.

use gradus_nn::{Error, Result};
use gradus_tensor::Rng;

/// Tokens with their logits, the likeliest first; of equal ones the smaller token first.
///
/// ```
/// use gradus_models::generate::Candidates;
/// let mut candidates = Candidates::new(&[0.0, 2.0, f64::NEG_INFINITY, 1.0])?;
/// assert_eq!(candidates.tokens().collect::<Vec<_>>(), [1, 3, 0]); // token 2 cannot come
/// candidates.top_k(2);
/// let p = candidates.probabilities();
/// assert!((p[0] / p[1] - 1_f64.exp()).abs() < 1e-12 && (p[0] + p[1] - 1.0).abs() < 1e-12);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    pub(super) list: Vec<(u32, f64)>,
}

impl Candidates {
    /// All tokens: their number is the place of their logit. A logit of minus infinity forbids a token.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is no logit, or one is NaN or plus infinity, or all are minus infinity.
    pub fn new(logits: &[f64]) -> Result<Self> {
        Self::likeliest(logits, logits.len())
    }

    /// The `k` likeliest tokens, without putting the others in order.
    pub(super) fn likeliest(logits: &[f64], k: usize) -> Result<Self> {
        let fault = |got: String| {
            Err(Error::setting("Candidates", got, "a logit below infinity for each token"))
        };
        if let Some(token) = logits.iter().position(|z| z.is_nan() || *z == f64::INFINITY) {
            return fault(format!("the logit {} of token {token}", logits[token]));
        }
        let mut list: Vec<_> = (0..).zip(logits.iter().copied()).collect();
        list.retain(|(_, z)| *z > f64::NEG_INFINITY);
        if list.is_empty() {
            return fault(format!("{} logits of minus infinity", logits.len()));
        }
        let order = |a: &(u32, f64), b: &(u32, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let k = k.max(1);
        if k < list.len() {
            list.select_nth_unstable_by(k - 1, order);
            list.truncate(k);
        }
        list.sort_unstable_by(order);
        Ok(Self { list })
    }

    /// The tokens, the likeliest first: one or more.
    pub fn tokens(&self) -> impl Iterator<Item = u32> {
        self.list.iter().map(|&(token, _)| token)
    }

    /// How likely each is, in the same order. They add up to one.
    pub fn probabilities(&self) -> Vec<f64> {
        let most = self.list[0].1;
        let mut p: Vec<f64> = self.list.iter().map(|(_, z)| (z - most).exp()).collect();
        let sum: f64 = p.iter().sum();
        p.iter_mut().for_each(|p| *p /= sum);
        p
    }

    /// One of them, each with its probability: the first at which the sum of probabilities passes a random
    /// number from 0 to 1. One token alone draws no number.
    ///
    /// # Errors
    /// None; it is a `Result` because random numbers are.
    pub fn draw(&self, rng: &mut Rng) -> Result<u32> {
        let last = self.list[self.list.len() - 1].0;
        if self.list.len() == 1 {
            return Ok(last);
        }
        let mark = gradus_tensor::Tensor::<f64>::uniform([1], 0.0, 1.0, rng)?.item()?;
        let mut sum = 0.0;
        let passes = |p: &f64| {
            sum += p;
            sum > mark
        };
        // By rounding the sum may end a little below one.
        Ok(self.probabilities().iter().position(passes).map_or(last, |i| self.list[i].0))
    }

    /// Keeps the first `count`, and one at least.
    pub(super) fn keep(&mut self, count: usize) {
        self.list.truncate(count.max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_probabilities() -> Result<()> {
        let candidates = Candidates::new(&[0.5_f64.ln(), 0.2_f64.ln(), 0.3_f64.ln()])?;
        let (mut counts, mut rng) = ([0; 3], Rng::new(1));
        for _ in 0..10_000 {
            counts[candidates.draw(&mut rng)? as usize] += 1;
        }
        // Four deviations: √(10,000 p (1 - p)) is at most 50.
        for (count, wanted) in counts.into_iter().zip([5000_i32, 2000, 3000]) {
            assert!((count - wanted).abs() < 200, "{counts:?}");
        }
        Ok(())
    }

    #[test]
    fn a_few_of_many_are_those_of_the_whole_order() -> Result<()> {
        let logits: Vec<f64> = (0..1000).map(|i| f64::from(i * 7919 % 211)).collect();
        let all = Candidates::new(&logits)?;
        for k in [1, 2, 211, 999, 1000, 5000] {
            let mut some = all.clone();
            some.keep(k);
            assert_eq!(Candidates::likeliest(&logits, k)?, some);
        }
        Ok(())
    }

    #[test]
    fn bad_logits_are_named() {
        let says = |logits: &[f64]| Candidates::new(logits).unwrap_err().to_string();
        let wanted = "wanted a logit below infinity for each token";
        assert_eq!(
            says(&[0.0, f64::NAN]),
            format!("Candidates: got the logit NaN of token 1, {wanted}")
        );
        assert!(says(&[f64::INFINITY]).contains("logit inf of token 0"));
        assert!(says(&[f64::NEG_INFINITY; 3]).contains("3 logits of minus infinity"));
        assert!(says(&[]).contains("0 logits"));
    }
}
