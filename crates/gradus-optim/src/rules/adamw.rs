//! AdamW: Adam with a weight decay that does not pass through the gradient.
//!
//! With the parameter `w`, its gradient `g`, the learning rate `η`, the weight decay `λ`, and the
//! number `t` of the update, counted for each parameter from 1:
//!
//! ```text
//! w ← w − η λ w
//! m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
//! w ← w − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
//! ```
//!
//! So every weight decays at the same rate, whatever its gradients. Loshchilov and Hutter,
//! *Decoupled weight decay regularization*, 2019, algorithm 2, with the decay multiplied by the
//! learning rate, as in PyTorch.

use gradus_tensor::Float;

use super::moments::Moments;
use crate::{At, Decay, Formula, Result, Settings, rule};

/// Adam with decoupled weight decay.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::AdamW;
/// use gradus_tensor::Tensor;
///
/// // Biases are not decayed.
/// let mut adamw = AdamW::new(0.1)
///     .weight_decay(0.05)
///     .optimizer()
///     .group_where(|path| path.ends_with("bias"), |group| group.weight_decay(0.0));
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..300 {
///     let gradients = w.var().mul(&w.var())?.backward()?;      // of w²
///     adamw.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 1e-2);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.AdamW", source = "Loshchilov and Hutter, 2019")]
pub struct AdamW {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How much of the mean of the gradient, and of that of its square, is kept from one step to the next.
    #[in_unit]
    #[default([0.9, 0.999])]
    betas: [f64; 2],
    /// What is added to the root of the mean square, so that nothing is divided by zero.
    #[above(0)]
    #[default(1e-8)]
    eps: f64,
    /// The fraction of the parameter, times the learning rate, that each step takes away.
    #[at_least(0)]
    #[default(0.01)]
    weight_decay: f64,
    /// Whether to divide by the largest mean square so far.
    #[default(false)]
    amsgrad: bool,
}

impl Formula for AdamW {
    /// The means of the gradient and of its square; the largest of those.
    fn slots(&self) -> usize {
        2 + usize::from(self.amsgrad)
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let decay = Decay::decoupled(self.weight_decay, at.step.lr);
        Moments { betas: self.betas, eps: self.eps }.adam(at, decay)
    }
}
rule!(AdamW: local);
