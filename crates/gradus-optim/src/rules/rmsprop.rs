//! RMSprop: the gradient, divided by the root of the mean of its recent squares.
//!
//! ```text
//! g ← g + λ w        v ← α v + (1 − α) g²        w ← w − η g / (√v + ε)
//! ```
//!
//! Centred, it divides by the deviation: `√(v − a²)` with the mean `a ← α a + (1 − α) g`. With a momentum,
//! `b ← μ b + g / (√v + ε)` and `w ← w − η b`.
//!
//! Tieleman and Hinton, *Lecture 6.5, RMSProp*, 2012; centred: Graves, *Generating sequences with recurrent neural networks*, 2013,
//! equations 38 to 45.

use gradus_tensor::Float;

use crate::{At, Decay, Formula, Result, Settings, rule};

/// RMSprop.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::RmsProp;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = RmsProp::new(0.02).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..300 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.05);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.RMSprop", source = "Tieleman and Hinton, 2012")]
pub struct RmsProp {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How much of the mean square is kept from one step to the next.
    #[in_unit]
    #[default(0.99)]
    alpha: f64,
    /// What is added to the root of the mean square, so that nothing is divided by zero.
    #[above(0)]
    #[default(1e-8)]
    eps: f64,
    /// The factor of the parameter that is added to its gradient (an L2 penalty).
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
    /// How much of the last step is kept for the next.
    #[in_unit]
    #[default(0.0)]
    momentum: f64,
    /// Whether to divide by the deviation from the mean gradient.
    #[default(false)]
    centered: bool,
}

/// The mean square, with a gradient taken up.
#[inline(always)]
fn square<T: Float>([alpha, new]: [T; 2], v: &mut T, g: T) -> T {
    *v = alpha * *v + new * g * g;
    *v
}

/// The mean square of what differs from the mean.
#[inline(always)]
fn centred<T: Float>(keep: [T; 2], v: &mut T, mean: &mut T, g: T) -> T {
    *mean = *mean + keep[1] * (g - *mean);
    // Rounding may take a mean square just below the square of the mean.
    (square(keep, v, g) - *mean * *mean).maximum(T::ZERO)
}

impl Formula for RmsProp {
    /// The mean square; the mean, if centred; the last step, if there is a momentum.
    fn slots(&self) -> usize {
        1 + usize::from(self.centered) + usize::from(self.momentum != 0.0)
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let decay = Decay::l2(self.weight_decay);
        let keep = [self.alpha, 1.0 - self.alpha].map(T::from_f64);
        let [lr, eps, momentum] = [at.step.lr, self.eps, self.momentum].map(T::from_f64);
        match (self.centered, self.momentum != 0.0) {
            (false, false) => at.each(
                decay,
                #[inline(always)]
                move |w, [v], g| *w = *w - lr * (g / (square(keep, v, g).sqrt() + eps)),
            ),
            (true, false) => at.each(
                decay,
                #[inline(always)]
                move |w, [v, mean], g| *w = *w - lr * (g / (centred(keep, v, mean, g).sqrt() + eps)),
            ),
            (false, true) => at.each(
                decay,
                #[inline(always)]
                move |w, [v, b], g| {
                    *b = momentum * *b + g / (square(keep, v, g).sqrt() + eps);
                    *w = *w - lr * *b;
                },
            ),
            (true, true) => at.each(
                decay,
                #[inline(always)]
                move |w, [v, mean, b], g| {
                    *b = momentum * *b + g / (centred(keep, v, mean, g).sqrt() + eps);
                    *w = *w - lr * *b;
                },
            ),
        }
    }
}
rule!(RmsProp: local);
