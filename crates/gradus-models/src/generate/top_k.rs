//! Top-k: only the `k` likeliest tokens may come.
//!
//! The tail of a distribution over fifty thousand tokens is long: each token of it is unlikely, and all together are
//! not, so that a long text would pick nonsense sooner or later. (Fan, Lewis and Dauphin, *Hierarchical neural story
//! generation*, 2018, section 5.4.)

use super::Candidates;

impl Candidates {
    /// Keeps the `k` likeliest tokens; at least one. Of equal ones the smaller tokens stay.
    ///
    /// ```
    /// use gradus_models::generate::Candidates;
    /// let mut candidates = Candidates::new(&[1.0, 3.0, 2.0, 2.0])?;
    /// candidates.top_k(2);
    /// assert_eq!(candidates.tokens().collect::<Vec<_>>(), [1, 2]);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    pub fn top_k(&mut self, k: usize) {
        self.keep(k);
    }
}
