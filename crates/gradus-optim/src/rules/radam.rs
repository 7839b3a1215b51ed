//! RAdam: Adam, but plain momentum for as long as too few gradients were seen to know their size.
//!
//! ```text
//! m, v as in Adam        ρ∞ = 2 / (1 − β₂) − 1        ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
//! w ← w − η m̂ · r · √(1 − β₂ᵗ) / (√v + ε)     if ρ > 5,     w ← w − η m̂     otherwise
//! r = √((ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ))        m̂ = m / (1 − β₁ᵗ)
//! ```
//!
//! Liu and others, *On the variance of the adaptive learning rate and beyond*, 2020, algorithm 2, with the threshold of PyTorch.

use gradus_tensor::Float;

use super::moments::Moments;
use crate::{At, Decay, Formula, Result, Settings, rule};

/// RAdam.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::RAdam;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = RAdam::new(0.1).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..300 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.1);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.RAdam", source = "Liu and others, 2020, algorithm 2")]
pub struct RAdam {
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
    /// Whether the weight decay is taken from the parameter itself, as in [`AdamW`](crate::AdamW).
    #[default(false)]
    decoupled: bool,
}

impl Formula for RAdam {
    /// The means of the gradient and of its square.
    fn slots(&self) -> usize {
        2
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let Self { betas, eps, .. } = *self;
        let moments = Moments { betas, eps };
        let [bias1, bias2] = moments.biases(at.step.number);
        let most = 2.0 / (1.0 - betas[1]) - 1.0;
        let rho = most - 2.0 * at.step.number as f64 * (1.0 - bias2) / bias2;
        // Without knowledge of the size the divisor is 1.
        let (known, rectified) = match rho > 5.0 {
            true => {
                let part = (rho - 4.0) * (rho - 2.0) * most / ((most - 4.0) * (most - 2.0) * rho);
                (1.0, (part * bias2).sqrt())
            }
            false => (0.0, 1.0),
        };
        let size = at.step.lr / bias1 * rectified;
        let [size, known, rest] =
            [size, known, if known == 0.0 { 1.0 } else { eps }].map(T::from_f64);
        let means = moments.means();
        at.each(
            Decay::of(self.decoupled, self.weight_decay, at.step.lr),
            #[inline(always)]
            move |w, [m, v], g| {
                means.add(m, v, g);
                *w = *w - size * (*m / (known * v.sqrt() + rest));
            },
        )
    }
}
rule!(RAdam: local);
