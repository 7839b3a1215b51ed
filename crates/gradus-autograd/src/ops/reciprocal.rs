//! `y = 1/x`, `dy/dx = -y²`. An infinity at 0.

use super::pointwise::pointwise;

pointwise! {
    /// One divided by each element.
    Reciprocal = reciprocal();
    value(x) = S::ONE / x;
    slope(y) = -(y * y);
    on away_from_zero;
}
