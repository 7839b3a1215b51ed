//! The exponential function: `y = eˣ`, `dy/dx = y`.

use super::pointwise::pointwise;

pointwise! {
    /// `e` to the power of each element.
    Exp = exp();
    value(x) = x.exp();
    slope(y) = y;
    on normal;
}
