//! The node of a recorded operation.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use gradus_tensor::{Float, Tensor};
use smallvec::SmallVec;

use super::backward::Step;
use super::node::{Arrived, Edge, Kept, Leaf, Links, Node, next_id};
use super::{AnyVar, At, Origin, Value};
use crate::arity::{Inputs, Output, PerOutput};
use crate::mode::{self, Start};
use crate::op::{Of, Op, Saved, Vars};
use crate::{Attributes, Error, Keeps, Result, Var};

pub(crate) struct OpNode<T: Float, O: Op<T>> {
    links: Links,
    op: O,
    saved: Held<Saved<O, T>>,
}

/// What the forward pass saved.
enum Held<S> {
    Now(S),
    /// Within a checkpoint it comes with the backward pass.
    Later(OnceLock<S>),
}

impl<S> Held<S> {
    fn get(&self) -> Option<&S> {
        match self {
            Self::Now(saved) => Some(saved),
            Self::Later(saved) => saved.get(),
        }
    }
}

impl<T: Float, O: Op<T>> OpNode<T, O> {
    /// The outputs as variables; with a node if an input has one and recording is on.
    pub(crate) fn record(
        start: Start,
        op: O,
        inputs: &Of<O, T, &Var<T>>,
        outputs: <O::Output as Output<T>>::Bare,
        saved: Saved<O, T>,
    ) -> Vars<O, T> {
        let links = O::Inputs::with_list(inputs, |inputs| {
            links::<T, T>(start, &Told(&op, PhantomData), inputs, outputs.as_ref())
        });
        let node = links.map(|links| {
            let saved =
                if links.region == 0 { Held::Now(saved) } else { Held::Later(OnceLock::new()) };
            Arc::new(Self { links, op, saved }) as Arc<dyn Node>
        });
        variables::<T, O::Output>(node, outputs)
    }
}

impl<T: Float, O: Op<T>> Node for OpNode<T, O> {
    fn links(&self) -> &Links {
        &self.links
    }

    fn links_mut(&mut self) -> &mut Links {
        &mut self.links
    }

    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn attributes(&self) -> Attributes {
        self.op.attributes()
    }

    fn backward(&self, this: &Arc<dyn Node>, arrived: Arrived, step: &mut Step<'_>) -> Result<()> {
        let Some(saved) = self.saved.get() else { return Err(lost(self.op.name())) };
        let connected = step.mode.differentiable;
        let at = At { node: this, connected, saved, wanted: step.wanted };
        match step.mode.fused {
            true => {
                let grads = tensors::<T, O::Output>(arrived)?;
                give_tensors::<T, O::Inputs>(this, self.op.vjp_fused(&at, grads)?, step)
            }
            false => {
                let grads = vars::<T, O::Output>(arrived)?;
                give_vars::<T, O::Inputs>(this, self.op.vjp(&at, &grads)?, step)
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.saved.get().is_none()
    }

    fn replay(&self, inputs: &[Option<Value>]) -> Result<PerOutput<Value>> {
        let (outputs, saved) = self.op.forward(again::<T, O::Inputs>(inputs)?)?.split();
        if let Held::Later(later) = &self.saved {
            // Nothing is lost if it was there already: it is the same.
            let _ = later.set(saved);
        }
        Ok(outputs.as_ref().iter().cloned().map(Value::from).collect())
    }
}

// What follows is compiled for each type and structure, not for each operation.

/// What an operation tells of itself.
pub(crate) trait Tell {
    fn name(&self) -> &'static str;
    fn attributes(&self) -> Attributes;
    fn keeps(&self, wanted: &[bool]) -> Keeps;
}

struct Told<'a, T, O>(&'a O, PhantomData<T>);

impl<T: Float, O: Op<T>> Tell for Told<'_, T, O> {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn attributes(&self) -> Attributes {
        self.0.attributes()
    }
    fn keeps(&self, wanted: &[bool]) -> Keeps {
        self.0.keeps(wanted)
    }
}

/// The place in the graph of an operation that was just computed; none if no input has one, or
/// recording is off.
pub(super) fn links<T: Float, U: Float>(
    start: Start,
    op: &dyn Tell,
    inputs: &[Option<&Var<T>>],
    outputs: &[Tensor<U>],
) -> Option<Links> {
    if start.is_watched() {
        mode::watch(start, op, inputs, outputs);
    }
    let tracing = start.is_tracing();
    let given = || inputs.iter().flatten();
    if !start.is_recording() || !(tracing || given().any(|x| x.is_tracked())) {
        return None;
    }
    let keeps = keeps(op, inputs);
    let region = start.region();
    // Filled by loops, as everything here runs for every operation of every step.
    let mut edges = SmallVec::with_capacity(inputs.len());
    for (i, x) in inputs.iter().enumerate() {
        let Some(x) = x else {
            edges.push(Edge { kept: Kept::Nothing, origin: None });
            continue;
        };
        let keep = tracing || keeps.has_input(i);
        let origin = match x.origin() {
            None if tracing => Some(Origin::first(Leaf::node())),
            origin => origin.cloned(),
        };
        // Within a checkpoint, what comes from outside is kept to compute the rest from it again.
        let inside = |origin: &Origin| origin.node.links().region == region;
        let kept = match region != 0 && x.origin().is_some_and(inside) {
            true if keep => Kept::later(x.shape()),
            false if keep || region != 0 => Kept::Value(x.value().clone().into()),
            _ => Kept::Shape(SmallVec::from_slice(x.shape())),
        };
        edges.push(Edge { kept, origin });
    }
    let mut kept = PerOutput::with_capacity(outputs.len());
    for (i, y) in outputs.iter().enumerate() {
        kept.push(match tracing || keeps.has_output(i) {
            true if region != 0 => Kept::later(y.shape()),
            true => Kept::Value(y.clone().into()),
            false => Kept::Shape(SmallVec::from_slice(y.shape())),
        });
    }
    // Numbered after the constants of a trace, which are nodes as well.
    Some(Links { id: next_id(), edges, outputs: kept, region })
}

/// What the operation keeps for those inputs that have a gradient.
fn keeps<T: Float>(op: &dyn Tell, inputs: &[Option<&Var<T>>]) -> Keeps {
    let mut few = [false; 8];
    let mut many = Vec::new();
    let wanted = match few.get_mut(..inputs.len()) {
        Some(few) => few,
        None => {
            many.resize(inputs.len(), false);
            &mut many[..]
        }
    };
    for (wanted, x) in wanted.iter_mut().zip(inputs) {
        *wanted = x.is_some_and(Var::is_tracked);
    }
    op.keeps(wanted)
}

/// The outputs as variables of the node.
fn variables<T: Float, Y: Output<T>>(node: Option<Arc<dyn Node>>, outputs: Y::Bare) -> Y::Vars {
    Y::vars(outputs, |output, value| {
        let origin = |node: &Arc<dyn Node>| Origin { node: Arc::clone(node), output };
        Var::with_origin(value, node.as_ref().map(origin))
    })
}

fn vars<T: Float, Y: Output<T>>(arrived: Arrived) -> Result<Y::Grads<Var<T>>> {
    Y::grads(arrived, AnyVar::into_var).ok_or_else(|| lost("backward"))
}

fn tensors<T: Float, Y: Output<T>>(arrived: Arrived) -> Result<Y::Grads<Tensor<T>>> {
    Y::grads(arrived, |grad: AnyVar| grad.value.into_tensor()).ok_or_else(|| lost("backward"))
}

/// A gradient or a saved value that is not where the engine put it, which cannot be.
fn lost(op: &'static str) -> Error {
    Error::NotKept { op, what: "input", place: 0 }
}

fn give_vars<T: Float, I: Inputs>(
    node: &Arc<dyn Node>,
    grads: I::Each<Option<Var<T>>>,
    step: &mut Step<'_>,
) -> Result<()> {
    let mut count = 0;
    I::each(grads, &mut |grad| step.give(&mut count, grad.map(AnyVar::from)));
    step.finish(node, count)
}

fn give_tensors<T: Float, I: Inputs>(
    node: &Arc<dyn Node>,
    grads: I::Each<Option<Tensor<T>>>,
    step: &mut Step<'_>,
) -> Result<()> {
    let mut count = 0;
    I::each(grads, &mut |grad| step.give(&mut count, grad.map(AnyVar::constant)));
    step.finish(node, count)
}

/// The inputs of a forward pass that is repeated.
fn again<T: Float, I: Inputs>(inputs: &[Option<Value>]) -> Result<I::Of<&Tensor<T>>> {
    let mut tensors = inputs.iter().map(|x| x.as_ref().and_then(Value::get));
    I::of(&mut tensors).ok_or_else(|| lost("checkpoint"))
}
