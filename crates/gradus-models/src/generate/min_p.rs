//! Min-p: only tokens that are at least a part of as likely as the likeliest.
//!
//! Keep `i` with `pᵢ ≥ m · max p`. The bar rises where the model is sure and falls where it is not, and at high
//! temperatures it lets fewer unlikely tokens through than top-p does. (Nguyen, Baker, Neo, Roush, Kirsch and Shwartz-Ziv,
//! *Turning up the heat: min-p sampling for creative and coherent LLM outputs*, 2025, section 3.)

use super::Candidates;

impl Candidates {
    /// Keeps the tokens whose probability is at least `least` times that of the likeliest, which always stays. At 0 all
    /// are kept.
    ///
    /// ```
    /// use gradus_models::generate::Candidates;
    /// let mut candidates = Candidates::new(&[0.1, 0.5, 0.15, 0.25].map(f64::ln))?;
    /// candidates.min_p(0.25); // 0.125 or more
    /// assert_eq!(candidates.tokens().collect::<Vec<_>>(), [1, 3, 2]);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn min_p(&mut self, least: f64) {
        // pᵢ / p₀ = exp(zᵢ - z₀)
        let most = self.list[0].1;
        let kept = self.list.iter().take_while(|(_, z)| (z - most).exp() >= least).count();
        self.keep(kept);
    }
}
