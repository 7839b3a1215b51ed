//! NAdam: Adam with Nesterov's look ahead along the mean gradient.
//!
//! ```text
//! m, v as in Adam            μₜ = β₁ (1 − ½ · 0.96^(t ψ))            Mₜ = μ₁ μ₂ … μₜ
//! w ← w − η (μₜ₊₁ m / (1 − Mₜ₊₁) + (1 − μₜ) g / (1 − Mₜ)) / (√(v / (1 − β₂ᵗ)) + ε)
//! ```
//!
//! Dozat, *Incorporating Nesterov momentum into Adam*, 2016, algorithm 2, with PyTorch's constants.

use gradus_tensor::{Float, Tensor};

use super::moments::Moments;
use crate::{At, Decay, Formula, Result, Settings, rule};

/// NAdam.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::NAdam;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = NAdam::new(0.1).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..300 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.05);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.NAdam", source = "Dozat, 2016, algorithm 2")]
pub struct NAdam {
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
    /// How fast the momentum comes up to `beta1`.
    #[at_least(0)]
    #[default(4e-3)]
    momentum_decay: f64,
    /// Whether the weight decay is taken from the parameter itself, as in [`AdamW`](crate::AdamW).
    #[default(false)]
    decoupled: bool,
}

impl Formula for NAdam {
    /// The means of the gradient and of its square; the product of all momenta.
    fn start<T: Float>(&self, param: &Tensor<T>) -> Vec<Tensor<T>> {
        let zeros = Tensor::zeros(param.shape());
        vec![zeros.clone(), zeros, Tensor::scalar(T::ONE)]
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let Self { betas, eps, momentum_decay, .. } = *self;
        let moments = Moments { betas, eps };
        let mu = |t: u64| betas[0] * (1.0 - 0.5 * 0.96_f64.powf(t as f64 * momentum_decay));
        let (now, next) = (mu(at.step.number), mu(at.step.number + 1));
        let Some(product) = at.state.pop() else { return at.each(Decay::NONE, |_, [_, _], _| ()) };
        let product = &product * T::from_f64(now);
        let so_far = product.item()?.to_f64();
        let root = 1.0 / moments.biases(at.step.number)[1].sqrt();
        let of_g = at.step.lr * (1.0 - now) / (1.0 - so_far);
        let of_m = at.step.lr * next / (1.0 - so_far * next);
        let [root, of_g, of_m, eps] = [root, of_g, of_m, eps].map(T::from_f64);
        let means = moments.means();
        let result = at.each(
            Decay::of(self.decoupled, self.weight_decay, at.step.lr),
            #[inline(always)]
            move |w, [m, v], g| {
                means.add(m, v, g);
                *w = *w - (of_g * g + of_m * *m) / (v.sqrt() * root + eps);
            },
        );
        at.state.push(product);
        result
    }
}
rule!(NAdam: local);
