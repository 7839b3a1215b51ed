//! Temperature: how bold the draw is.
//!
//! `p ∝ exp(z / t)`. At 1 the probabilities are the model's; below, likely tokens become likelier, down to the
//! likeliest alone at 0; above, all become more alike. (Ackley, Hinton and Sejnowski, *A learning algorithm for
//! Boltzmann machines*, 1985, equation 3, where `t` is the temperature of a physical system.)

use super::Candidates;

impl Candidates {
    /// Divides the logits by a temperature. At 0, and at numbers too small to divide by, the likeliest token alone is
    /// left.
    ///
    /// ```
    /// use gradus_models::generate::Candidates;
    /// let mut candidates = Candidates::new(&[0.8_f64.ln(), 0.2_f64.ln()])?;
    /// candidates.temperature(0.5);
    /// let p = candidates.probabilities(); // 0.8² and 0.2², shared out
    /// assert!((p[0] - 0.64 / 0.68).abs() < 1e-12);
    /// candidates.temperature(0.0);
    /// assert_eq!(candidates.tokens().collect::<Vec<_>>(), [0]);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn temperature(&mut self, temperature: f64) {
        // Of the largest logit, so that what is divided stays small.
        let most = self.list[0].1;
        if self.list.iter().any(|(_, z)| ((z - most) / temperature).is_nan()) {
            return self.keep(1);
        }
        self.list.iter_mut().for_each(|(_, z)| *z = (*z - most) / temperature);
        self.list.retain(|(_, z)| *z > f64::NEG_INFINITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tiny_one_leaves_the_likeliest() -> gradus_nn::Result<()> {
        for temperature in [0.0, 1e-300, f64::MIN_POSITIVE] {
            let mut candidates = Candidates::new(&[3.0, -1e30, 1e30])?;
            candidates.temperature(temperature);
            assert_eq!(candidates.tokens().collect::<Vec<_>>(), [2], "{temperature}");
        }
        let mut alike = Candidates::new(&[1.0, 1.0])?;
        alike.temperature(1e-300);
        assert_eq!(alike.probabilities(), [0.5, 0.5]);
        Ok(())
    }
}
