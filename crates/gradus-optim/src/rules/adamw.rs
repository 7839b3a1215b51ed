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

use gradus_tensor::{Float, Tensor};

use super::moments::Moments;
use crate::{Optimizer, Result, Rule, Step};

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamW {
    lr: f64,
    moments: Moments,
    weight_decay: f64,
}

impl AdamW {
    /// The rule with learning rate `lr`, `β₁ = 0.9`, `β₂ = 0.999`, `ε = 1e-8` and a weight decay of 0.01.
    pub fn new(lr: f64) -> Self {
        Self { lr, moments: Moments::DEFAULT, weight_decay: 0.01 }
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

    /// The fraction of the parameter, times the learning rate, that each step takes away.
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        Self { weight_decay, ..self }
    }

    /// The rule applied to a whole model. Settings outside their domain are reported by
    /// [`validate`](Optimizer::validate) and by every step.
    pub fn optimizer<T: Float>(self) -> Optimizer<Self, T> {
        Optimizer::new(self)
    }
}

impl<T: Float> Rule<T> for AdamW {
    fn name(&self) -> &'static str {
        "AdamW"
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
        self.moments.update(
            "AdamW",
            param,
            grad,
            slots,
            step,
            [1.0 - step.lr * step.weight_decay, 0.0],
        )
    }

    fn validate(&self) -> Result<()> {
        self.moments.validate("AdamW")
    }
}
