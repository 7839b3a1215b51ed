//! The graph: one node for each recorded operation, and the pass that walks it backward.

mod at;
mod backward;
mod many;
mod node;
mod one;

pub use at::At;
pub use backward::grad;
pub(crate) use backward::{Mode, backward};
pub(crate) use many::Many;
pub(crate) use node::{Leaf, Links, Node};
pub(crate) use one::One;
