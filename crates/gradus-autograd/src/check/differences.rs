//! Derivatives against central differences.

use gradus_tensor::Tensor;

use super::inputs::normal;
use crate::graph::{AnyVar, Mode, backward};
use crate::{Error, Result, Var, grad};

/// Step of the differences. The error of a central difference is about `h² + 1e-16 / h`.
const STEP: f64 = 1e-5;
/// How far derivative and difference may be apart, relative to their size.
const TOLERANCE: f64 = 2e-6;
/// Random directions that are tried.
const DIRECTIONS: u64 = 3;

/// What is checked.
pub(super) type Function<'a> = dyn Fn(&[Var<f64>]) -> Result<Var<f64>> + 'a;

/// Checks the derivative of `function` at `inputs`.
///
/// ```
/// use gradus_autograd::check;
/// let x = check::inputs::normal([2, 3], 1);
/// check::gradient(|x| x[0].mul(&x[0].exp()), &[x])?;
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
///
/// # Errors
/// [`Error::Check`] if the two disagree; any error that `function` gives.
pub fn gradient(
    function: impl Fn(&[Var<f64>]) -> Result<Var<f64>>,
    inputs: &[Tensor<f64>],
) -> Result<()> {
    first_order(&function, inputs, Mode::FIRST, "derivative")
}

/// Checks the second derivative of `function` at `inputs`: the derivative of `Σᵢ wᵢ · ∂f/∂xᵢ` for
/// random `w`, with respect to the inputs and to the weight of the output.
///
/// # Errors
/// As [`gradient`].
pub fn second(
    function: impl Fn(&[Var<f64>]) -> Result<Var<f64>>,
    inputs: &[Tensor<f64>],
) -> Result<()> {
    let output = function(&constants(inputs))?;
    let mut all = inputs.to_vec();
    all.push(normal(output.shape(), 91));
    let derivative = |all: &[Var<f64>]| {
        let (weight, inputs) = (&all[all.len() - 1], &all[..all.len() - 1]);
        // The checks below hand in constants as well: differentiate with respect to copies.
        let tracked: Vec<Var<f64>> = inputs
            .iter()
            .map(|x| if x.is_tracked() { x.clone() } else { Var::leaf(x.value().clone()) })
            .collect();
        let output = function(&tracked)?;
        let mut sum = Var::constant(Tensor::scalar(0.0));
        for (i, x) in tracked.iter().enumerate() {
            let [slope] = grad(&output, [x], Some(weight))?;
            let direction = Var::constant(normal(x.shape(), 17 + i as u64));
            sum = sum.add(&slope.mul(&direction)?.sum())?;
        }
        Ok(sum)
    };
    first_order(&derivative, &all, Mode::FIRST, "second derivative")
}

pub(super) fn first_order(
    function: &Function<'_>,
    inputs: &[Tensor<f64>],
    mode: Mode,
    what: &str,
) -> Result<()> {
    let weight = normal(function(&constants(inputs))?.shape(), 7);
    let value = |inputs: &[Tensor<f64>]| -> Result<f64> {
        Ok(function(&constants(inputs))?.value().mul(&weight)?.sum().item()?)
    };
    let gradients = gradients(function, inputs, &vec![true; inputs.len()], mode, &weight)?;
    for seed in 0..DIRECTIONS {
        let directions: Vec<_> = (0..inputs.len())
            .map(|i| normal(inputs[i].shape(), 1000 * (seed + 1) + i as u64))
            .collect();
        let moved = |step: f64| -> Result<Vec<Tensor<f64>>> {
            inputs
                .iter()
                .zip(&directions)
                .map(|(x, v)| Ok(x.zip("move", v, move |x, v| x + step * v)?))
                .collect()
        };
        let difference = (value(&moved(STEP)?)? - value(&moved(-STEP)?)?) / (2.0 * STEP);
        let mut derivative = 0.0;
        for (g, v) in gradients.iter().zip(&directions) {
            derivative += g.mul(v)?.sum().item()?;
        }
        let gap = (derivative - difference).abs();
        let limit = TOLERANCE * (1.0 + derivative.abs().max(difference.abs()));
        if gap.is_nan() || gap > limit {
            let detail = format!("it is {derivative:.9}, the differences give {difference:.9}");
            return Err(Error::Check { what: what.to_string(), detail });
        }
    }
    Ok(())
}

/// The gradients of `Σ function(inputs) · weight` with respect to the tracked inputs, zero where
/// none arrives; those of the others are left zero.
pub(super) fn gradients(
    function: &Function<'_>,
    inputs: &[Tensor<f64>],
    tracked: &[bool],
    mode: Mode,
    weight: &Tensor<f64>,
) -> Result<Vec<Tensor<f64>>> {
    let variables: Vec<Var<f64>> = inputs
        .iter()
        .zip(tracked)
        .map(|(x, &t)| if t { Var::leaf(x.clone()) } else { Var::constant(x.clone()) })
        .collect();
    let output = function(&variables)?;
    let found = match output.into_parts().1 {
        Some(origin) => backward([(origin, AnyVar::constant(weight.clone()))], mode, None)?,
        None => Default::default(),
    };
    let of = |x: &Var<f64>| found.get(&(x.origin()?.id(), 0))?.value.get::<f64>().cloned();
    Ok(variables.iter().map(|x| of(x).unwrap_or_else(|| x.value().zeros_like())).collect())
}

pub(super) fn constants(inputs: &[Tensor<f64>]) -> Vec<Var<f64>> {
    inputs.iter().map(Var::from).collect()
}
