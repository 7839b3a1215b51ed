//! Top-p, the nucleus: the fewest tokens that hold a part `p` of the probability.
//!
//! The tokens, ordered by probability, up to the first `n` with `p₁ + … + pₙ ≥ p`. Where the model is sure, that is one
//! token; where it is not, many: a number `k` of them would be too many here and too few there. (Holtzman, Buys, Du,
//! Forbes and Choi, *The curious case of neural text degeneration*, 2020, section 3.1.)

use super::Candidates;

impl Candidates {
    /// Keeps the fewest tokens, the likeliest first, whose probabilities add up to `p`; at least one. From 1 on all are
    /// kept.
    ///
    /// ```
    /// use gradus_models::generate::Candidates;
    /// let logits = [0.1, 0.5, 0.15, 0.25].map(f64::ln);
    /// for (p, kept) in [(0.0, 1), (0.45, 1), (0.7, 2), (0.8, 3), (0.95, 4), (1.0, 4)] {
    ///     let mut candidates = Candidates::new(&logits)?;
    ///     candidates.top_p(p);
    ///     assert_eq!(candidates.tokens().count(), kept, "{p}");
    /// }
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn top_p(&mut self, p: f64) {
        if p >= 1.0 {
            return;
        }
        let mut sum = 0.0;
        let reaches = |probability: &f64| {
            sum += probability;
            sum >= p
        };
        if let Some(last) = self.probabilities().iter().position(reaches) {
            self.keep(last + 1);
        }
    }
}
