//! The point at which a derivative is taken.

use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use super::node::Kept;
use super::{Node, Origin};
use crate::arity::{Inputs, Output};
use crate::op::{Each, Grads, Of, Op, Saved};
use crate::{Error, Result, Value, Var};

/// What an operation's derivative may look at: its inputs, its outputs, what the forward pass
/// saved, and which gradients are asked for.
pub struct At<'a, T: Float, O: Op<T>> {
    pub(super) node: &'a Arc<dyn Node>,
    /// Whether the derivative will be differentiated again.
    pub(super) connected: bool,
    /// What the forward pass saved.
    pub saved: &'a Saved<O, T>,
    /// Which inputs a gradient is asked for.
    pub wanted: &'a [bool],
}

impl<T: Float, O: Op<T>> At<'_, T, O> {
    /// The inputs as variables, for a formula.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep them all.
    pub fn inputs(&self) -> Result<Of<O, T, Var<T>>> {
        structured::<_, O::Inputs>(self.node, |input| variable(self.node, self.connected, input))
    }

    /// The inputs as tensors, for a kernel.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep them all.
    pub fn values(&self) -> Result<Of<O, T, &Tensor<T>>> {
        structured::<_, O::Inputs>(self.node, |input| value(self.node, input))
    }

    /// One input as a variable, by its place among all inputs.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep it.
    pub fn input(&self, input: usize) -> Result<Var<T>> {
        variable(self.node, self.connected, input)
    }

    /// One input as a tensor, by its place among all inputs.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep it.
    pub fn value(&self, input: usize) -> Result<&Tensor<T>> {
        value(self.node, input)
    }

    /// The output, or the first of several, as a variable, for a formula.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep it.
    pub fn output(&self) -> Result<Var<T>> {
        self.output_of(0)
    }

    /// The output, or the first of several, as a tensor, for a kernel.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep it.
    pub fn output_value(&self) -> Result<&Tensor<T>> {
        output(self.node, 0)
    }

    /// One of several outputs as a variable.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep it.
    pub fn output_of(&self, place: u32) -> Result<Var<T>> {
        let value = output(self.node, place)?.clone();
        let origin = || Origin { node: Arc::clone(self.node), output: place };
        Ok(Var::with_origin(value, self.connected.then(origin)))
    }

    /// The shape of an input, by its place among all inputs; known whether it is kept or not, and
    /// empty if it is missing.
    pub fn shape(&self, input: usize) -> &[usize] {
        self.node.links().edges[input].kept.shape()
    }

    /// Whether an input is given, by its place among all inputs.
    pub fn has(&self, input: usize) -> bool {
        self.node.links().edges[input].kept.is_given()
    }

    /// How many inputs there are, missing ones included.
    pub fn len(&self) -> usize {
        self.node.links().edges.len()
    }

    /// Whether there are no inputs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The gradient that `compute` gives, if one is asked for.
    ///
    /// # Errors
    /// If `compute` fails.
    pub fn want<G>(&self, input: usize, compute: impl FnOnce() -> Result<G>) -> Result<Option<G>> {
        self.wanted[input].then(compute).transpose()
    }

    /// The derivative by the formula, for an operation that has no kernel for this case.
    ///
    /// # Errors
    /// If the formula fails.
    pub fn formula(
        &self,
        op: &O,
        grad: Grads<O, T, Tensor<T>>,
    ) -> Result<Each<O, T, Option<Tensor<T>>>> {
        let grads = op.vjp(self, &O::Output::map(grad, Var::constant))?;
        Ok(O::Inputs::map(grads, &mut |grad: Option<Var<T>>| grad.map(Var::into_value)))
    }
}

// These are compiled for each structure of inputs or for each type, not for each operation.

/// The inputs, each by its place.
fn structured<X, I: Inputs>(
    node: &Arc<dyn Node>,
    mut get: impl FnMut(usize) -> Result<X>,
) -> Result<I::Of<X>> {
    let mut failed = None;
    let mut inputs = node.links().edges.iter().enumerate().map_while(|(input, edge)| {
        if !edge.kept.is_given() {
            return Some(None);
        }
        get(input).map(Some).map_err(|e| failed = Some(e)).ok()
    });
    let all = I::of(&mut inputs);
    match (all, failed) {
        (_, Some(e)) => Err(e),
        (Some(inputs), None) => Ok(inputs),
        (None, None) => unreachable!("the node was made from this structure"),
    }
}

fn variable<T: Float>(node: &Arc<dyn Node>, connected: bool, input: usize) -> Result<Var<T>> {
    let value = value(node, input)?.clone();
    let origin = if connected { node.links().edges[input].origin.clone() } else { None };
    Ok(Var::with_origin(value, origin))
}

fn value<T: Float>(node: &Arc<dyn Node>, input: usize) -> Result<&Tensor<T>> {
    let edge = node.links().edges.get(input);
    typed(edge.map(|edge| &edge.kept)).ok_or_else(|| not_kept(node, "input", input))
}

fn output<T: Float>(node: &Arc<dyn Node>, output: u32) -> Result<&Tensor<T>> {
    let place = output as usize;
    typed(node.links().outputs.get(place)).ok_or_else(|| not_kept(node, "output", place))
}

fn typed<T: Float>(kept: Option<&Kept>) -> Option<&Tensor<T>> {
    kept.and_then(Kept::value).and_then(Value::get)
}

fn not_kept(node: &Arc<dyn Node>, what: &'static str, place: usize) -> Error {
    Error::NotKept { op: node.name(), what, place }
}
