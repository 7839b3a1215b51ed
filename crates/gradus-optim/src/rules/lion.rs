//! Lion: the sign of a mean of gradients, so every element moves by the learning rate.
//!
//! ```text
//! w ← w − η (sign(β₁ m + (1 − β₁) g) + λ w)        m ← β₂ m + (1 − β₂) g
//! ```
//!
//! Chen and others, *Symbolic discovery of optimization algorithms*, 2023, program 1. The learning rate is 3 to 10 times less than
//! AdamW's, and the weight decay as much more (section 5 there).

use gradus_tensor::Float;

use crate::{At, Decay, Formula, Result, Settings, rule};

/// Lion.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Lion;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Lion::new(0.003).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..1500 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.2);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(source = "Chen and others, 2023, program 1")]
pub struct Lion {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How much of the mean goes into a step, and how much of it is kept from one step to the next.
    #[in_unit]
    #[default([0.9, 0.99])]
    betas: [f64; 2],
    /// The fraction of the parameter, times the learning rate, that each step takes away.
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
}

impl Formula for Lion {
    /// The mean of the gradient.
    fn slots(&self) -> usize {
        1
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let [beta1, beta2] = self.betas;
        let [lr, beta1, new1] = [at.step.lr, beta1, 1.0 - beta1].map(T::from_f64);
        let [beta2, new2] = [beta2, 1.0 - beta2].map(T::from_f64);
        at.each(
            Decay::decoupled(self.weight_decay, at.step.lr),
            #[inline(always)]
            move |w, [m], g| {
                let mixed = beta1 * *m + new1 * g;
                let up = if mixed > T::ZERO { lr } else { T::ZERO };
                let down = if mixed < T::ZERO { lr } else { T::ZERO };
                *m = beta2 * *m + new2 * g;
                *w = *w - (up - down);
            },
        )
    }
}
rule!(Lion: local);
