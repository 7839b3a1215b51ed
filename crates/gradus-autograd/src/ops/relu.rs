//! The rectified linear unit: `y = max(x, 0)`, `dy/dx` = 1 where `x > 0`, else 0.
//!
//! The kink at 0 has no derivative; 0 is used there. The sign of `y` tells which side `x` was on, so
//! only `y` is kept. (Nair and Hinton, *Rectified linear units improve restricted Boltzmann machines*,
//! 2010.)

use super::pointwise::pointwise;

pointwise! {
    /// Each element where it is positive, zero elsewhere. The derivative at zero is zero.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let y = Var::from(Tensor::vector([-1.0_f32, 2.0])).relu();
    /// assert_eq!(y.value().to_vec(), [0.0, 2.0]);
    /// ```
    Relu = relu();
    value(x) = x.if_at_most(0.0, S::ZERO, x);
    slope(y) = y.if_above(0.0, S::ONE, S::ZERO);
    on away_from_zero;
}
