//! The exponential linear unit: `y = x` where `x > 0`, else `α (eˣ - 1)`; `dy/dx` is 1 or `α eˣ`.
//!
//! At 0 the derivative has a jump unless `α = 1`; `α` is used there. (Clevert, Unterthiner and
//! Hochreiter, *Fast and accurate deep network learning by exponential linear units*, 2016, equation
//! 15.)

use super::pointwise::pointwise;

pointwise! {
    /// Each element where it is positive, `alpha (eˣ - 1)` elsewhere. The usual `alpha` is 1.
    Elu = elu(alpha);
    value(x) = x.if_above(0.0, x, x.exp_m1() * alpha);
    slope(x) = {
        // Limited first, so that the exponential of what is not chosen cannot overflow.
        x.if_above(0.0, S::ONE, x.min(0.0).exp() * alpha)
    };
    on away_from_zero with (0.7);
}
