//! Operations that work on each element by itself: one pass over memory, whatever the layouts.

mod arithmetic;
mod cast;
mod compare;
mod math;
mod rows;
#[allow(unsafe_code, reason = "threads write rows of one tensor side by side")]
mod update;
mod walk;
#[allow(unsafe_code, reason = "threads write rows of one result side by side")]
mod zip;

pub use cast::{Cast, Wide};
pub(crate) use walk::Walk;
