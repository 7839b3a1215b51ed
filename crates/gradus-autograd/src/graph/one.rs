//! The node of an operation with a fixed number of inputs.

use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use super::node::{drop_inputs, hand_out, is_recorded, next_id};
use super::{At, Edge, Mode, Node, Sink};
use crate::op::{Fused, Op};
use crate::{Result, Var, mode};

pub(crate) struct One<T: Float, O: Op<T, N>, const N: usize> {
    id: u64,
    op: O,
    edges: [Edge<T>; N],
    output: Option<Tensor<T>>,
    saved: O::Saved,
}

impl<T: Float, O: Op<T, N>, const N: usize> One<T, O, N> {
    /// The output as a variable; with a node if an input has one and recording is on.
    pub(crate) fn record(op: O, inputs: [&Var<T>; N], value: Tensor<T>, saved: O::Saved) -> Var<T> {
        if !is_recorded(|| op.name(), &inputs, &value) {
            return Var::constant(value);
        }
        let edges = inputs.map(|x| Edge::new(x, O::KEEPS_INPUTS));
        let output = O::KEEPS_OUTPUT.then(|| value.clone());
        let node = Self { id: next_id(), op, edges, output, saved };
        Var::with_node(value, Some(Arc::new(node)))
    }
}

impl<T: Float, O: Op<T, N>, const N: usize> Node<T> for One<T, O, N> {
    fn id(&self) -> u64 {
        self.id
    }

    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn backward(
        &self,
        this: &Arc<dyn Node<T>>,
        grad: Var<T>,
        mode: Mode,
        sink: &mut Sink<'_, T>,
    ) -> Result<()> {
        let name = || self.op.name();
        let at = At {
            name: &name,
            edges: &self.edges,
            output: self.output.as_ref(),
            connected: mode.differentiable.then_some(this),
            saved: &self.saved,
            wanted: std::array::from_fn(|i| self.edges[i].node.is_some()),
        };
        let whole = mode::is_checked().then(|| grad.value().clone());
        let grads = if mode.fused && !mode.differentiable {
            match self.op.vjp_fused(&at, grad.into_value())? {
                Fused::Yes(grads) => grads.map(|g| g.map(Var::constant)),
                Fused::No(grad) => self.op.vjp(&at, &Var::constant(grad))?,
            }
        } else {
            self.op.vjp(&at, &grad)?
        };
        hand_out(name, &self.edges, grads, whole.as_ref(), sink)
    }

    fn take_inputs(&mut self, into: &mut Vec<Arc<dyn Node<T>>>) {
        self.edges.iter_mut().for_each(|edge| edge.take_node(into));
    }
}

impl<T: Float, O: Op<T, N>, const N: usize> Drop for One<T, O, N> {
    fn drop(&mut self) {
        drop_inputs(&mut self.edges);
    }
}
