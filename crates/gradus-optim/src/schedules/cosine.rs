//! Half a wave of the cosine, from 1 down to a final factor `f` after `n` steps, and `f` from then
//! on:
//!
//! ```text
//! factor(s) = f + (1 − f) · (1 + cos(π s / n)) / 2        for s ≤ n
//! ```
//!
//! Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts*, 2017, equation 5,
//! without the restarts.

use std::f64::consts::PI;

use super::some_steps;
use crate::error::not_negative;
use crate::{Result, Schedule};

/// Falls from 1 to a final factor along a cosine.
///
/// ```
/// use gradus_optim::{Cosine, Schedule};
/// let schedule = Cosine::new(100).final_factor(0.1);
/// assert_eq!(schedule.factor(0), 1.0);
/// assert!((schedule.factor(50) - 0.55).abs() < 1e-12);
/// assert_eq!([100, 5000].map(|step| schedule.factor(step)), [0.1, 0.1]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cosine {
    total: u64,
    final_factor: f64,
}

impl Cosine {
    /// Down to 0 in `total` steps, at least 1.
    pub fn new(total: u64) -> Self {
        Self { total, final_factor: 0.0 }
    }

    /// Where it ends, 0 or more.
    pub fn final_factor(self, final_factor: f64) -> Self {
        Self { final_factor, ..self }
    }
}

impl Schedule for Cosine {
    fn factor(&self, step: u64) -> f64 {
        if step >= self.total {
            return self.final_factor;
        }
        let angle = PI * (step as f64 / self.total as f64);
        self.final_factor + (1.0 - self.final_factor) * (1.0 + angle.cos()) / 2.0
    }

    fn validate(&self) -> Result<()> {
        some_steps("Cosine", "total", self.total)?;
        not_negative("Cosine", "final factor", self.final_factor)
    }
}
