//! The square root: `y = √x`, `dy/dx = 1 / (2y)`. NaN for negative numbers; at 0 the derivative is
//! infinite.

use super::pointwise::pointwise;

pointwise! {
    /// The square root of each element; NaN for negative ones. The derivative at zero is infinite.
    Sqrt = sqrt();
    value(x) = x.sqrt();
    slope(y) = S::number(0.5) / y;
    on positive;
}
