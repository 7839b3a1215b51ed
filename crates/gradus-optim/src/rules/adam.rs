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
//! Kingma and Ba, *Adam: a method for stochastic optimization*, 2015, algorithm 1. The weight decay
//! is an L2 penalty, as in PyTorch's `Adam`; [`AdamW`](crate::AdamW) decays the weights themselves.

use gradus_tensor::{Float, Tensor};

use super::moments::Moments;
use crate::{Optimizer, Result, Rule, Step};

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    lr: f64,
    moments: Moments,
    weight_decay: f64,
}

impl Adam {
    /// The rule with learning rate `lr`, `β₁ = 0.9`, `β₂ = 0.999`, `ε = 1e-8` and no weight decay.
    pub fn new(lr: f64) -> Self {
        Self { lr, moments: Moments::DEFAULT, weight_decay: 0.0 }
    }

    /// How much of the mean of the gradient, and of that of its square, is kept from one step to
    /// the next; both in `[0, 1)`.
    pub fn betas(self, beta1: f64, beta2: f64) -> Self {
        Self { moments: Moments { beta1, beta2, ..self.moments }, ..self }
    }

    /// What is added to the root of the mean square, above 0, so that nothing is divided by zero.
    pub fn eps(self, eps: f64) -> Self {
        Self { moments: Moments { eps, ..self.moments }, ..self }
    }

    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        Self { weight_decay, ..self }
    }

    /// The rule applied to a whole model. Settings outside their domain are reported by
    /// [`validate`](Optimizer::validate) and by every step.
    pub fn optimizer<T: Float>(self) -> Optimizer<Self, T> {
        Optimizer::new(self)
    }
}

impl<T: Float> Rule<T> for Adam {
    fn name(&self) -> &'static str {
        "Adam"
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn weight_decay(&self) -> f64 {
        self.weight_decay
    }

    /// The means of the gradient and of its square.
    fn slots(&self) -> usize {
        2
    }

    fn update(
        &self,
        param: &mut Tensor<T>,
        grad: &Tensor<T>,
        slots: &mut [Tensor<T>],
        step: Step,
    ) -> Result<()> {
        self.moments.update("Adam", param, grad, slots, step, [1.0, step.weight_decay])
    }

    fn validate(&self) -> Result<()> {
        self.moments.validate("Adam")
    }
}
