//! What parameters start from.
//!
//! A layer multiplies the variance of what passes through it by the number of inputs times the
//! variance of its weights. So that signals neither die out nor explode in a deep network, weights
//! start with a variance of about one over the number of inputs (`fan_in`), of outputs (`fan_out`)
//! or of both.

use gradus_tensor::{Float, Rng, Tensor};

use crate::{Error, Result};

/// A rule for the values that a parameter starts from.
///
/// `fan_in` is the number of inputs that one output of the layer depends on, `fan_out` the number
/// of outputs that one input reaches: for a weight of shape `[out, in, …]` they are `in` and `out`
/// times the product of the remaining axes.
///
/// ```
/// use gradus_nn::Init;
/// let mut rng = gradus_tensor::Rng::new(0);
/// let weight = Init::XavierUniform.tensor::<f32>(&[30, 20], &mut rng)?;
/// assert!(weight.abs().max()?.item()? <= (6.0_f32 / 50.0).sqrt());
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// The same number everywhere.
    Constant(f64),
    /// Numbers between two bounds, each equally likely.
    Uniform(f64, f64),
    /// The normal distribution with a mean and a standard deviation.
    Normal(f64, f64),
    /// The normal distribution with a mean and a standard deviation, cut off at two of them.
    TruncatedNormal(f64, f64),
    /// Uniform within `±√(6 / (fan_in + fan_out))`: variance `2 / (fan_in + fan_out)`, for layers
    /// followed by tanh or nothing (Glorot and Bengio, *Understanding the difficulty of training
    /// deep feedforward neural networks*, 2010, equation 16).
    XavierUniform,
    /// Normal with the variance of [`XavierUniform`](Init::XavierUniform).
    XavierNormal,
    /// Uniform within `±√(6 / fan_in)`: variance `2 / fan_in`, for layers followed by ReLU, which
    /// halves the variance (He, Zhang, Ren and Sun, *Delving deep into rectifiers*, 2015,
    /// equation 10).
    KaimingUniform,
    /// Normal with the variance of [`KaimingUniform`](Init::KaimingUniform).
    KaimingNormal,
    /// Uniform within `±1 / √fan_in`: variance `1 / (3 fan_in)`, what PyTorch's linear and
    /// convolutional layers start from (LeCun, Bottou, Orr and Müller, *Efficient BackProp*, 1998,
    /// section 4.6, up to the factor).
    FanIn,
}

impl Init {
    /// A tensor of the given shape.
    ///
    /// # Errors
    /// [`Error::Setting`] if the rule depends on the fans and the shape has fewer than two axes;
    /// an error of the distribution if a bound or a deviation is outside its domain.
    pub fn tensor<T: Float>(self, shape: &[usize], rng: &mut Rng) -> Result<Tensor<T>> {
        let number = T::from_f64;
        let uniform = |bound: f64, rng: &mut Rng| {
            Ok(Tensor::uniform(shape, number(-bound), number(bound), rng)?)
        };
        match self {
            Init::Constant(value) => Ok(Tensor::full(shape, number(value))),
            Init::Uniform(low, high) => Ok(Tensor::uniform(shape, number(low), number(high), rng)?),
            Init::Normal(mean, std) => Ok(Tensor::normal(shape, number(mean), number(std), rng)?),
            Init::TruncatedNormal(mean, std) => {
                Ok(Tensor::truncated_normal(shape, number(mean), number(std), rng)?)
            }
            Init::XavierUniform => {
                let (fan_in, fan_out) = fans(shape)?;
                uniform((6.0 / (fan_in + fan_out)).sqrt(), rng)
            }
            Init::XavierNormal => {
                let (fan_in, fan_out) = fans(shape)?;
                Init::Normal(0.0, (2.0 / (fan_in + fan_out)).sqrt()).tensor(shape, rng)
            }
            Init::KaimingUniform => uniform((6.0 / fans(shape)?.0).sqrt(), rng),
            Init::KaimingNormal => {
                Init::Normal(0.0, (2.0 / fans(shape)?.0).sqrt()).tensor(shape, rng)
            }
            Init::FanIn => uniform(1.0 / fans(shape)?.0.sqrt(), rng),
        }
    }
}

/// `fan_in` and `fan_out` of a weight, at least 1 each.
fn fans(shape: &[usize]) -> Result<(f64, f64)> {
    match shape {
        [outputs, inputs, rest @ ..] => {
            let field: usize = rest.iter().product();
            Ok(((inputs * field).max(1) as f64, (outputs * field).max(1) as f64))
        }
        _ => Err(Error::setting(
            "Init",
            format!("shape {shape:?}"),
            "at least two axes, [outputs, inputs, …], to count the fans",
        )),
    }
}
