//! The absolute value: `y = |x|`, `dy/dx` = 1 where `x > 0`, -1 where `x < 0`. The kink at 0 has no
//! derivative; 0 is used there.

use super::pointwise::pointwise;

pointwise! {
    /// The absolute value of each element. The derivative at zero is zero.
    Abs = abs();
    value(x) = x.abs();
    slope(x) = x.if_above(0.0, S::ONE, x.if_below(0.0, -S::ONE, S::ZERO));
    on away_from_zero;
}
