//! The derivative of an operation whose formula is its definition in simple operations.

use gradus_tensor::Float;

use crate::arity::In;
use crate::{At, Op, Result, Var, grad};

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
    let mut total: Option<Var<T>> = None;
    for (y, grad) in definition(inputs)?.iter().zip(grads) {
        let Some(grad) = grad else { continue };
        let part = y.mul(grad)?.sum();
        total = Some(match total {
            Some(total) => total.add(&part)?,
            None => part,
        });
    }
    let Some(total) = total else { return Ok([const { None }; N]) };
    let grads = grad(&total, inputs, None)?;
    let mut wanted = at.wanted.iter();
    Ok(grads.map(|grad| wanted.next().is_some_and(|wanted| *wanted).then_some(grad)))
}
