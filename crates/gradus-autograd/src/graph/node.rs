//! What every node of a graph can do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use gradus_tensor::{Float, Tensor, concrete};
use smallvec::SmallVec;

use super::Mode;
use crate::{Result, Var, mode};

/// A recorded operation, or a leaf.
pub(crate) trait Node<T: Float>: Send + Sync {
    /// Its place in the graph.
    fn links(&self) -> &Links<T>;

    /// Its place in the graph, to be changed.
    fn links_mut(&mut self) -> &mut Links<T>;

    /// The operation's name.
    fn name(&self) -> &'static str;

    /// Given the gradient of the output, writes the gradient of each wanted input to `grads`, which
    /// has a place for each input.
    fn backward(
        &self,
        this: &Arc<dyn Node<T>>,
        grad: Var<T>,
        mode: Mode,
        grads: &mut [Option<Var<T>>],
    ) -> Result<()>;
}

/// What a node has whatever its operation is. All that is done with it is compiled once, and not
/// again for each operation.
pub(crate) struct Links<T: Float> {
    /// Larger than the number of every node that this one depends on.
    pub(crate) id: u64,
    /// The inputs; a leaf has none.
    pub(crate) edges: SmallVec<[Edge<T>; 2]>,
    /// The output, if the derivative reads it.
    pub(crate) output: Option<Tensor<T>>,
}

impl<T: Float> Links<T> {
    /// Those of a new node. There must be no node if no input has one, or recording is off.
    ///
    /// `keep` says whether the derivative reads the inputs, and whether the output. In checked mode
    /// the output is looked at on the way.
    pub(crate) fn of(
        op: &dyn Fn() -> &'static str,
        inputs: &[&Var<T>],
        output: &Tensor<T>,
        keep: [bool; 2],
    ) -> Option<Self> {
        concrete!(
            links: fn(&dyn Fn() -> &'static str, &[&Var<T>], &Tensor<T>, [bool; 2]) -> Option<Links<T>>
        )(op, inputs, output, keep)
    }

    /// Whether a gradient that arrives here is a result.
    pub(crate) fn is_leaf(&self) -> bool {
        self.edges.is_empty()
    }

    /// Moves the nodes of the inputs into `stack`, but for those that somebody else holds as well.
    fn take_nodes(&mut self, stack: &mut Vec<Arc<dyn Node<T>>>) {
        for edge in &mut self.edges {
            if let Some(node) = edge.node.take()
                && Arc::strong_count(&node) == 1
                && !node.links().is_leaf()
            {
                stack.push(node);
            }
        }
    }
}

fn links<T: Float>(
    op: &dyn Fn() -> &'static str,
    inputs: &[&Var<T>],
    output: &Tensor<T>,
    [inputs_too, output_too]: [bool; 2],
) -> Option<Links<T>> {
    mode::check(op, "forward", inputs.iter().map(|x| x.value()), output);
    if !mode::is_recording() || !inputs.iter().any(|x| x.is_tracked()) {
        return None;
    }
    Some(Links {
        id: next_id(),
        edges: inputs.iter().map(|x| Edge::new(x, inputs_too)).collect(),
        output: output_too.then(|| output.clone()),
    })
}

/// Drops the nodes of inputs, and what hangs on them, with a loop. Left to itself, each node would
/// drop its inputs from within its own drop, and a long chain would overflow the stack.
impl<T: Float> Drop for Links<T> {
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
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Relaxed)
}

/// Where gradients end: a parameter or a tracked input.
pub(crate) struct Leaf<T: Float>(Links<T>);

impl<T: Float> Leaf<T> {
    /// A new leaf, different from all others.
    pub(crate) fn node() -> Arc<dyn Node<T>> {
        concrete!(leaf: fn() -> Arc<dyn Node<T>>)()
    }
}

fn leaf<T: Float>() -> Arc<dyn Node<T>> {
    Arc::new(Leaf(Links { id: next_id(), edges: SmallVec::new(), output: None }))
}

impl<T: Float> Node<T> for Leaf<T> {
    fn links(&self) -> &Links<T> {
        &self.0
    }
    fn links_mut(&mut self) -> &mut Links<T> {
        &mut self.0
    }
    fn name(&self) -> &'static str {
        "leaf"
    }
    fn backward(
        &self,
        _: &Arc<dyn Node<T>>,
        _: Var<T>,
        _: Mode,
        _: &mut [Option<Var<T>>],
    ) -> Result<()> {
        Ok(())
    }
}

/// An input of a recorded operation.
pub(crate) struct Edge<T: Float> {
    pub(crate) kept: Kept<T>,
    pub(crate) node: Option<Arc<dyn Node<T>>>,
}

/// What is left of an input: its value if the derivative reads it, its shape if not.
pub(crate) enum Kept<T: Float> {
    Value(Tensor<T>),
    Shape(SmallVec<[usize; 4]>),
}

impl<T: Float> Edge<T> {
    #[inline]
    fn new(input: &Var<T>, keep: bool) -> Self {
        let kept = match keep {
            true => Kept::Value(input.value().clone()),
            false => Kept::Shape(input.shape().into()),
        };
        Self { kept, node: input.node().cloned() }
    }

    pub(crate) fn value(&self) -> Option<&Tensor<T>> {
        match &self.kept {
            Kept::Value(value) => Some(value),
            Kept::Shape(_) => None,
        }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        match &self.kept {
            Kept::Value(value) => value.shape(),
            Kept::Shape(shape) => shape,
        }
    }
}
