//! Averaged stochastic gradient descent: plain steps at a falling rate, and the mean of where they have been.
//!
//! ```text
//! η = η₀ / (1 + λ η₀ (t − 1))^α        μ = 1 / max(1, t − 1 − t₀)
//! w ← w − η λ w − η g                  a ← a + μ (w − a)
//! ```
//!
//! Polyak and Juditsky, *Acceleration of stochastic approximation by averaging*, 1992; Bottou, *Stochastic gradient descent
//! tricks*, 2012, section 5. The mean `a` is the rule's state tensor: [`OptimizerState`](crate::OptimizerState) has it.

use gradus_tensor::Float;

use crate::{At, Decay, Formula, Result, Settings, rule};

/// Averaged stochastic gradient descent.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Asgd;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Asgd::new(0.1).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..100 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 1e-2);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.ASGD", source = "Polyak and Juditsky, 1992")]
pub struct Asgd {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How much of the parameter, times the rate, each step takes away, and how fast the rate falls.
    #[at_least(0)]
    #[default(1e-4)]
    lambda: f64,
    /// The power with which the rate falls.
    #[at_least(0)]
    #[default(0.75)]
    alpha: f64,
    /// How many steps there are before the mean is taken.
    #[at_least(0)]
    #[default(1e6)]
    t0: f64,
    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
}

impl Formula for Asgd {
    /// The mean of the parameter.
    fn slots(&self) -> usize {
        1
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let (lr, before) = (at.step.lr, at.step.number as f64 - 1.0);
        let eta = lr / (1.0 + self.lambda * lr * before).powf(self.alpha);
        let part = 1.0 / (before - self.t0).max(1.0);
        let [eta, shrink, part] = [eta, 1.0 - self.lambda * eta, part].map(T::from_f64);
        at.each(
            Decay::l2(self.weight_decay),
            #[inline(always)]
            move |w, [mean], g| {
                *w = *w * shrink - eta * g;
                *mean = *mean + part * (*w - *mean);
            },
        )
    }
}
rule!(Asgd: local);
