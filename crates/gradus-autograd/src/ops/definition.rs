//! The derivative of an operation whose formula is its definition in simple operations.

use gradus_tensor::Float;

use crate::{At, Result, Var, grad};

/// Derivatives that can be differentiated again, of a result with the gradient `grad_y`: `definition`
/// computes it anew, and that is differentiated.
pub(super) fn differentiate<T: Float, S, const N: usize>(
    at: &At<'_, T, S, N>,
    grad_y: &Var<T>,
    definition: impl FnOnce([&Var<T>; N]) -> Result<Var<T>>,
) -> Result<[Option<Var<T>>; N]> {
    // Inputs without a graph of their own get one here, to be differentiated.
    let inputs = at.inputs()?.map(|x| match x.is_tracked() {
        true => x,
        false => Var::leaf(x.into_value()),
    });
    let inputs = inputs.each_ref();
    let grads = grad(&definition(inputs)?, inputs, Some(grad_y))?;
    let mut wanted = at.wanted.into_iter();
    Ok(grads.map(|grad| wanted.next().unwrap_or_default().then_some(grad)))
}
