//! What every node of a graph can do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use gradus_tensor::{Float, Tensor};
use smallvec::SmallVec;

use super::Mode;
use crate::{Error, Result, Var, mode};

/// Takes the gradient for the node of an input.
pub(crate) type Sink<'a, T> = dyn FnMut(&Arc<dyn Node<T>>, Var<T>) -> Result<()> + 'a;

/// A recorded operation, or a leaf.
pub(crate) trait Node<T: Float>: Send + Sync {
    /// Larger than the number of every node that this one depends on.
    fn id(&self) -> u64;

    /// The operation's name.
    fn name(&self) -> &'static str;

    /// Whether it is a leaf: a gradient that arrives here is a result.
    fn is_leaf(&self) -> bool {
        false
    }

    /// Given the gradient of the output, hands the gradient of each wanted input to `sink`.
    fn backward(
        &self,
        this: &Arc<dyn Node<T>>,
        grad: Var<T>,
        mode: Mode,
        sink: &mut Sink<'_, T>,
    ) -> Result<()>;

    /// Gives up the nodes of its inputs, so that they can be dropped one after the other.
    fn take_inputs(&mut self, into: &mut Vec<Arc<dyn Node<T>>>);
}

/// A number above all that were given out before.
pub(crate) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Relaxed)
}

/// Where gradients end: a parameter or a tracked input.
pub(crate) struct Leaf {
    id: u64,
}

impl Leaf {
    /// A new leaf, different from all others.
    pub(crate) fn node<T: Float>() -> Arc<dyn Node<T>> {
        Arc::new(Self { id: next_id() })
    }
}

impl<T: Float> Node<T> for Leaf {
    fn id(&self) -> u64 {
        self.id
    }
    fn name(&self) -> &'static str {
        "leaf"
    }
    fn is_leaf(&self) -> bool {
        true
    }
    fn backward(
        &self,
        _: &Arc<dyn Node<T>>,
        _: Var<T>,
        _: Mode,
        _: &mut Sink<'_, T>,
    ) -> Result<()> {
        Ok(())
    }
    fn take_inputs(&mut self, _: &mut Vec<Arc<dyn Node<T>>>) {}
}

/// An input of a recorded operation: its value if the derivative needs it, its shape, its node.
pub(crate) struct Edge<T: Float> {
    pub(crate) value: Option<Tensor<T>>,
    pub(crate) shape: SmallVec<[usize; 4]>,
    pub(crate) node: Option<Arc<dyn Node<T>>>,
}

impl<T: Float> Edge<T> {
    pub(crate) fn new(input: &Var<T>, keep: bool) -> Self {
        Self {
            value: keep.then(|| input.value().clone()),
            // The value knows its shape.
            shape: if keep { SmallVec::new() } else { input.shape().into() },
            node: input.node().cloned(),
        }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.value.as_ref().map_or(&self.shape, |value| value.shape())
    }

    /// Moves the node into `stack`, unless somebody else holds it as well.
    pub(crate) fn take_node(&mut self, stack: &mut Vec<Arc<dyn Node<T>>>) {
        if let Some(node) = self.node.take()
            && Arc::strong_count(&node) == 1
            && !node.is_leaf()
        {
            stack.push(node);
        }
    }
}

/// Whether an operation on these inputs gets a node: recording is on, and one of them has one. In
/// checked mode the value is looked at on the way.
pub(crate) fn is_recorded<T: Float>(
    op: impl FnOnce() -> &'static str,
    inputs: &[&Var<T>],
    value: &Tensor<T>,
) -> bool {
    // A name is looked up where it is told: that would take as long as a tiny operation.
    if mode::is_checked() {
        mode::check(op(), "forward", inputs.iter().map(|x| x.value()), value);
    }
    mode::is_recording() && inputs.iter().any(|x| x.is_tracked())
}

/// Hands each gradient that is asked for to the node of its input. In checked mode each is looked
/// at; `whole` is the gradient of the output that they were computed from.
pub(crate) fn hand_out<T: Float>(
    op: impl Fn() -> &'static str,
    edges: &[Edge<T>],
    grads: impl IntoIterator<Item = Option<Var<T>>>,
    whole: Option<&Tensor<T>>,
    sink: &mut Sink<'_, T>,
) -> Result<()> {
    for (input, (edge, grad)) in edges.iter().zip(grads).enumerate() {
        let (Some(node), Some(grad)) = (&edge.node, grad) else { continue };
        if grad.shape() != edge.shape() {
            let (got, wanted) = (grad.shape().to_vec(), edge.shape().to_vec());
            return Err(Error::GradientShape { op: op(), input, got, wanted });
        }
        if mode::is_checked() {
            mode::check(op(), "backward", whole.into_iter(), grad.value());
        }
        sink(node, grad)?;
    }
    Ok(())
}

/// Drops the nodes of inputs, and what hangs on them, with a loop. Left to itself, each node would
/// drop its inputs from within its own drop, and a long chain would overflow the stack.
pub(crate) fn drop_inputs<T: Float>(edges: &mut [Edge<T>]) {
    let mut stack = Vec::new();
    edges.iter_mut().for_each(|edge| edge.take_node(&mut stack));
    while let Some(mut node) = stack.pop() {
        if let Some(node) = Arc::get_mut(&mut node) {
            node.take_inputs(&mut stack);
        }
    }
}
