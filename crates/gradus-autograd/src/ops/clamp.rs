//! Limits: `y` is `x` moved into the range from `low` to `high`; `dy/dx` is 1 in the range, ends
//! included, and 0 outside.

use super::pointwise::pointwise;

pointwise! {
    /// Each element limited to the range from `low` to `high`; `high` if the range is empty. The
    /// derivative at the ends is one.
    Clamp = clamp(low, high);
    value(x) = {
        // A NaN stays one.
        let x = x.if_below(low, S::number(low), x);
        x.if_above(high, S::number(high), x)
    };
    slope(x) = x.if_at_least(low, x.if_at_most(high, S::ONE, S::ZERO), S::ZERO);
    on away_from_zero with (-1.5, 1.6);
}
