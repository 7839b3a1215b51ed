//! Normalisation of each channel (axis 1) by given numbers, with what follows it.
//!
//! `y = f((x - μ_c) s_c + b_c + r)`, where the residual `r` and the activation `f` may be missing:
//! one pass over memory for the end of a block of a residual network (He and others, *Deep residual
//! learning for image recognition*, 2016, figure 2).

use super::{Channels, Run, per_channel};
use crate::{Activation, Float, Result, Tensor, concrete};

/// `f((x - mean) · scale + shift + residual)` for each channel of `x`, of shape `[N, C, …]`; mean,
/// scale and shift have shape `[C]`, the residual that of `x`. The order of the axes in memory
/// stays.
///
/// ```
/// use gradus_tensor::{Activation, Tensor, channel_norm};
/// let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let [mean, scale, shift] = [[2.0, 3.0], [1.0, 10.0], [0.0, 5.0]].map(Tensor::vector);
/// let y = channel_norm(&x, &mean, &scale, &shift, None, Activation::Relu)?;
/// assert_eq!(y.to_vec(), [0.0, 0.0, 1.0, 15.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) if `x` has fewer than two axes, the residual another
/// shape, or another tensor not one number for each channel.
pub fn channel_norm<T: Float>(
    x: &Tensor<T>,
    mean: &Tensor<T>,
    scale: &Tensor<T>,
    shift: &Tensor<T>,
    residual: Option<&Tensor<T>>,
    activation: Activation,
) -> Result<Tensor<T>> {
    type Kernel<T> = fn(
        &Tensor<T>,
        &Tensor<T>,
        &Tensor<T>,
        &Tensor<T>,
        Option<&Tensor<T>>,
        Activation,
    ) -> Result<Tensor<T>>;
    concrete!(normalized_channels: Kernel<T>)(x, mean, scale, shift, residual, activation)
}

fn normalized_channels<T: Float>(
    x: &Tensor<T>,
    mean: &Tensor<T>,
    scale: &Tensor<T>,
    shift: &Tensor<T>,
    residual: Option<&Tensor<T>>,
    activation: Activation,
) -> Result<Tensor<T>> {
    let op = "channel_norm";
    let at = Channels::new(op, x)?;
    let numbers = |what, tensor| {
        per_channel(op, what, tensor, x).map(|numbers| at.numbers(numbers.iter().copied()))
    };
    let numbers =
        [numbers("a mean", mean)?, numbers("a scale", scale)?, numbers("a shift", shift)?];
    let residual = residual.map(|residual| at.aligned(op, residual)).transpose()?;
    let residual = residual.as_ref().and_then(Tensor::as_dense);
    let numbers = numbers.each_ref().map(|numbers| &numbers[..]);
    Ok(match (residual, activation) {
        (None, Activation::Identity) => pass::<T, false, false>(&at, numbers, at.values()),
        (None, Activation::Relu) => pass::<T, false, true>(&at, numbers, at.values()),
        (Some(residual), Activation::Identity) => pass::<T, true, false>(&at, numbers, residual),
        (Some(residual), Activation::Relu) => pass::<T, true, true>(&at, numbers, residual),
    })
}

fn pass<T: Float, const ADD: bool, const RELU: bool>(
    at: &Channels<T>,
    [mean, scale, shift]: [&[T]; 3],
    residual: &[T],
) -> Tensor<T> {
    let values = at.values();
    at.fill(
        #[inline(always)]
        |start, out, run| {
            let n = out.len();
            let (x, residual) = (&values[start..start + n], &residual[start..start + n]);
            match run {
                Run::One(c) => {
                    let numbers = [mean[c], scale[c], shift[c]];
                    for i in 0..n {
                        out[i] = value::<T, ADD, RELU>(x[i], numbers, residual[i]);
                    }
                }
                Run::All => {
                    let (mean, scale, shift) = (&mean[..n], &scale[..n], &shift[..n]);
                    for i in 0..n {
                        let numbers = [mean[i], scale[i], shift[i]];
                        out[i] = value::<T, ADD, RELU>(x[i], numbers, residual[i]);
                    }
                }
            }
        },
    )
}

/// One element of the result. The gradient computes it again, in the same way.
#[inline(always)]
pub(super) fn value<T: Float, const ADD: bool, const RELU: bool>(
    x: T,
    [mean, scale, shift]: [T; 3],
    residual: T,
) -> T {
    let mut y = (x - mean) * scale + shift;
    if ADD {
        y += residual;
    }
    if RELU && y < T::ZERO { T::ZERO } else { y }
}
