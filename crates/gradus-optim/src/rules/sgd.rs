//! Stochastic gradient descent, with momentum and Nesterov's variant of it.
//!
//! With the parameter `w`, its gradient `g`, the velocity `v` (which starts at zero), the learning
//! rate `η`, the momentum `μ` and the weight decay `λ`, one update is
//!
//! ```text
//! g ← g + λ w
//! v ← μ v + g
//! w ← w − η v              or, with Nesterov,   w ← w − η (g + μ v)
//! ```
//!
//! These are PyTorch's conventions (dampening 0): `v` does not hold the learning rate, so a change
//! of the rate takes effect at once. Momentum: Polyak, *Some methods of speeding up the convergence
//! of iteration methods*, 1964. Nesterov: Sutskever, Martens, Dahl and Hinton, *On the importance of
//! initialization and momentum in deep learning*, 2013, equations 3 and 4, with the parameter
//! shifted to where the gradient is taken.

use gradus_tensor::{Float, Tensor, concrete};

use crate::error::fraction;
use crate::{Error, Optimizer, Result, Rule, Step};

/// Stochastic gradient descent.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Sgd;
/// use gradus_tensor::Tensor;
///
/// let mut sgd = Sgd::new(0.1).momentum(0.9).nesterov(true).weight_decay(1e-4).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..200 {
///     let gradients = w.var().mul(&w.var())?.backward()?;      // of w²
///     sgd.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 1e-3);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sgd {
    lr: f64,
    momentum: f64,
    nesterov: bool,
    weight_decay: f64,
}

impl Sgd {
    /// The plain rule with learning rate `lr`: no momentum and no weight decay.
    pub fn new(lr: f64) -> Self {
        Self { lr, momentum: 0.0, nesterov: false, weight_decay: 0.0 }
    }

    /// How much of the velocity is kept from one step to the next, in `[0, 1)`; 0.9 is usual.
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    /// Whether to look ahead along the velocity. Needs a momentum.
    pub fn nesterov(self, nesterov: bool) -> Self {
        Self { nesterov, ..self }
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

impl<T: Float> Rule<T> for Sgd {
    fn name(&self) -> &'static str {
        "Sgd"
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn weight_decay(&self) -> f64 {
        self.weight_decay
    }

    /// The velocity, if there is a momentum.
    fn slots(&self) -> usize {
        (self.momentum != 0.0).into()
    }

    fn update(
        &self,
        param: &mut Tensor<T>,
        grad: &Tensor<T>,
        slots: &mut [Tensor<T>],
        step: Step,
    ) -> Result<()> {
        concrete!(
            update: fn(&Sgd, &mut Tensor<T>, &Tensor<T>, &mut [Tensor<T>], Step) -> Result<()>
        )(self, param, grad, slots, step)
    }

    fn validate(&self) -> Result<()> {
        fraction("Sgd", "momentum", self.momentum)?;
        if self.nesterov && self.momentum == 0.0 {
            let got = "nesterov(true) without a momentum";
            return Err(Error::setting("Sgd", got, "a momentum above 0, such as 0.9"));
        }
        Ok(())
    }
}

fn update<T: Float>(
    rule: &Sgd,
    param: &mut Tensor<T>,
    grad: &Tensor<T>,
    slots: &mut [Tensor<T>],
    step: Step,
) -> Result<()> {
    let [lr, momentum] = [step.lr, rule.momentum].map(T::from_f64);
    let [decay, scale] = [step.weight_decay, step.grad_scale].map(T::from_f64);
    match slots {
        [velocity] if rule.nesterov => param.update(
            "Sgd",
            [velocity],
            grad,
            #[inline(always)]
            |w, [v], g| {
                let g = g * scale + decay * *w;
                *v = momentum * *v + g;
                *w = *w - lr * (g + momentum * *v);
            },
        )?,
        [velocity] => param.update(
            "Sgd",
            [velocity],
            grad,
            #[inline(always)]
            |w, [v], g| {
                *v = momentum * *v + (g * scale + decay * *w);
                *w = *w - lr * *v;
            },
        )?,
        _ => param.update(
            "Sgd",
            [],
            grad,
            #[inline(always)]
            |w, [], g| *w = *w - lr * (g * scale + decay * *w),
        )?,
    }
    Ok(())
}
