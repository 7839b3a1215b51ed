//! The Kullback-Leibler divergence of a prediction from a target: `f(x, t) = t (ln t - x)`, where
//! `x` is the logarithm of the predicted probability and `t` the target's probability; 0 where
//! `t = 0`. The sum over a distribution is the divergence.
//!
//! `∂f/∂x = -t`, `∂f/∂t = ln t + 1 - x`. `x` and `t` have one shape. NaN where `t` is negative.
//! (Kullback and Leibler, *On information and sufficiency*, 1951, equation 2.4.)

use gradus_tensor::{Float, concrete};

use super::Reduction;
use super::pair_loss::{PairLoss, pair_loss};
use crate::{Result, Var};

#[derive(Debug)]
struct KlDiv;

impl<T: Float> PairLoss<T> for KlDiv {
    const NAME: &'static str = "kl_div";

    #[inline(always)]
    fn value(&self, x: T, t: T) -> T {
        let entropy = if t == T::ZERO { T::ZERO } else { t * t.ln() };
        entropy - t * x
    }

    #[inline(always)]
    fn slopes(&self, x: T, t: T) -> [T; 2] {
        [-t, t.ln() + T::ONE - x]
    }

    fn slope_var(&self, input: usize, x: &Var<T>, t: &Var<T>) -> Result<Var<T>> {
        if input == 0 { Ok(-t) } else { t.ln().shift(T::ONE).sub(x) }
    }
}

impl<T: Float> Var<T> {
    /// The terms `t (ln t - x)` of the divergence of these logarithms of probabilities from target
    /// probabilities of their shape, reduced. The divergence of a batch is the sum, divided by the
    /// number of samples; [`Reduction::Mean`] divides by the number of elements.
    ///
    /// # Errors
    /// If the target has another shape.
    pub fn kl_div(&self, target: &Var<T>, reduction: Reduction) -> Result<Var<T>> {
        concrete!(pair_loss: fn(KlDiv, &Var<T>, &Var<T>, Reduction) -> Result<Var<T>>)(
            KlDiv, self, target, reduction,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::pair_loss::check;
    use crate::check::inputs::{normal, positive};
    use crate::{Reduction, Result, Var};
    use gradus_tensor::Tensor;

    #[test]
    fn properties() {
        check(
            "kl_div",
            Var::kl_div,
            |x, t| t.mul(&t.ln().sub(x)?),
            |shape| [normal(shape, 1), positive(shape, 2)],
        );
    }

    #[test]
    fn what_the_target_never_does_costs_nothing() -> Result<()> {
        let x = Var::from(Tensor::vector([0.5_f32.ln(), 0.5_f32.ln()]));
        let loss = x.kl_div(&Tensor::vector([0.0, 1.0]).into(), Reduction::Sum)?;
        assert_eq!(loss.item()?, 2.0_f32.ln());
        Ok(())
    }
}
