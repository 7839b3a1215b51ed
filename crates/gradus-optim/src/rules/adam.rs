//! Adam: each element moves by its own rate, measured by the size of its recent gradients.
//!
//! With the parameter `w`, its gradient `g`, the learning rate `η`, the weight decay `λ`, and the
//! number `t` of the update, counted for each parameter from 1:
//!
//! ```text
//! g ← g + λ w
//! m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
//! w ← w − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
//! ```
//!
//! With AMSGrad, the largest `v` so far takes its place in the last line.
//!
//! Kingma and Ba, *Adam: a method for stochastic optimization*, 2015, algorithm 1. The weight decay
//! is an L2 penalty, as in PyTorch's `Adam`; [`AdamW`](crate::AdamW) decays the weights themselves. Reddi, Kale and
//! Kumar, *On the convergence of Adam and beyond*, 2018, algorithm 2.

use gradus_tensor::Float;

use super::moments::Moments;
use crate::{At, Decay, Formula, Result, Settings, rule};

/// Adam.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Adam;
/// use gradus_tensor::Tensor;
///
/// let mut adam = Adam::new(0.1).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..300 {
///     let gradients = w.var().mul(&w.var())?.backward()?;      // of w²
///     adam.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 1e-2);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.Adam", source = "Kingma and Ba, 2015")]
pub struct Adam {
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
    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
    /// Whether to divide by the largest mean square so far.
    #[default(false)]
    amsgrad: bool,
}

impl Formula for Adam {
    /// The means of the gradient and of its square; the largest of those.
    fn slots(&self) -> usize {
        2 + usize::from(self.amsgrad)
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        // In the form that AdamW has, so that they share one loop.
        let decay = Decay::of(false, self.weight_decay, at.step.lr);
        Moments { betas: self.betas, eps: self.eps }.adam(at, decay)
    }
}
rule!(Adam: local);
