//! Losses: one number that says how wrong a network is, one file each. Formulas and derivatives
//! stand with the operations of the same name in `gradus-autograd`.

mod bce_with_logits;
mod cross_entropy;
mod mse;

pub use bce_with_logits::{BceWithLogits, bce_with_logits};
pub use cross_entropy::{CrossEntropy, cross_entropy};
pub use mse::mse_loss;
