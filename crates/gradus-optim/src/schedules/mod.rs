//! The schedules, one file each.

mod constant;
mod cosine;
mod step_decay;
mod then;
mod warmup;

pub use constant::Constant;
pub use cosine::Cosine;
pub use step_decay::StepDecay;
pub use then::Then;
pub use warmup::Warmup;

use crate::{Error, Result};

/// Checks that a number of steps is not zero.
fn some_steps(of: &str, name: &str, steps: u64) -> Result<()> {
    match steps {
        0 => Err(Error::setting(of, format!("{name} 0"), "at least 1 step")),
        _ => Ok(()),
    }
}
