//! Adamax: Adam with the largest recent gradient for the root of the mean square.
//!
//! ```text
//! g ← g + λ w        m ← β₁ m + (1 − β₁) g        u ← max(β₂ u, |g| + ε)
//! w ← w − η / (1 − β₁ᵗ) · m / u
//! ```
//!
//! Kingma and Ba, *Adam: a method for stochastic optimization*, 2015, algorithm 2, with the `ε` of PyTorch.

use gradus_tensor::Float;

use crate::{At, Decay, Formula, Result, Settings, rule};

/// Adamax.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Adamax;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Adamax::new(0.1).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..300 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.05);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.Adamax", source = "Kingma and Ba, 2015, algorithm 2")]
pub struct Adamax {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How much of the mean of the gradient, and of its largest size, is kept from one step to the next.
    #[in_unit]
    #[default([0.9, 0.999])]
    betas: [f64; 2],
    /// What is added to the size of the gradient, so that nothing is divided by zero.
    #[above(0)]
    #[default(1e-8)]
    eps: f64,
    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
}

impl Formula for Adamax {
    /// The mean of the gradient, and its largest size.
    fn slots(&self) -> usize {
        2
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let [beta1, beta2] = self.betas;
        let size = at.step.lr / (1.0 - beta1.powf(at.step.number as f64));
        let [size, new1, beta2, eps] = [size, 1.0 - beta1, beta2, self.eps].map(T::from_f64);
        at.each(
            Decay::l2(self.weight_decay),
            #[inline(always)]
            move |w, [m, u], g| {
                *m = *m + new1 * (g - *m);
                *u = (beta2 * *u).maximum(g.abs() + eps);
                *w = *w - size * (*m / *u);
            },
        )
    }
}
rule!(Adamax: local);
