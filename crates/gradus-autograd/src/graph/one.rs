//! The node of an operation with a fixed number of inputs.

use std::array;
use std::ops::ControlFlow;
use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use super::{At, Links, Mode, Node};
use crate::op::{Fused, Op};
use crate::{Result, Var};

pub(crate) struct One<T: Float, O: Op<T, N>, const N: usize> {
    links: Links<T>,
    op: O,
    saved: O::Saved,
}

impl<T: Float, O: Op<T, N>, const N: usize> One<T, O, N> {
    /// The output as a variable; with a node if an input has one and recording is on.
    pub(crate) fn record(op: O, inputs: [&Var<T>; N], value: Tensor<T>, saved: O::Saved) -> Var<T> {
        match Links::of(&|| op.name(), &inputs, &value, [O::KEEPS_INPUTS, O::KEEPS_OUTPUT]) {
            Some(links) => Var::with_node(value, Some(Arc::new(Self { links, op, saved }))),
            None => Var::constant(value),
        }
    }
}

impl<T: Float, O: Op<T, N>, const N: usize> Node<T> for One<T, O, N> {
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
        this: &Arc<dyn Node<T>>,
        mut grad: Var<T>,
        mode: Mode,
        grads: &mut [Option<Var<T>>],
    ) -> Result<()> {
        let wanted = wanted(&self.links);
        let at = At { node: this, connected: mode.differentiable, saved: &self.saved, wanted };
        if mode.fused {
            match take_fused(self.op.vjp_fused(&at, grad.into_value()), grads) {
                ControlFlow::Break(result) => return result,
                ControlFlow::Continue(back) => grad = back,
            }
        }
        take(self.op.vjp(&at, &grad), grads)
    }
}

// These are compiled for each number of inputs, not for each operation.

fn wanted<T: Float, const N: usize>(links: &Links<T>) -> [bool; N] {
    array::from_fn(|i| links.edges[i].node.is_some())
}

/// Puts what a formula gave in its places.
fn take<T: Float, const N: usize>(
    found: Result<[Option<Var<T>>; N]>,
    grads: &mut [Option<Var<T>>],
) -> Result<()> {
    grads.iter_mut().zip(found?).for_each(|(place, grad)| *place = grad);
    Ok(())
}

/// Puts what a kernel gave in its places; if there is none, goes on with the gradient.
fn take_fused<T: Float, const N: usize>(
    found: Result<Fused<T, N>>,
    grads: &mut [Option<Var<T>>],
) -> ControlFlow<Result<()>, Var<T>> {
    match found {
        Ok(Fused::Yes(found)) => {
            let places = grads.iter_mut().zip(found);
            places.for_each(|(place, grad)| *place = grad.map(Var::constant));
            ControlFlow::Break(Ok(()))
        }
        Ok(Fused::No(grad)) => ControlFlow::Continue(Var::constant(grad)),
        Err(e) => ControlFlow::Break(Err(e)),
    }
}
