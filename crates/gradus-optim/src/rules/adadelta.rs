//! Adadelta: steps as large as recent steps, divided by the size of recent gradients; it hardly needs a learning rate.
//!
//! ```text
//! g ← g + λ w                      v ← ρ v + (1 − ρ) g²
//! Δ = √(u + ε) / √(v + ε) · g      u ← ρ u + (1 − ρ) Δ²      w ← w − η Δ
//! ```
//!
//! Zeiler, *ADADELTA: an adaptive learning rate method*, 2012, algorithm 1, which has `η = 1`.

use gradus_tensor::Float;

use crate::{At, Decay, Formula, Result, Settings, rule};

/// Adadelta.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Adadelta;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Adadelta::new(1.0).optimizer();
/// let mut w = Param::new(Tensor::scalar(1.0_f32));
/// for _ in 0..600 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.2);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.Adadelta", source = "Zeiler, 2012, algorithm 1")]
pub struct Adadelta {
    /// The learning rate; 1 is usual.
    #[at_least(0)]
    lr: f64,
    /// How much of the mean squares of gradient and step is kept from one step to the next.
    #[in_unit]
    #[default(0.9)]
    rho: f64,
    /// What is added to the mean squares, so that nothing is divided by zero.
    #[above(0)]
    #[default(1e-6)]
    eps: f64,
    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
}

impl Formula for Adadelta {
    /// The mean squares of the gradient and of the step.
    fn slots(&self) -> usize {
        2
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let [lr, rho, new, eps] =
            [at.step.lr, self.rho, 1.0 - self.rho, self.eps].map(T::from_f64);
        at.each(
            Decay::l2(self.weight_decay),
            #[inline(always)]
            move |w, [v, u], g| {
                *v = rho * *v + new * g * g;
                let step = (*u + eps).sqrt() / (*v + eps).sqrt() * g;
                *u = rho * *u + new * step * step;
                *w = *w - lr * step;
            },
        )
    }
}
rule!(Adadelta: local);
