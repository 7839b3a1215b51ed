//! The leaky rectified linear unit: `y = x` where `x > 0`, else `a x`; `dy/dx` is 1 or `a`.
//!
//! The kink at 0 has no derivative; `a` is used there. (Maas, Hannun and Ng, *Rectifier nonlinearities
//! improve neural network acoustic models*, 2013, equation 2.)

use super::pointwise::pointwise;

pointwise! {
    /// Each element where it is positive, `slope` times it elsewhere. The usual slope is 0.01.
    LeakyRelu = leaky_relu(slope);
    value(x) = x.if_above(0.0, x, x * slope);
    slope(x) = x.if_above(0.0, S::ONE, S::number(slope));
    on away_from_zero with (0.1);
}
