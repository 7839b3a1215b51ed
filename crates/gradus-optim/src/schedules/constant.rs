//! The same factor for every step: `factor(s) = c`.

use crate::error::not_negative;
use crate::{Result, Schedule};

/// The same factor for every step.
///
/// ```
/// use gradus_optim::{Constant, Schedule};
/// assert_eq!(Constant::new(0.5).factor(1_000_000), 0.5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constant(f64);

impl Constant {
    /// The given factor, 0 or more.
    pub fn new(factor: f64) -> Self {
        Self(factor)
    }
}

impl Schedule for Constant {
    fn factor(&self, _step: u64) -> f64 {
        self.0
    }

    fn validate(&self) -> Result<()> {
        not_negative("Constant", "factor", self.0)
    }
}
