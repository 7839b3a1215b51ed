//! Stochastic gradient descent, with momentum and Nesterov's variant of it.
//!
//! With the parameter `w`, its gradient `g`, the velocity `v`, the learning rate `η`, the momentum `μ`, the
//! dampening `τ` and the weight decay `λ`, one update is
//!
//! ```text
//! g ← g + λ w
//! v ← μ v + (1 − τ) g      in the first update   v ← g
//! w ← w − η v              or, with Nesterov,    w ← w − η (g + μ v)
//! ```
//!
//! These are PyTorch's conventions: `v` does not hold the learning rate, so a change
//! of the rate takes effect at once. Momentum: Polyak, *Some methods of speeding up the convergence
//! of iteration methods*, 1964. Nesterov: Sutskever, Martens, Dahl and Hinton, *On the importance of
//! initialization and momentum in deep learning*, 2013, equations 3 and 4, with the parameter
//! shifted to where the gradient is taken.

use gradus_tensor::Float;

use crate::settings::BadSetting;
use crate::{At, Decay, Formula, Result, Settings, rule};

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
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.SGD", source = "Polyak, 1964", check = Sgd::goes_together)]
pub struct Sgd {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How much of the velocity is kept from one step to the next; 0.9 is usual.
    #[in_unit]
    #[default(0.0)]
    momentum: f64,
    /// How much of the gradient the velocity does not take up.
    #[in_unit]
    #[default(0.0)]
    dampening: f64,
    /// Whether to look ahead along the velocity. Needs a momentum, and no dampening.
    #[default(false)]
    nesterov: bool,
    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
}

impl Sgd {
    fn goes_together(&self) -> Result<(), BadSetting> {
        let (got, wanted) = match self {
            Sgd { nesterov: true, momentum: 0.0, .. } => {
                ("nesterov(true) without a momentum", "a momentum above 0, such as 0.9")
            }
            Sgd { nesterov: true, dampening, .. } if *dampening != 0.0 => {
                ("nesterov(true) with a dampening", "a dampening of 0")
            }
            _ => return Ok(()),
        };
        Err(BadSetting::new("Sgd", got, wanted))
    }
}

impl Formula for Sgd {
    /// The velocity, if there is a momentum.
    fn slots(&self) -> usize {
        (self.momentum != 0.0).into()
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let decay = Decay::l2(self.weight_decay);
        let fresh = if at.step.number == 1 { 1.0 } else { 1.0 - self.dampening };
        let [lr, momentum, fresh] = [at.step.lr, self.momentum, fresh].map(T::from_f64);
        match (self.slots(), self.nesterov) {
            (0, _) => at.each(
                decay,
                #[inline(always)]
                move |w, [], g| *w = *w - lr * g,
            ),
            (_, true) => at.each(
                decay,
                #[inline(always)]
                move |w, [v], g| {
                    *v = momentum * *v + g;
                    *w = *w - lr * (g + momentum * *v);
                },
            ),
            (_, false) => at.each(
                decay,
                #[inline(always)]
                move |w, [v], g| {
                    *v = momentum * *v + fresh * g;
                    *w = *w - lr * *v;
                },
            ),
        }
    }
}
rule!(Sgd: local);
