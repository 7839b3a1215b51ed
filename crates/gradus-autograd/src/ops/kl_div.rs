//! The Kullback-Leibler divergence of a prediction from a target: `f(x, t) = t (ln t - x)`, where
//! `x` is the logarithm of the predicted probability and `t` the target's probability; 0 where
//! `t = 0`, whatever `x` is. The sum over a distribution is the divergence.
//!
//! `∂f/∂x = -t`, `∂f/∂t = ln t + 1 - x`. `x` and `t` have one shape. NaN where `t` is negative.
//! (Kullback and Leibler, *On information and sufficiency*, 1951, equation 2.4.)

use super::pair_loss::pair_loss;

pair_loss! {
    /// The terms `t (ln t - x)` of the divergence of these logarithms of probabilities from target
    /// probabilities of their shape, reduced. The divergence of a batch is the sum, divided by the
    /// number of samples; [`Reduction::Mean`](crate::Reduction::Mean) divides by the number of elements.
    ///
    /// # Errors
    /// If the target has another shape.
    KlDiv = kl_div();
    value(x, t) = t.if_equal(0.0, S::ZERO, t * t.ln() - t * x);
    slopes(x, t) = [-t, t.ln() + 1.0 - x];
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
            (Var::kl_div, Var::kl_div),
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
