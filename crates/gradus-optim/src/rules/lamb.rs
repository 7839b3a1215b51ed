//! LAMB: Adam's step, stretched to the size of the tensor.
//!
//! ```text
//! m, v as in Adam        r = m̂ / (√v̂ + ε) + λ w        w ← w − η ‖w‖ / ‖r‖ · r
//! ```
//!
//! The ratio is 1 where a norm is zero. You and others, *Large batch optimization for deep learning: training BERT in 76 minutes*, 2020,
//! algorithm 2, with `φ(z) = z`.

use gradus_tensor::Float;

use super::moments::Moments;
use crate::clip::norm;
use crate::{At, Decay, Formula, Result, Settings, rule};

/// Layer-wise adaptive moments.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Lamb;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Lamb::new(0.05).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..200 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 0.05);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(source = "You and others, 2020, algorithm 2")]
pub struct Lamb {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// How much of the mean of the gradient, and of that of its square, is kept from one step to the next.
    #[in_unit]
    #[default([0.9, 0.999])]
    betas: [f64; 2],
    /// What is added to the root of the mean square, so that nothing is divided by zero.
    #[above(0)]
    #[default(1e-6)]
    eps: f64,
    /// How much of the parameter is added to the step.
    #[at_least(0)]
    #[default(0.0)]
    weight_decay: f64,
}

impl Formula for Lamb {
    /// The means of the gradient and of its square.
    fn slots(&self) -> usize {
        2
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let moments = Moments { betas: self.betas, eps: self.eps };
        let means = moments.means();
        at.each(
            Decay::NONE,
            #[inline(always)]
            move |_, [m, v], g| means.add(m, v, g),
        )?;
        let [bias1, bias2] = moments.biases(at.step.number).map(T::from_f64);
        let [eps, decay] = [self.eps, self.weight_decay].map(T::from_f64);
        let step = at.param.zip3(
            "Lamb",
            &at.state[0],
            &at.state[1],
            #[inline(always)]
            move |w, m, v| m / bias1 / ((v / bias2).sqrt() + eps) + decay * w,
        )?;
        let (of_w, of_step) = (norm(&at.param), norm(&step));
        let ratio = if of_w > 0.0 && of_step > 0.0 { of_w / of_step } else { 1.0 };
        Ok(at.param.add_scaled(&step, T::from_f64(-at.step.lr * ratio))?)
    }
}
rule!(Lamb: local);
