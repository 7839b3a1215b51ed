//! Adafactor: the mean squares of a matrix from its rows and columns, so that it keeps `n + m` numbers, not `n m`.
//!
//! ```text
//! β = 1 − t^γ                        ρ = min(η, 1 / √t)        α = max(ε₂, rms(w)) ρ
//! R ← β R + (1 − β) mean of g² along rows        C likewise along columns
//! V = R C / max(mean of R, ε₁)       U = g / √max(V, ε₁²)
//! w ← w − η λ w                      w ← w − α U / max(1, rms(U) / d)
//! ```
//!
//! Matrices are the last two axes; with one axis `V` is the mean of `g²` itself. Shazeer and Stern, *Adafactor: adaptive learning rates with sublinear
//! memory cost*, 2018, algorithms 4 and 5, with the constants of PyTorch.

use gradus_tensor::{Float, Tensor};

use crate::clip::norm;
use crate::whole::towards;
use crate::{At, Decay, Formula, Result, Settings, rule};

/// Adafactor.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Adafactor;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Adafactor::new(0.1).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..200 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.05);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.Adafactor", source = "Shazeer and Stern, 2018, algorithms 4 and 5")]
pub struct Adafactor {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// The power of the step with which the mean squares come to rest, below 0.
    #[at_most(0)]
    #[default(-0.8)]
    beta2_decay: f64,
    /// The least mean square is the square of this; `None` is the gap between 1 and the next number.
    #[above(0)]
    eps: Option<f64>,
    /// The least size of a tensor, which its step is measured by.
    #[above(0)]
    #[default(1e-3)]
    least: f64,
    /// The largest size of a step, before it is measured.
    #[above(0)]
    #[default(1.0)]
    clip: f64,
    /// The fraction of the parameter, times the learning rate, that each step takes away.
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
}

/// `√(mean of x²)`.
fn rms<T: Float>(x: &Tensor<T>) -> f64 {
    norm(x) / (x.len().max(1) as f64).sqrt()
}

impl Formula for Adafactor {
    /// The mean squares of rows and of columns; of the elements, if there is but one axis.
    fn start<T: Float>(&self, param: &Tensor<T>) -> Vec<Tensor<T>> {
        let rank = param.rank();
        let without = |axis: usize| {
            let mut shape = param.shape().to_vec();
            shape[rank - axis] = 1;
            Tensor::zeros(shape)
        };
        if rank < 2 { vec![Tensor::zeros(param.shape())] } else { vec![without(1), without(2)] }
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let (lr, number) = (at.step.lr, at.step.number as f64);
        let new = number.powf(self.beta2_decay);
        let eps = T::from_f64(self.eps.unwrap_or(T::EPSILON.to_f64()));
        let size = rms(&at.param).max(self.least) * lr.min(1.0 / number.sqrt());
        let [param, grad] = at.decayed(Decay::decoupled(self.weight_decay, lr))?;
        let squares = grad.mul(&grad)?;
        let mut state = Vec::new();
        for (i, old) in at.state.iter().enumerate() {
            let mean = match grad.rank() {
                0 | 1 => squares.clone(),
                _ => squares.mean_axes(&[-1 - i as isize], true)?,
            };
            state.push(towards("Adafactor", new, old, &mean)?);
        }
        let estimate = match &state[..] {
            [rows, columns] => {
                let whole = rows.mean_axes(&[-2], true)?.maximum(&Tensor::scalar(eps))?;
                rows.mul(columns)?.div(&whole)?
            }
            [squares] => squares.clone(),
            _ => return Err(at.other_state(2)),
        };
        let step = grad.zip("Adafactor", &estimate, #[inline(always)] move |g, v| g / v.maximum(eps * eps).sqrt())?;
        let factor = -size / (rms(&step) / self.clip).max(1.0);
        at.param = param;
        at.state = state;
        Ok(at.param.add_scaled(&step, T::from_f64(factor))?)
    }
}
rule!(Adafactor: local);
