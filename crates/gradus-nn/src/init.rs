//! What parameters start from.
//!
//! A layer multiplies the variance of what passes through it by the number of inputs times the
//! variance of its weights. So that signals neither die out nor explode in a deep network, weights
//! start with a variance of about one over the number of inputs (`fan_in`), of outputs (`fan_out`)
//! or of both.

use std::fmt;

use gradus_autograd::Param;
use gradus_tensor::settings::{Stored, Value};
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
    /// Uniform within `±1 / √fan_in`, for a bias, whose own shape does not say how many inputs there are.
    pub(crate) fn within_root_of(fan_in: usize) -> Self {
        let bound = 1.0 / (fan_in as f64).sqrt();
        Init::Uniform(-bound, bound)
    }

    /// A parameter of the given shape.
    ///
    /// # Errors
    /// As [`tensor`](Init::tensor).
    pub fn param<T: Float>(self, shape: &[usize], rng: &mut Rng) -> Result<Param<T>> {
        Ok(Param::new(self.tensor(shape, rng)?))
    }

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
            Init::Constant(value) => Ok(Tensor::try_full(shape, number(value))?),
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
            let field: f64 = rest.iter().map(|&n| n as f64).product();
            Ok(((*inputs as f64 * field).max(1.0), (*outputs as f64 * field).max(1.0)))
        }
        _ => Err(Error::setting(
            "Init",
            format!("shape {shape:?}"),
            "at least two axes, [outputs, inputs, …], to count the fans",
        )),
    }
}

/// The name, and the numbers if there are any: `FanIn`, `Normal(0.0, 0.02)`.
impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A word, as it is displayed: `"Normal(0.0, 0.02)"`.
impl Stored for Init {
    fn store(&self) -> Value {
        Value::Word(self.to_string())
    }

    fn load(value: Value) -> Option<Self> {
        let Value::Word(word) = value else { return None };
        let (name, numbers) = match word.strip_suffix(')') {
            Some(word) => word.split_once('(')?,
            None => (word.as_str(), ""),
        };
        let parts = numbers.split(',').filter(|part| !part.trim().is_empty());
        let numbers: Vec<f64> = parts.map(|x| x.trim().parse().ok()).collect::<Option<_>>()?;
        Some(match (name, &numbers[..]) {
            ("Constant", &[value]) => Init::Constant(value),
            ("Uniform", &[low, high]) => Init::Uniform(low, high),
            ("Normal", &[mean, std]) => Init::Normal(mean, std),
            ("TruncatedNormal", &[mean, std]) => Init::TruncatedNormal(mean, std),
            ("XavierUniform", []) => Init::XavierUniform,
            ("XavierNormal", []) => Init::XavierNormal,
            ("KaimingUniform", []) => Init::KaimingUniform,
            ("KaimingNormal", []) => Init::KaimingNormal,
            ("FanIn", []) => Init::FanIn,
            _ => return None,
        })
    }

    fn blank() -> Self {
        Init::FanIn
    }
}

#[cfg(test)]
mod tests {
    use super::{Init, Stored, Value};

    #[test]
    fn words_bring_the_same_rule_back() {
        use Init::*;
        let all = [
            Constant(0.5),
            Uniform(-1.0, 2.0),
            Normal(0.0, 0.02),
            TruncatedNormal(1.0, 1e-3),
            XavierUniform,
            XavierNormal,
            KaimingUniform,
            KaimingNormal,
            FanIn,
        ];
        for init in all {
            assert_eq!(Init::load(init.store()), Some(init));
        }
        for bad in ["", "Fanin", "Normal", "Normal(1)", "Normal(1, 2", "FanIn(1)", "Constant(x)"] {
            assert_eq!(Init::load(Value::Word(bad.into())), None, "{bad}");
        }
    }
}
