//! The derivative of an operation whose formula is its definition in simple operations.

use gradus_tensor::Float;
use smallvec::SmallVec;

use crate::arity::In;
use crate::graph::grads_of;
use crate::{At, Op, Result, Var};

/// Derivatives that can be differentiated again, of results with the gradients `grads`: `definition`
/// computes the results anew, and that is differentiated.
pub(super) fn differentiate<T: Float, O: Op<T, Inputs = [In; N]>, const N: usize>(
    at: &At<'_, T, O>,
    grads: &[Option<&Var<T>>],
    definition: impl FnOnce([&Var<T>; N]) -> Result<Vec<Var<T>>>,
) -> Result<[Option<Var<T>>; N]> {
    // Inputs without a graph of their own get one here, to be differentiated.
    let inputs = at.inputs()?.map(|x| match x.is_tracked() {
        true => x,
        false => Var::leaf(x.into_value()),
    });
    let inputs = inputs.each_ref();
    let outputs = definition(inputs)?;
    let seeded: Vec<_> =
        outputs.iter().zip(grads).filter_map(|(y, grad)| grad.map(|grad| (y, grad))).collect();
    let grads: SmallVec<[Var<T>; N]> = grads_of(&seeded, &inputs)?.into();
    let Ok(grads) = grads.into_inner() else { unreachable!("there is a gradient for each input") };
    let mut wanted = at.wanted.iter();
    Ok(grads.map(|grad| wanted.next().is_some_and(|wanted| *wanted).then_some(grad)))
}
