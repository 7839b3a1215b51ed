//! The squared error: `f(x, t) = (x - t)²`, `∂f/∂x = 2 (x - t) = -∂f/∂t`.
//!
//! `x` and `t` have one shape. The mean of it is the mean squared error. (Bishop, *Pattern
//! Recognition and Machine Learning*, 2006, equation 1.2.)

use gradus_tensor::{Float, concrete};

use super::Reduction;
use super::pair_loss::{PairLoss, pair_loss};
use crate::{Result, Var};

#[derive(Debug)]
struct MseLoss;

impl<T: Float> PairLoss<T> for MseLoss {
    const NAME: &'static str = "mse_loss";

    #[inline(always)]
    fn value(&self, x: T, t: T) -> T {
        (x - t) * (x - t)
    }

    #[inline(always)]
    fn slopes(&self, x: T, t: T) -> [T; 2] {
        let slope = (x - t) + (x - t);
        [slope, -slope]
    }

    fn slope_var(&self, input: usize, x: &Var<T>, t: &Var<T>) -> Result<Var<T>> {
        Ok(x.sub(t)?.scale(T::from_f64([2.0, -2.0][input])))
    }
}

impl<T: Float> Var<T> {
    /// The squared differences `(x - t)²` between this prediction and a target of its shape,
    /// reduced.
    ///
    /// ```
    /// # use gradus_autograd::{Reduction, Var};
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([1.0_f32, 2.0]));
    /// let loss = x.mse_loss(&Tensor::vector([1.0, 6.0]).into(), Reduction::Mean)?;
    /// assert_eq!(loss.item()?, 8.0);
    /// assert_eq!(loss.backward()?.of(&x).unwrap().to_vec(), [0.0, -4.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the target has another shape.
    pub fn mse_loss(&self, target: &Var<T>, reduction: Reduction) -> Result<Var<T>> {
        concrete!(pair_loss: fn(MseLoss, &Var<T>, &Var<T>, Reduction) -> Result<Var<T>>)(
            MseLoss, self, target, reduction,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::pair_loss::check;
    use crate::Var;
    use crate::check::inputs::normal;

    #[test]
    fn properties() {
        check(
            "mse_loss",
            Var::mse_loss,
            |x, t| x.sub(t)?.mul(&x.sub(t)?),
            |shape| [normal(shape, 1), normal(shape, 2)],
        );
    }
}
