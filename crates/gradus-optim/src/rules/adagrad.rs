//! Adagrad: the rate of each element falls with the sum of its squared gradients.
//!
//! ```text
//! g ← g + λ w        G ← G + g²        w ← w − η / (1 + (t − 1) κ) · g / (√G + ε)
//! ```
//!
//! Duchi, Hazan and Singer, *Adaptive subgradient methods for online learning and stochastic optimization*, 2011,
//! figure 1, diagonal. `G` starts at a number of choice; the decay `κ` of the rate is PyTorch's.

use gradus_tensor::{Float, Tensor};

use crate::{At, Decay, Formula, Result, Settings, rule};

/// Adagrad.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Adagrad;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Adagrad::new(0.5).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..200 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 1e-2);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.Adagrad", source = "Duchi, Hazan and Singer, 2011")]
pub struct Adagrad {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How fast the learning rate falls with the number of updates.
    #[at_least(0)]
    #[default(0.0)]
    lr_decay: f64,
    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
    /// Where the sums of squares start.
    #[at_least(0)]
    #[default(0.0)]
    initial: f64,
    /// What is added to the root of the sum of squares, so that nothing is divided by zero.
    #[above(0)]
    #[default(1e-10)]
    eps: f64,
}

impl Formula for Adagrad {
    fn start<T: Float>(&self, param: &Tensor<T>) -> Vec<Tensor<T>> {
        vec![Tensor::full(param.shape(), T::from_f64(self.initial))]
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let lr = at.step.lr / (1.0 + (at.step.number as f64 - 1.0) * self.lr_decay);
        let [lr, eps] = [lr, self.eps].map(T::from_f64);
        at.each(
            Decay::l2(self.weight_decay),
            #[inline(always)]
            move |w, [sum], g| {
                *sum += g * g;
                *w = *w - lr * (g / (sum.sqrt() + eps));
            },
        )
    }
}
rule!(Adagrad: local);
