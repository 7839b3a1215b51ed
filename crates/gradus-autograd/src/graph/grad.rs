//! Gradients with respect to chosen variables, as variables again.

use std::collections::{BTreeMap, HashSet};

use gradus_tensor::{Float, concrete};

use super::backward::{Targets, backward};
use super::{AnyVar, Mode, Node, Origin};
use crate::{Error, Result, Var};

/// The gradient of `Σ output · weight` with respect to each of `inputs`, as variables that can be
/// differentiated again. Without a `weight` the output must be one number.
///
/// The inputs are an array, a slice or a list of variables, and the gradients come as an array or a
/// list. An input may be any variable on the way, not only a leaf. Where the output does not depend on
/// an input, its gradient is zero. Nothing is computed for variables that lead to no input.
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
///
/// let inputs = vec![&x];
/// assert_eq!(grad(&y, inputs, None)?[0].item()?, 12.0);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
///
/// # Errors
/// [`Error::Untracked`] if an input is a constant; [`Error::NotScalar`] if there is no `weight` and
/// the output is not one number; a tensor error if the weight has another shape than the output.
pub fn grad<T: Float, I: GradInputs<T>>(
    output: &Var<T>,
    inputs: I,
    weight: Option<&Var<T>>,
) -> Result<I::Grads> {
    let grads = concrete!(
        grads: fn(&Var<T>, &[&Var<T>], Option<&Var<T>>) -> Result<Vec<Var<T>>>
    )(output, inputs.as_slice(), weight)?;
    Ok(inputs.structure(grads))
}

/// What [`grad`] takes: an array, a slice or a list of variables.
pub trait GradInputs<T: Float> {
    /// The gradients: an array for an array, else a list.
    type Grads;
    #[doc(hidden)]
    fn as_slice(&self) -> &[&Var<T>];
    #[doc(hidden)]
    fn structure(&self, grads: Vec<Var<T>>) -> Self::Grads;
}

impl<T: Float, const N: usize> GradInputs<T> for [&Var<T>; N] {
    type Grads = [Var<T>; N];

    fn as_slice(&self) -> &[&Var<T>] {
        self
    }
    fn structure(&self, grads: Vec<Var<T>>) -> [Var<T>; N] {
        match grads.try_into() {
            Ok(grads) => grads,
            Err(_) => unreachable!("there is a gradient for each input"),
        }
    }
}

impl<T: Float> GradInputs<T> for &[&Var<T>] {
    type Grads = Vec<Var<T>>;

    fn as_slice(&self) -> &[&Var<T>] {
        self
    }
    fn structure(&self, grads: Vec<Var<T>>) -> Vec<Var<T>> {
        grads
    }
}

impl<T: Float> GradInputs<T> for Vec<&Var<T>> {
    type Grads = Vec<Var<T>>;

    fn as_slice(&self) -> &[&Var<T>] {
        self
    }
    fn structure(&self, grads: Vec<Var<T>>) -> Vec<Var<T>> {
        grads
    }
}

fn grads<T: Float>(
    output: &Var<T>,
    inputs: &[&Var<T>],
    weight: Option<&Var<T>>,
) -> Result<Vec<Var<T>>> {
    let seed = match weight {
        Some(weight) if weight.shape() == output.shape() => weight.clone(),
        Some(weight) => {
            let wanted = format!("{:?}, the shape of the output", output.shape());
            return Err(gradus_tensor::Error::shape("grad", weight.shape(), wanted).into());
        }
        None if output.len() == 1 => Var::constant(output.value().ones_like()),
        None => return Err(Error::NotScalar { op: "grad", shape: output.shape().to_vec() }),
    };
    grads_of(&[(output, &seed)], inputs)
}

/// The gradients of `Σ output · seed` over several outputs, each with its seed, which is no function of the
/// inputs here.
pub(crate) fn grads_of<T: Float>(
    outputs: &[(&Var<T>, &Var<T>)],
    inputs: &[&Var<T>],
) -> Result<Vec<Var<T>>> {
    let place = |(input, x): (usize, &&Var<T>)| match x.origin() {
        Some(origin) => Ok((origin.id(), origin.output)),
        None => Err(Error::Untracked { input, shape: x.shape().to_vec() }),
    };
    let wanted: Vec<(u64, u32)> = inputs.iter().enumerate().map(place).collect::<Result<_>>()?;
    let root =
        |(y, seed): &(&Var<T>, &Var<T>)| Some((y.origin()?.clone(), AnyVar::from((*seed).clone())));
    let roots: Vec<(Origin, AnyVar)> = outputs.iter().filter_map(root).collect();
    let targets = Targets { leads: leading(&roots, &wanted), wanted };
    let mut found = backward(roots, Mode::AGAIN, Some(&targets))?;
    let wanted = &targets.wanted;
    // One that is asked for twice is there twice.
    let mut reached = |place| match wanted.iter().filter(|&other| other == place).count() {
        1 => found.remove(place),
        _ => found.get(place).cloned(),
    };
    let zero = |x: &Var<T>| Var::constant(x.value().zeros_like());
    let gradient = |(place, x): (_, &&Var<T>)| {
        reached(place).and_then(AnyVar::into_var).unwrap_or_else(|| zero(x))
    };
    Ok(wanted.iter().zip(inputs).map(gradient).collect())
}

/// The nodes between the roots and the targets: those that a target can be reached from.
fn leading(roots: &[(Origin, AnyVar)], targets: &[(u64, u32)]) -> HashSet<u64> {
    // No node below the least target depends on one.
    let least = targets.iter().map(|&(id, _)| id).min().unwrap_or(0);
    let mut seen: BTreeMap<u64, &dyn Node> = BTreeMap::new();
    let mut stack: Vec<&dyn Node> = roots.iter().map(|(root, _)| &*root.node).collect();
    while let Some(node) = stack.pop() {
        if seen.insert(node.links().id, node).is_none() {
            let inputs = node.links().edges.iter().filter_map(|edge| edge.origin.as_ref());
            stack.extend(inputs.filter(|o| o.id() >= least).map(|origin| &*origin.node));
        }
    }
    // From small numbers to large ones, so that each node comes after its inputs.
    let mut leads: HashSet<u64> = targets.iter().map(|&(id, _)| id).collect();
    for (id, node) in seen {
        let mut inputs = node.links().edges.iter().filter_map(|edge| edge.origin.as_ref());
        if inputs.any(|origin| leads.contains(&origin.id())) {
            leads.insert(id);
        }
    }
    leads
}
