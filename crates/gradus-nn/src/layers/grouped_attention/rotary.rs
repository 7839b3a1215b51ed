//! Rotary positions: queries and keys are turned by an angle that grows with their place.
//!
//! Of the `d` numbers of a query or a key each pair `(a, b)` is a point in a plane, turned at place `t` by `t θᵢ`:
//!
//! ```text
//! a' = a cos t θᵢ - b sin t θᵢ        b' = b cos t θᵢ + a sin t θᵢ        θᵢ = base^(-2i / d),   0 ≤ i < d / 2
//! ```
//!
//! The product of a query at `s` and a key at `t` then depends on `s - t` alone, as that of points does on the angle
//! between them. (Su, Lu, Pan, Murtadha, Wen and Liu, *RoFormer: enhanced transformer with rotary position embedding*,
//! 2021, equations 15 and 34.)

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

use crate::{Error, Result, Settings};

/// Turns queries and keys by their places.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::Rotary;
/// use gradus_tensor::{Rng, Tensor};
///
/// let rotary = Rotary::new();
/// let x = Var::<f32>::from(Tensor::normal([1, 2, 5, 8], 0.0, 1.0, &mut Rng::new(0))?);
/// let y = rotary.turn(&x, 0)?;
/// // The first token stays, and a sequence may be turned in parts.
/// assert_eq!(y.value().slice(2, ..1)?, x.value().slice(2, ..1)?);
/// let rest = rotary.turn(&x.slice(2, 3..)?, 3)?;
/// assert_eq!(*rest.value(), y.value().slice(2, 3..)?);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
pub struct Rotary {
    /// How slowly the last pairs turn: once in about `2π · base` places.
    #[above(0)]
    #[default(10_000.0)]
    base: f64,
    /// Whether the numbers `2i` and `2i + 1` are a pair, as in the paper and in GPT-J. Otherwise `i` and `i + d / 2`
    /// are, as in Llama's files.
    #[default(false)]
    interleaved: bool,
}

impl Rotary {
    /// Turns `[…, T, d]`, whose first token stands at place `first`.
    ///
    /// # Errors
    /// If there are not two axes or more, or `d` is odd, or the base is not positive.
    pub fn turn<T: Float>(&self, x: &Var<T>, first: usize) -> Result<Var<T>> {
        let Self { base, interleaved } = self.checked()?;
        let &[ref before @ .., tokens, numbers] = x.shape() else {
            return Err(refused(x.shape()));
        };
        if !numbers.is_multiple_of(2) {
            return Err(refused(x.shape()));
        }
        let half = numbers / 2;
        let part = |of: fn(f64) -> f64| {
            let angles = (0..tokens * half).map(|i| {
                let (t, i) = (first as f64 + (i / half) as f64, i % half);
                T::from_f64(of(t * base.powf(-2.0 * i as f64 / numbers as f64)))
            });
            Ok::<_, Error>(Var::constant(Tensor::from_vec(angles.collect(), [tokens, half])?))
        };
        let (cos, sin) = (part(f64::cos)?, part(f64::sin)?);
        // The axis of a pair.
        let (pairs, axis) = if interleaved { ([half, 2], -1) } else { ([2, half], -2) };
        let pairs = x.reshape([before, &[tokens], &pairs].concat())?;
        let (a, b) = (pairs.index(axis, 0)?, pairs.index(axis, 1)?);
        let turned = [a.mul(&cos)?.sub(&b.mul(&sin)?)?, b.mul(&cos)?.add(&a.mul(&sin)?)?];
        Ok(Var::stack(&turned.each_ref(), axis)?.reshape(x.shape())?)
    }
}

fn refused(got: &[usize]) -> Error {
    let wanted = "[…, tokens, d] with an even d: numbers are turned in pairs";
    Error::from(gradus_tensor::Error::shape("Rotary", got, wanted))
}
