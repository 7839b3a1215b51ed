//! Reverse-mode differentiation.
//!
//! With `ȳ = ∂loss/∂y` for the output of an operation `y = f(x)`, the chain rule gives
//! `x̄ = ȳ ∂f/∂x`, summed over all the operations that use `x` (Griewank and Walther, *Evaluating
//! Derivatives*, 2nd edition, 2008, chapter 3). Numbers of nodes grow along every dependency, so
//! visiting nodes from the largest number down meets each one after all its users. No recursion,
//! no sorting, no set of visited nodes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Instant;

use super::node::Arrived;
use super::{AnyVar, Node, Origin, Value, replay};
use crate::observe::{self, Pass};
use crate::{Error, Gradients, Result, Var, mode};
use gradus_tensor::{Float, concrete};

/// How a pass computes derivatives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mode {
    /// The gradients are themselves variables that can be differentiated.
    pub(crate) differentiable: bool,
    /// Kernels are used where an operation has them.
    pub(crate) fused: bool,
}

impl Mode {
    /// The usual pass.
    pub(crate) const FIRST: Self = Self { differentiable: false, fused: true };
    /// A pass whose result is differentiated again.
    pub(crate) const AGAIN: Self = Self { differentiable: true, fused: false };
}

impl<T: Float> Var<T> {
    /// The gradients of this loss with respect to every parameter and leaf that it depends on.
    ///
    /// It consumes the graph: what the operations saved is freed while the pass runs. To keep the
    /// graph, call it on a clone.
    ///
    /// # Errors
    /// [`Error::NotScalar`] if the loss is not one number, [`Error::Constant`] if it depends on
    /// nothing.
    pub fn backward(self) -> Result<Gradients<T>> {
        concrete!(gradients: fn(Var<T>) -> Result<Gradients<T>>)(self)
    }
}

fn gradients<T: Float>(loss: Var<T>) -> Result<Gradients<T>> {
    if loss.len() != 1 {
        return Err(Error::NotScalar { op: "backward", shape: loss.shape().to_vec() });
    }
    let seed = loss.value().ones_like();
    let (_, origin) = loss.into_parts();
    let found =
        backward([(origin.ok_or(Error::Constant)?, AnyVar::constant(seed))], Mode::FIRST, None)?;
    Ok(Gradients::new(found.into_iter().map(|((id, _), grad)| (id, grad.value)).collect()))
}

/// What a gradient is asked for: nodes and their outputs, and which nodes lead to one of them.
pub(crate) struct Targets {
    pub(crate) wanted: Vec<(u64, u32)>,
    pub(crate) leads: std::collections::HashSet<u64>,
}

/// What one node's derivative is asked for, and where it puts it.
pub(crate) struct Step<'a> {
    pub(crate) mode: Mode,
    pub(crate) wanted: &'a [bool],
    grads: &'a mut Vec<Option<AnyVar>>,
}

impl Step<'_> {
    /// Puts the gradient of the next input in its place, or leaves it if nobody asked for it.
    pub(crate) fn give(&mut self, count: &mut usize, grad: Option<AnyVar>) {
        if let Some(place) = self.grads.get_mut(*count) {
            *place = grad.filter(|_| self.wanted[*count]);
        }
        *count += 1;
    }

    /// There must have been one for each input.
    pub(crate) fn finish(&self, node: &Arc<dyn Node>, got: usize) -> Result<()> {
        let wanted = self.grads.len();
        let error = || Error::GradientCount { op: node.name(), got, wanted };
        (got == wanted).then_some(()).ok_or_else(error)
    }
}

/// Nodes that a gradient has reached, by their number. In boxes, because the map moves what it holds.
type Pending = BTreeMap<u64, Box<(Arc<dyn Node>, Arrived)>>;

/// The gradients that arrive at the targets, or at every leaf if there are none named, from seeds at the
/// roots; by the number of the node and of its output.
pub(crate) fn backward(
    roots: impl IntoIterator<Item = (Origin, AnyVar)>,
    mode: Mode,
    targets: Option<&Targets>,
) -> Result<BTreeMap<(u64, u32), AnyVar>> {
    let mut results = BTreeMap::new();
    let mut pending = Pending::new();
    // Lists that every node uses again.
    let (mut grads, mut wanted) = (Vec::new(), Vec::new());
    for (root, seed) in roots {
        arrive(&mut pending, &root, seed)?;
    }
    while let Some((id, reached)) = pending.pop_last() {
        let (node, arrived) = *reached;
        let links = node.links();
        match targets {
            None if links.is_leaf() => {
                results.extend(arrived.into_iter().flatten().map(|grad| ((id, 0), grad)));
                continue;
            }
            None => {}
            Some(targets) => {
                for (output, grad) in (0..).zip(&arrived) {
                    if let (Some(grad), true) = (grad, targets.wanted.contains(&(id, output))) {
                        results.insert((id, output), grad.clone());
                    }
                }
            }
        }
        let leads = |o: &Origin| targets.is_none_or(|targets| targets.leads.contains(&o.id()));
        wanted.clear();
        wanted.extend(links.edges.iter().map(|edge| edge.origin.as_ref().is_some_and(leads)));
        if !wanted.contains(&true) {
            continue;
        }
        if node.is_empty() {
            replay::fill(&node)?;
        }
        grads.resize_with(links.edges.len(), || None);
        let step = Step { mode, wanted: &wanted, grads: &mut grads };
        run(&node, arrived, step)?;
        for (input, (edge, grad)) in links.edges.iter().zip(grads.drain(..)).enumerate() {
            let (Some(origin), Some(grad)) = (&edge.origin, grad) else { continue };
            if grad.value.shape() != edge.kept.shape() {
                let (got, wanted) = (grad.value.shape().to_vec(), edge.kept.shape().to_vec());
                return Err(Error::GradientShape { op: node.name(), input, got, wanted });
            }
            arrive(&mut pending, origin, grad)?;
        }
        // The node goes here, and with it what it saved, unless the caller still holds it.
    }
    Ok(results)
}

/// Hands a gradient to a node; one that is not the first is added to those before.
fn arrive(pending: &mut Pending, at: &Origin, grad: AnyVar) -> Result<()> {
    let reached = match pending.entry(at.id()) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => {
            let mut nothing = Arrived::new();
            nothing.resize_with(at.node.links().outputs.len().max(1), || None);
            entry.insert(Box::new((Arc::clone(&at.node), nothing)))
        }
    };
    match &mut reached.1[at.output as usize] {
        Some(sum) => accumulate(sum, grad),
        // The first to arrive is moved in.
        place => {
            *place = Some(grad);
            Ok(())
        }
    }
}

/// Adds another gradient: in place if both are mere values.
fn accumulate(sum: &mut AnyVar, grad: AnyVar) -> Result<()> {
    if sum.origin.is_none() && grad.origin.is_none() {
        match (&mut sum.value, &grad.value) {
            (Value::F32(sum), Value::F32(grad)) => sum.add_assign(grad)?,
            (Value::F64(sum), Value::F64(grad)) => sum.add_assign(grad)?,
            _ => unreachable!("gradients of one value are of one type"),
        }
        return Ok(());
    }
    *sum = match sum.value {
        Value::F32(_) => added::<f32>(sum, grad)?,
        Value::F64(_) => added::<f64>(sum, grad)?,
    };
    Ok(())
}

fn added<T: Float>(sum: &AnyVar, grad: AnyVar) -> Result<AnyVar> {
    match (sum.clone().into_var::<T>(), grad.into_var::<T>()) {
        (Some(sum), Some(grad)) => Ok(sum.add(&grad)?.into()),
        _ => unreachable!("gradients of one value are of one type"),
    }
}

/// Runs the derivative of a node; in checked mode, and for an observer, with a look at it.
fn run(node: &Arc<dyn Node>, arrived: Arrived, mut step: Step<'_>) -> Result<()> {
    if !mode::is_on(mode::CHECKED | mode::OBSERVED) {
        return node.backward(node, arrived, &mut step);
    }
    let values = |grads: &[Option<AnyVar>]| -> Vec<Option<Value>> {
        grads.iter().map(|grad| grad.as_ref().map(|grad| grad.value.clone())).collect()
    };
    let (inputs, since) = (values(&arrived), Instant::now());
    observe::inside(|| node.backward(node, arrived, &mut step))?;
    let outputs = values(step.grads);
    mode::check(node.name(), Pass::Backward, &inputs, &outputs);
    if mode::is_on(mode::OBSERVED) {
        let attributes = || node.attributes();
        observe::tell(Pass::Backward, node.name(), &attributes, &inputs, &outputs, since);
    }
    Ok(())
}
