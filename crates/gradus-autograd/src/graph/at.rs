//! The point at which a derivative is taken.

use std::sync::Arc;

use gradus_tensor::{Float, Tensor};
use smallvec::SmallVec;

use super::{Edge, Node};
use crate::{Error, Result, Var};

/// What an operation's derivative may look at: its inputs, its output, what the forward pass
/// saved, and which gradients are asked for.
pub struct At<'a, T: Float, S, const N: usize> {
    /// The operation's name, looked up only for an error.
    pub(super) name: &'a dyn Fn() -> &'static str,
    pub(super) edges: &'a [Edge<T>; N],
    pub(super) output: Option<&'a Tensor<T>>,
    /// The node itself, if the derivative will be differentiated again.
    pub(super) connected: Option<&'a Arc<dyn Node<T>>>,
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
        let values = self.values()?;
        Ok(std::array::from_fn(|i| {
            let node = self.connected.and(self.edges[i].node.clone());
            Var::with_node(values[i].clone(), node)
        }))
    }

    /// The inputs as tensors, for a kernel.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep its inputs.
    pub fn values(&self) -> Result<[&Tensor<T>; N]> {
        // Without a list on the heap: this runs for every operation of every step.
        let kept: SmallVec<[&Tensor<T>; N]> =
            self.edges.iter().filter_map(|edge| edge.value.as_ref()).collect();
        kept.into_inner().map_err(|_| self.not_kept("its inputs", "KEEPS_INPUTS to true"))
    }

    /// The output as a variable, for a formula.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep its output.
    pub fn output(&self) -> Result<Var<T>> {
        Ok(Var::with_node(self.output_value()?.clone(), self.connected.cloned()))
    }

    /// The output as a tensor, for a kernel.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the operation does not keep its output.
    pub fn output_value(&self) -> Result<&Tensor<T>> {
        self.output.ok_or_else(|| self.not_kept("its output", "KEEPS_OUTPUT to true"))
    }

    fn not_kept(&self, what: &'static str, constant: &'static str) -> Error {
        Error::NotKept { op: (self.name)(), what, constant }
    }

    /// The shape of an input; known whether the input is kept or not.
    pub fn shape(&self, input: usize) -> &[usize] {
        self.edges[input].shape()
    }

    /// The gradient that `compute` gives, if one is asked for.
    ///
    /// # Errors
    /// If `compute` fails.
    pub fn want<G>(&self, input: usize, compute: impl FnOnce() -> Result<G>) -> Result<Option<G>> {
        self.wanted[input].then(compute).transpose()
    }
}
