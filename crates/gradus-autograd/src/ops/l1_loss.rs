//! The absolute error: `f(x, t) = |x - t|`, `∂f/∂x = sign(x - t) = -∂f/∂t`, taken as 0 where
//! `x = t`.
//!
//! `x` and `t` have one shape. Less is lost to outliers than with squares. (Boyd and Vandenberghe,
//! *Convex Optimization*, 2004, section 6.1.2.)

use gradus_tensor::{Float, concrete};

use super::Reduction;
use super::pair_loss::{PairLoss, pair_loss};
use crate::{Result, Var};

#[derive(Debug)]
struct L1Loss;

impl<T: Float> PairLoss<T> for L1Loss {
    const NAME: &'static str = "l1_loss";

    #[inline(always)]
    fn value(&self, x: T, t: T) -> T {
        (x - t).abs()
    }

    #[inline(always)]
    fn slopes(&self, x: T, t: T) -> [T; 2] {
        let d = x - t;
        let slope = if d > T::ZERO {
            T::ONE
        } else if d < T::ZERO {
            -T::ONE
        } else {
            // Zero at the kink; a NaN stays one.
            d * T::ZERO
        };
        [slope, -slope]
    }

    fn slope_var(&self, input: usize, x: &Var<T>, t: &Var<T>) -> Result<Var<T>> {
        let slopes = x.value().zip("l1_loss", t.value(), |x, t| self.slopes(x, t)[input])?;
        Ok(Var::constant(slopes))
    }
}

impl<T: Float> Var<T> {
    /// The absolute differences `|x - t|` between this prediction and a target of its shape,
    /// reduced. Where they are zero, so is the derivative.
    ///
    /// # Errors
    /// If the target has another shape.
    pub fn l1_loss(&self, target: &Var<T>, reduction: Reduction) -> Result<Var<T>> {
        concrete!(pair_loss: fn(L1Loss, &Var<T>, &Var<T>, Reduction) -> Result<Var<T>>)(
            L1Loss, self, target, reduction,
        )
    }
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
            Var::l1_loss,
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
