//! Operations that work on each element by itself: one pass over memory, whatever the layouts.

mod arithmetic;
mod compare;
mod math;
mod update;
mod walk;
mod zip;

pub use arithmetic::{Cast, Wide};
pub(crate) use walk::Walk;
