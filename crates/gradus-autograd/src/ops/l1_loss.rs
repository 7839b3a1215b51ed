//! The absolute error: `f(x, t) = |x - t|`, `∂f/∂x = sign(x - t) = -∂f/∂t`, taken as 0 where
//! `x = t`.
//!
//! `x` and `t` have one shape. Less is lost to outliers than with squares. (Boyd and Vandenberghe,
//! *Convex Optimization*, 2004, section 6.1.2.)

use super::pair_loss::pair_loss;

pair_loss! {
    /// The absolute differences `|x - t|` between this prediction and a target of its shape,
    /// reduced. Where they are zero, so is the derivative.
    ///
    /// # Errors
    /// If the target has another shape.
    L1Loss = l1_loss();
    value(x, t) = (x - t).abs();
    slopes(x, t) = {
        let d = x - t;
        // Zero at the kink; a NaN stays one.
        let slope = d.if_above(0.0, S::ONE, d.if_below(0.0, -S::ONE, d * 0.0));
        [slope, -slope]
    };
}

#[cfg(test)]
mod tests {
    use super::super::pair_loss::check;
    use crate::check::inputs::away_from_zero;
    use crate::{Reduction, Result, Var};
    use gradus_tensor::Tensor;

    #[test]
    fn properties() {
        check(
            "l1_loss",
            (Var::l1_loss, Var::l1_loss),
            |x, t| Ok(x.sub(t)?.abs()),
            |shape| [away_from_zero(shape, 1), away_from_zero(shape, 2).map(|t| t / 10.0)],
        );
    }

    #[test]
    fn the_kink_has_no_slope() -> Result<()> {
        let x = Var::leaf(Tensor::vector([1.0_f32, 2.0]));
        let loss = x.l1_loss(&Tensor::vector([1.0, 1.5]).into(), Reduction::Sum)?;
        assert_eq!(loss.backward()?.of(&x).map(Tensor::to_vec), Some(vec![0.0, 1.0]));
        Ok(())
    }
}
