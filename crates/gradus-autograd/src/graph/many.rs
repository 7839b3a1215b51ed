//! The node of an operation with any number of inputs.

use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use super::node::{drop_inputs, hand_out, is_recorded, next_id};
use super::{Edge, Mode, Node, Sink};
use crate::op::OpMany;
use crate::{Error, Result, Var};

pub(crate) struct Many<T: Float, O: OpMany<T>> {
    id: u64,
    op: O,
    edges: Vec<Edge<T>>,
}

impl<T: Float, O: OpMany<T>> Many<T, O> {
    /// The output as a variable; with a node if an input has one and recording is on.
    pub(crate) fn record(op: O, inputs: &[&Var<T>], value: Tensor<T>) -> Var<T> {
        if !is_recorded(|| op.name(), inputs, &value) {
            return Var::constant(value);
        }
        let edges = inputs.iter().map(|x| Edge::new(x, false)).collect();
        Var::with_node(value, Some(Arc::new(Self { id: next_id(), op, edges })))
    }
}

impl<T: Float, O: OpMany<T>> Node<T> for Many<T, O> {
    fn id(&self) -> u64 {
        self.id
    }

    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn backward(
        &self,
        _: &Arc<dyn Node<T>>,
        grad: Var<T>,
        _: Mode,
        sink: &mut Sink<'_, T>,
    ) -> Result<()> {
        let shapes: Vec<Vec<usize>> = self.edges.iter().map(|e| e.shape().to_vec()).collect();
        let wanted: Vec<bool> = self.edges.iter().map(|e| e.node.is_some()).collect();
        let grads = self.op.vjp(&shapes, &wanted, &grad)?;
        if grads.len() != self.edges.len() {
            let (op, got, wanted) = (self.op.name(), grads.len(), self.edges.len());
            return Err(Error::GradientCount { op, got, wanted });
        }
        hand_out(|| self.op.name(), &self.edges, grads, Some(grad.value()), sink)
    }

    fn take_inputs(&mut self, into: &mut Vec<Arc<dyn Node<T>>>) {
        self.edges.iter_mut().for_each(|edge| edge.take_node(into));
    }
}

impl<T: Float, O: OpMany<T>> Drop for Many<T, O> {
    fn drop(&mut self) {
        drop_inputs(&mut self.edges);
    }
}
