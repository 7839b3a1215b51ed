//! A loss or a gradient that is NaN or infinite ends training before it reaches a parameter.
//!
//! A gradient is looked at through the sum of its numbers, which is NaN or infinite if one of them is. It may
//! also be if all are finite and their sum is too large; so a sum that is not finite is looked into.

use gradus_autograd::Gradients;
use gradus_nn::{Module, ModuleExt};
use gradus_tensor::{Float, Tensor};

use crate::{Error, Result};

/// The error of a step whose loss or gradients are not finite, if they are not.
pub(super) fn check<T: Float>(
    step: u64,
    loss: f64,
    model: &dyn Module<T>,
    gradients: &Gradients<T>,
) -> Result<()> {
    let mut first = None;
    model.for_each_param(|path, param| {
        if first.is_none()
            && let Some(gradient) = gradients.get(param.id())
            && let Some(number) = not_finite(gradient)
        {
            let name = if path.is_empty() { "the parameter" } else { path };
            first = Some((name.to_string(), number));
        }
    });
    let what = match (loss.is_finite(), first) {
        (true, None) => return Ok(()),
        (true, Some((path, number))) => {
            format!("the gradient of {path} has {number}, though the loss is {loss}")
        }
        (false, None) => format!("the loss is {loss}, though all gradients are finite"),
        (false, Some((path, number))) => {
            format!(
                "the loss is {loss}; the first gradient at fault is that of {path}, with {number}"
            )
        }
    };
    Err(Error::NotFinite { step: step + 1, what, kept: String::new() })
}

/// A number that is NaN or infinite, if there is one.
fn not_finite<T: Float>(gradient: &Tensor<T>) -> Option<f64> {
    let sum = gradient.sum().item().map_or(f64::NAN, T::to_f64);
    if sum.is_finite() {
        return None;
    }
    gradient.to_vec().into_iter().map(T::to_f64).find(|x| !x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_is_too_large_is_no_fault() {
        let of = |numbers: &[f32]| not_finite(&Tensor::vector(numbers));
        assert_eq!(of(&[f32::MAX, f32::MAX, 1.0]), None);
        assert_eq!(of(&[1.0, f32::INFINITY, f32::NEG_INFINITY]), Some(f64::INFINITY));
        assert!(of(&[1.0, f32::NAN]).is_some_and(f64::is_nan));
        assert_eq!(of(&[]), None);
    }
}
