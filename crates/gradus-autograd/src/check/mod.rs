//! Checks that derivatives are right, for the operations of this crate and for yours.
//!
//! [`gradient`] compares a derivative with central differences,
//! `(f(x + h v) - f(x - h v)) / 2h` along random directions `v`, in doubles; [`second`] does the
//! same for the derivative of the derivative. [`Cases`] runs these and every other property that
//! an operation must have over a list of inputs.

mod cases;
mod differences;
pub mod inputs;
mod precision;

pub use cases::Cases;
#[cfg(test)]
pub(crate) use cases::cases;
pub use differences::{gradient, second};
