//! The squared error: `f(x, t) = (x - t)²`, `∂f/∂x = 2 (x - t) = -∂f/∂t`.
//!
//! `x` and `t` have one shape. The mean of it is the mean squared error. (Bishop, *Pattern
//! Recognition and Machine Learning*, 2006, equation 1.2.)

use super::pair_loss::pair_loss;

pair_loss! {
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
    MseLoss = mse_loss();
    value(x, t) = (x - t) * (x - t);
    slopes(x, t) = {
        let slope = (x - t) + (x - t);
        [slope, -slope]
    };
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
            (Var::mse_loss, Var::mse_loss),
            |x, t| x.sub(t)?.mul(&x.sub(t)?),
            |shape| [normal(shape, 1), normal(shape, 2)],
        );
    }
}
