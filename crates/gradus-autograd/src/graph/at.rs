//! The point at which a derivative is taken.

use std::sync::Arc;

use gradus_tensor::{Float, Tensor};
use smallvec::SmallVec;

use super::Node;
use crate::{Error, Result, Var};

/// What an operation's derivative may look at: its inputs, its output, what the forward pass
/// saved, and which gradients are asked for.
pub struct At<'a, T: Float, S, const N: usize> {
    pub(super) node: &'a Arc<dyn Node<T>>,
    /// Whether the derivative will be differentiated again.
    pub(super) connected: bool,
    /// What the forward pass saved.
    pub saved: &'a S,
    /// Which inputs a gradient is asked for.
    pub wanted: [bool; N],
}

impl<T: Float, S, const N: usize> At<'_, T, S, N> {
    /// The inputs as variables, for a formula.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep its inputs.
    pub fn inputs(&self) -> Result<[Var<T>; N]> {
        inputs(self.node, self.connected)
    }

    /// The inputs as tensors, for a kernel.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep its inputs.
    pub fn values(&self) -> Result<[&Tensor<T>; N]> {
        values(self.node)
    }

    /// The output as a variable, for a formula.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep its output.
    pub fn output(&self) -> Result<Var<T>> {
        let node = self.connected.then(|| Arc::clone(self.node));
        Ok(Var::with_node(self.output_value()?.clone(), node))
    }

    /// The output as a tensor, for a kernel.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep its output.
    pub fn output_value(&self) -> Result<&Tensor<T>> {
        let output = self.node.links().output.as_ref();
        output.ok_or_else(|| not_kept(self.node, "its output", "KEEPS_OUTPUT to true"))
    }

    /// The shape of an input; known whether the input is kept or not.
    pub fn shape(&self, input: usize) -> &[usize] {
        self.node.links().edges[input].shape()
    }

    /// The gradient that `compute` gives, if one is asked for.
    ///
    /// # Errors
    /// If `compute` fails.
    pub fn want<G>(&self, input: usize, compute: impl FnOnce() -> Result<G>) -> Result<Option<G>> {
        self.wanted[input].then(compute).transpose()
    }
}

// These are compiled for each number of inputs, not for each operation.

fn values<T: Float, const N: usize>(node: &Arc<dyn Node<T>>) -> Result<[&Tensor<T>; N]> {
    // Without a list on the heap: this runs for every operation of every step.
    let kept: SmallVec<[&Tensor<T>; N]> =
        node.links().edges.iter().filter_map(|edge| edge.value()).collect();
    kept.into_inner().map_err(|_| not_kept(node, "its inputs", "KEEPS_INPUTS to true"))
}

fn inputs<T: Float, const N: usize>(
    node: &Arc<dyn Node<T>>,
    connected: bool,
) -> Result<[Var<T>; N]> {
    let values: [&Tensor<T>; N] = values(node)?;
    let edges = &node.links().edges;
    Ok(std::array::from_fn(|i| {
        let node = if connected { edges[i].node.clone() } else { None };
        Var::with_node(values[i].clone(), node)
    }))
}

fn not_kept<T: Float>(
    node: &Arc<dyn Node<T>>,
    what: &'static str,
    constant: &'static str,
) -> Error {
    Error::NotKept { op: node.name(), what, constant }
}
