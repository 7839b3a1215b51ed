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

use gradus_tensor::{Float, concrete};

use super::Node;
use crate::{Error, Gradients, Result, Var, mode};

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
        return Err(Error::NotScalar { shape: loss.shape().to_vec() });
    }
    let seed = loss.value().ones_like();
    let (_, node) = loss.into_parts();
    let node = node.ok_or(Error::Constant)?;
    let leaves = backward(node, Var::constant(seed), Mode::FIRST, &[])?;
    Ok(Gradients::new(leaves.into_iter().map(|(id, g)| (id, g.into_value())).collect()))
}

/// The gradient of `Σ output · weight` with respect to each of `inputs`, as variables that can be
/// differentiated again. Without a `weight` the output must be one number.
///
/// An input may be any variable on the way, not only a leaf. Where the output does not depend on
/// an input, its gradient is zero.
///
/// ```
/// use gradus_autograd::{Var, grad};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::scalar(2.0_f32));
/// let y = x.mul(&x)?.mul(&x)?;                         // x³
/// let [first] = grad(&y, [&x], None)?;                 // 3x²
/// let [second] = grad(&first, [&x], None)?;            // 6x
/// let [third] = grad(&second, [&x], None)?;            // 6
/// assert_eq!([first.item()?, second.item()?, third.item()?], [12.0, 12.0, 6.0]);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotScalar`] if there is no `weight` and the output is not one number; a tensor error
/// if the weight has another shape than the output.
pub fn grad<T: Float, const N: usize>(
    output: &Var<T>,
    inputs: [&Var<T>; N],
    weight: Option<&Var<T>>,
) -> Result<[Var<T>; N]> {
    let mut grads = inputs.map(Var::clone);
    concrete!(to_grads: fn(&Var<T>, &mut [Var<T>], Option<&Var<T>>) -> Result<()>)(
        output, &mut grads, weight,
    )?;
    Ok(grads)
}

/// Puts its gradient in the place of each input.
fn to_grads<T: Float>(
    output: &Var<T>,
    inputs: &mut [Var<T>],
    weight: Option<&Var<T>>,
) -> Result<()> {
    let seed = match weight {
        Some(weight) if weight.shape() == output.shape() => weight.clone(),
        Some(weight) => {
            let wanted = format!("{:?}, the shape of the output", output.shape());
            return Err(gradus_tensor::Error::shape("grad", weight.shape(), wanted).into());
        }
        None if output.len() == 1 => Var::constant(output.value().ones_like()),
        None => return Err(Error::NotScalar { shape: output.shape().to_vec() }),
    };
    let id = |x: &Var<T>| Some(x.node()?.links().id);
    let ids: Vec<u64> = inputs.iter().filter_map(id).collect();
    let found = match output.node() {
        Some(node) if !ids.is_empty() => backward(Arc::clone(node), seed, Mode::AGAIN, &ids)?,
        _ => BTreeMap::new(),
    };
    for x in inputs {
        let reached = id(x).and_then(|id| found.get(&id).cloned());
        *x = reached.unwrap_or_else(|| Var::constant(x.value().zeros_like()));
    }
    Ok(())
}

/// Nodes that a gradient has reached, by their number. In boxes, because the map moves what it holds.
type Pending<T> = BTreeMap<u64, Box<(Arc<dyn Node<T>>, Var<T>)>>;

/// The gradients that arrive at the nodes `targets`, or at every leaf if there are none named.
pub(crate) fn backward<T: Float>(
    root: Arc<dyn Node<T>>,
    seed: Var<T>,
    mode: Mode,
    targets: &[u64],
) -> Result<BTreeMap<u64, Var<T>>> {
    // No node below the least target depends on one, so nothing needs to be computed for those.
    let least = targets.iter().min().copied().unwrap_or(0);
    let mut results = BTreeMap::new();
    let mut pending: Pending<T> = BTreeMap::new();
    let mut grads = Vec::new();
    pending.insert(root.links().id, Box::new((root, seed)));
    while let Some((id, reached)) = pending.pop_last() {
        let (node, grad) = *reached;
        let links = node.links();
        let is_result = if targets.is_empty() { links.is_leaf() } else { targets.contains(&id) };
        if is_result {
            results.insert(id, grad.clone());
        }
        if links.is_leaf() || (!targets.is_empty() && id <= least) {
            continue;
        }
        let whole = mode::is_checked().then(|| grad.value().clone());
        grads.resize_with(links.edges.len(), || None);
        node.backward(&node, grad, mode, &mut grads)?;
        for (input, (edge, grad)) in links.edges.iter().zip(grads.drain(..)).enumerate() {
            let (Some(of), Some(grad)) = (&edge.node, grad) else { continue };
            if grad.shape() != edge.shape() {
                let (got, wanted) = (grad.shape().to_vec(), edge.shape().to_vec());
                return Err(Error::GradientShape { op: node.name(), input, got, wanted });
            }
            mode::check(|| node.name(), "backward", whole.iter(), grad.value());
            let id = of.links().id;
            if id < least {
                continue;
            }
            match pending.entry(id) {
                // The first gradient to arrive is moved in, later ones are added to it.
                Entry::Vacant(entry) => {
                    entry.insert(Box::new((Arc::clone(of), grad)));
                }
                Entry::Occupied(mut entry) => accumulate(&mut entry.get_mut().1, &grad)?,
            }
        }
        // The node goes here, and with it what it saved, unless the caller still holds it.
    }
    Ok(results)
}

/// Adds another gradient: in place if both are mere values.
fn accumulate<T: Float>(sum: &mut Var<T>, grad: &Var<T>) -> Result<()> {
    if sum.is_tracked() || grad.is_tracked() {
        *sum = sum.add(grad)?;
        return Ok(());
    }
    Ok(sum.value.add_assign(grad.value())?)
}
