//! LARS: the step of each tensor is a fixed part of the size of the tensor.
//!
//! ```text
//! ℓ = τ ‖w‖ / (‖g‖ + λ ‖w‖)        v ← μ v + η ℓ (g + λ w)        w ← w − v
//! ```
//!
//! `ℓ` is 1 where `w` or what it is divided by is zero. You, Gitman and Ginsburg, *Large batch training of convolutional networks*,
//! 2017, algorithm 1. Biases and normalisations are usually set apart with [`trust`](Lars::trust) `None`, where it is SGD with
//! momentum.

use gradus_tensor::Float;

use crate::clip::norm;
use crate::{At, Decay, Formula, Result, Settings, rule};

/// Layer-wise adaptive rate scaling.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Lars;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Lars::new(1.0).momentum(0.0).trust(0.1).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..200 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.1);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(source = "You, Gitman and Ginsburg, 2017, algorithm 1")]
pub struct Lars {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How much of the velocity is kept from one step to the next.
    #[in_unit]
    #[default(0.9)]
    momentum: f64,
    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
    /// Which part of the size of the tensor a step is; `None` leaves the gradient as it is.
    #[above(0)]
    #[default(Some(1e-3))]
    trust: Option<f64>,
}

impl Formula for Lars {
    /// The velocity.
    fn slots(&self) -> usize {
        1
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let of_w = norm(&at.param);
        let whole = norm(&at.grad) * at.step.grad_scale.abs() + self.weight_decay * of_w;
        let local = match self.trust {
            Some(trust) if of_w > 0.0 && whole > 0.0 => trust * of_w / whole,
            _ => 1.0,
        };
        let [rate, momentum] = [at.step.lr * local, self.momentum].map(T::from_f64);
        at.each(
            Decay::l2(self.weight_decay),
            #[inline(always)]
            move |w, [v], g| {
                *v = momentum * *v + rate * g;
                *w = *w - *v;
            },
        )
    }
}
rule!(Lars: local);
