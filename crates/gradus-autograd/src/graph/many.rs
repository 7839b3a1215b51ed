//! The node of an operation with any number of inputs.

use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use super::{Links, Mode, Node};
use crate::op::OpMany;
use crate::{Error, Result, Var};

pub(crate) struct Many<T: Float, O: OpMany<T>> {
    links: Links<T>,
    op: O,
}

impl<T: Float, O: OpMany<T>> Many<T, O> {
    /// The output as a variable; with a node if an input has one and recording is on.
    pub(crate) fn record(op: O, inputs: &[&Var<T>], value: Tensor<T>) -> Var<T> {
        match Links::of(&|| op.name(), inputs, &value, [false, false]) {
            Some(links) => Var::with_node(value, Some(Arc::new(Self { links, op }))),
            None => Var::constant(value),
        }
    }
}

impl<T: Float, O: OpMany<T>> Node<T> for Many<T, O> {
    fn links(&self) -> &Links<T> {
        &self.links
    }

    fn links_mut(&mut self) -> &mut Links<T> {
        &mut self.links
    }

    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn backward(
        &self,
        _: &Arc<dyn Node<T>>,
        grad: Var<T>,
        _: Mode,
        grads: &mut [Option<Var<T>>],
    ) -> Result<()> {
        let edges = &self.links.edges;
        let shapes: Vec<Vec<usize>> = edges.iter().map(|e| e.shape().to_vec()).collect();
        let wanted: Vec<bool> = edges.iter().map(|e| e.node.is_some()).collect();
        let found = self.op.vjp(&shapes, &wanted, &grad)?;
        if found.len() != edges.len() {
            let (op, got, wanted) = (self.op.name(), found.len(), edges.len());
            return Err(Error::GradientCount { op, got, wanted });
        }
        grads.iter_mut().zip(found).for_each(|(place, grad)| *place = grad);
        Ok(())
    }
}
