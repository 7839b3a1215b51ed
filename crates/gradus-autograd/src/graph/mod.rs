//! The graph: one node for each recorded operation, and the pass that walks it backward.

mod at;
mod backward;
mod cast;
mod grad;
mod node;
mod operation;
mod replay;
mod value;
mod view;

pub use at::At;
pub use grad::{GradInputs, grad};
pub use value::Value;
pub use view::{Graph, GraphEdge, GraphNode, trace};

pub(crate) use backward::{Mode, backward};
pub(crate) use cast::cast_any;
pub(crate) use grad::grads_of;
pub(crate) use node::{Leaf, Node, next_id};
pub(crate) use operation::{OpNode, Tell};
pub(crate) use value::{AnyVar, Origin};
