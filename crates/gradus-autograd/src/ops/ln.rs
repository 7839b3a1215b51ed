//! The natural logarithm: `y = ln x`, `dy/dx = 1/x`. NaN for negative numbers, minus infinity for 0.

use super::pointwise::pointwise;

pointwise! {
    /// The natural logarithm of each element; NaN for negative ones, minus infinity for zero.
    Ln = ln();
    value(x) = x.ln();
    slope(x) = S::ONE / x;
    on positive;
}
