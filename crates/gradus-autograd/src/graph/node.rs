//! What every node of a graph has and can do.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use super::backward::Step;
use super::{AnyVar, Origin, Value};
use crate::arity::PerOutput;
use crate::{Attributes, Result};

/// A recorded operation, or a leaf.
pub(crate) trait Node: Send + Sync {
    /// Its place in the graph.
    fn links(&self) -> &Links;

    /// Its place in the graph, to be changed.
    fn links_mut(&mut self) -> &mut Links;

    /// The operation's name.
    fn name(&self) -> &'static str;

    /// The operation's settings.
    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    /// Given the gradients of the outputs, writes the gradient of each wanted input to its place.
    fn backward(
        &self,
        _this: &Arc<dyn Node>,
        _arrived: Arrived,
        _step: &mut Step<'_>,
    ) -> Result<()> {
        Ok(())
    }

    /// Whether what the derivative needs was left out, to be computed again.
    fn is_empty(&self) -> bool {
        false
    }

    /// Computes the outputs again from the inputs, and keeps what the derivative reads.
    fn replay(&self, _inputs: &[Option<Value>]) -> Result<PerOutput<Value>> {
        Ok(PerOutput::new())
    }
}

/// The gradient of each output of a node, as far as any came.
pub(crate) type Arrived = PerOutput<Option<AnyVar>>;

/// What a node has whatever its operation is. All that is done with it is compiled once, and not
/// again for each operation.
pub(crate) struct Links {
    /// Larger than the number of every node that this one depends on.
    pub(crate) id: u64,
    /// The inputs; a leaf has none.
    pub(crate) edges: SmallVec<[Edge; 2]>,
    /// The outputs.
    pub(crate) outputs: PerOutput<Kept>,
    /// The checkpoint that it stands in; 0 for none.
    pub(crate) region: u64,
}

impl Links {
    /// Those of a leaf.
    pub(crate) fn leaf() -> Self {
        Self { id: next_id(), edges: SmallVec::new(), outputs: PerOutput::new(), region: 0 }
    }

    /// Whether a gradient that arrives here is a result.
    pub(crate) fn is_leaf(&self) -> bool {
        self.edges.is_empty()
    }

    /// Moves the nodes of the inputs into `stack`, but for those that somebody else holds as well.
    fn take_nodes(&mut self, stack: &mut Vec<Arc<dyn Node>>) {
        for edge in &mut self.edges {
            if let Some(Origin { node, .. }) = edge.origin.take()
                && Arc::strong_count(&node) == 1
                && !node.links().is_leaf()
            {
                stack.push(node);
            }
        }
    }
}

/// Drops the nodes of inputs, and what hangs on them, with a loop. Left to itself, each node would
/// drop its inputs from within its own drop, and a long chain would overflow the stack.
impl Drop for Links {
    fn drop(&mut self) {
        let mut stack = Vec::new();
        self.take_nodes(&mut stack);
        while let Some(mut node) = stack.pop() {
            if let Some(node) = Arc::get_mut(&mut node) {
                node.links_mut().take_nodes(&mut stack);
            }
        }
    }
}

/// A number above all that were given out before.
pub(crate) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Relaxed)
}

/// Where gradients end: a parameter or a tracked input.
pub(crate) struct Leaf(Links);

impl Leaf {
    /// A new leaf, different from all others.
    pub(crate) fn node() -> Arc<dyn Node> {
        Arc::new(Self(Links::leaf()))
    }
}

impl Node for Leaf {
    fn links(&self) -> &Links {
        &self.0
    }
    fn links_mut(&mut self) -> &mut Links {
        &mut self.0
    }
    fn name(&self) -> &'static str {
        "leaf"
    }
}

/// An input of a recorded operation.
pub(crate) struct Edge {
    pub(crate) kept: Kept,
    pub(crate) origin: Option<Origin>,
}

/// What is left of an input or an output.
pub(crate) enum Kept {
    /// It was not given.
    Nothing,
    /// Its value, as the derivative reads it.
    Value(Value),
    /// Its shape.
    Shape(SmallVec<[usize; 4]>),
    /// Its shape; the value is computed again when the derivative comes, if it reads it.
    Later(Box<(SmallVec<[usize; 4]>, OnceLock<Value>)>),
}

impl Kept {
    pub(crate) fn later(shape: &[usize]) -> Self {
        Self::Later(Box::new((shape.into(), OnceLock::new())))
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Later(later) => later.1.get(),
            Self::Nothing | Self::Shape(_) => None,
        }
    }

    /// The shape; of what is missing, an empty one.
    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            Self::Value(value) => value.shape(),
            Self::Shape(shape) => shape,
            Self::Later(later) => &later.0,
            Self::Nothing => &[],
        }
    }

    pub(crate) fn is_given(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// Puts a value where one was left out to be computed again.
    pub(crate) fn fill(&self, value: &Value) {
        if let Self::Later(later) = self {
            later.1.get_or_init(|| value.clone());
        }
    }
}
