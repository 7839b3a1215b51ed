//! Where a tensor's elements live: pooled, aligned, shared until somebody writes.

mod buffer;
pub(crate) mod place;
mod pool;

pub(crate) use buffer::Buffer;
pub(crate) use pool::has_room;
pub use pool::{MemoryStats, stats, trim};
