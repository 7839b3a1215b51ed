//! The gradient of a normalisation of channels, with the ReLU that may follow it.
//!
//! With `μ` and `r = 1/√(σ² + ε)` from the batch itself, `x̂ = (x - μ) r`, weight `γ`, bias `β` and
//! `m` elements in a channel:
//!
//! `β̄ = Σ ȳ`, `γ̄ = Σ ȳ x̂`, `x̄ = γ r (ȳ - β̄/m - x̂ γ̄/m)`
//!
//! (Ioffe and Szegedy, *Batch normalization*, 2015, section 3.) Two reads of memory: one for the
//! sums, one for `x̄`. After a ReLU, `ȳ` counts only where `γ x̂ + β > 0`, which is computed again on
//! the way: cheaper than to write down what passes and to read it twice.

use super::sums::{Gate, gated};
use super::{Channels, Run, per_channel};
use crate::norm::NormGrads;
use crate::{Float, Result, Tensor, concrete};

/// The gradients of a batch normalisation `y = (x - mean) · rstd · weight + bias`, where `mean`
/// and `rstd` `= 1/√(var + ε)` were computed from `x` itself: with respect to `x` (if `wanted`),
/// to the weight, and to the bias. If a ReLU followed in the same pass, `relu` is the bias, and
/// `grad_y` is the gradient of what the ReLU gave.
///
/// ```
/// use gradus_tensor::{Tensor, batch_norm_grad};
/// let x = Tensor::from_vec(vec![-1.0, 1.0], [2, 1])?;
/// let grad = Tensor::from_vec(vec![3.0, 3.0], [2, 1])?;
/// let [mean, rstd, weight] = [[0.0], [1.0], [2.0]].map(Tensor::vector);
/// let (dx, dweight, dbias) = batch_norm_grad(&x, &grad, &mean, &rstd, &weight, None, true)?;
/// // The mean of the output is fixed, so moving it does nothing to the input.
/// assert_eq!(dx.map(|dx| dx.to_vec()), Some(vec![0.0, 0.0]));
/// assert_eq!((dweight.to_vec(), dbias.to_vec()), (vec![0.0], vec![6.0]));
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) if `x` has fewer than two axes, `grad_y` another shape, or
/// another tensor not one number for each channel.
pub fn batch_norm_grad<T: Float>(
    x: &Tensor<T>,
    grad_y: &Tensor<T>,
    mean: &Tensor<T>,
    rstd: &Tensor<T>,
    weight: &Tensor<T>,
    relu: Option<&Tensor<T>>,
    wanted: bool,
) -> Result<NormGrads<T>> {
    type Kernel<T> = fn(
        &Tensor<T>,
        &Tensor<T>,
        &Tensor<T>,
        &Tensor<T>,
        &Tensor<T>,
        Option<&Tensor<T>>,
        bool,
    ) -> Result<NormGrads<T>>;
    concrete!(normalized_channels_grad: Kernel<T>)(x, grad_y, mean, rstd, weight, relu, wanted)
}

fn normalized_channels_grad<T: Float>(
    x: &Tensor<T>,
    grad_y: &Tensor<T>,
    mean: &Tensor<T>,
    rstd: &Tensor<T>,
    weight: &Tensor<T>,
    relu: Option<&Tensor<T>>,
    wanted: bool,
) -> Result<NormGrads<T>> {
    let op = "batch_norm_grad";
    let at = Channels::new(op, x)?;
    let grad = at.aligned(op, grad_y)?;
    let (values, grad) = (at.values(), grad.as_dense().unwrap_or_default());
    let numbers = |what, tensor| per_channel(op, what, tensor, x);
    let (rstd, weight) = (numbers("a deviation", rstd)?, numbers("a weight", weight)?);
    let mean = at.numbers(numbers("a mean", mean)?.into_iter());
    // In the arithmetic of the forward pass, so that the sign comes out the same.
    let scale = at.numbers(rstd.iter().zip(&weight).map(|(&r, &w)| r * w));
    let shift = match relu {
        Some(bias) => at.numbers(numbers("a bias", bias)?.into_iter()),
        None => scale.clone(),
    };
    let gate = Gate { numbers: [&mean, &scale, &shift], relu: relu.is_some() };
    let sums = at.sums(grad, gate);
    let count = (values.len() / at.channels.max(1)) as f64;

    let dx = wanted.then(|| {
        // x̄ = scale · (ȳ - offset - (x - mean) · slope)
        let offset = at.numbers(sums.iter().map(|s| T::from_f64(s[0] / count)));
        let slope = at.numbers(sums.iter().zip(&rstd).map(|(s, r)| {
            let r = r.to_f64();
            T::from_f64(s[1] / count * r * r)
        }));
        match gate.relu {
            true => input_grad::<T, true>(&at, grad, gate.numbers, [&offset, &slope]),
            false => input_grad::<T, false>(&at, grad, gate.numbers, [&offset, &slope]),
        }
    });
    let dweight = sums.iter().zip(&rstd).map(|(s, r)| T::from_f64(s[1] * r.to_f64()));
    let dbias = sums.iter().map(|s| T::from_f64(s[0]));
    let [dweight, dbias] =
        [dweight.collect(), dbias.collect()].map(|sums: Vec<T>| Tensor::vector(sums));
    Ok((dx, dweight, dbias))
}

fn input_grad<T: Float, const RELU: bool>(
    at: &Channels<T>,
    grad: &[T],
    [mean, scale, shift]: [&[T]; 3],
    [offset, slope]: [&[T]; 2],
) -> Tensor<T> {
    let values = at.values();
    at.fill(
        #[inline(always)]
        |start, out, run| {
            let n = out.len();
            let (x, g) = (&values[start..start + n], &grad[start..start + n]);
            match run {
                Run::One(c) => {
                    let numbers = [mean[c], scale[c], shift[c]];
                    let (offset, slope) = (offset[c], slope[c]);
                    for i in 0..n {
                        let g = gated::<T, RELU>(g[i], x[i], numbers);
                        out[i] = numbers[1] * (g - offset - (x[i] - numbers[0]) * slope);
                    }
                }
                Run::All => {
                    let (mean, scale, shift) = (&mean[..n], &scale[..n], &shift[..n]);
                    let (offset, slope) = (&offset[..n], &slope[..n]);
                    for i in 0..n {
                        let g = gated::<T, RELU>(g[i], x[i], [mean[i], scale[i], shift[i]]);
                        out[i] = scale[i] * (g - offset[i] - (x[i] - mean[i]) * slope[i]);
                    }
                }
            }
        },
    )
}
