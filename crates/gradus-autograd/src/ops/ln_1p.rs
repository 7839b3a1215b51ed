//! `y = ln(1 + x)`, precise near 0; `dy/dx = 1 / (1 + x)`. NaN below -1, minus infinity at -1.

use super::pointwise::pointwise;

pointwise! {
    /// `ln(1 + x)` for each element, precise near zero; NaN below -1.
    Ln1p = ln_1p();
    value(x) = x.ln_1p();
    slope(x) = S::ONE / (S::ONE + x);
    on positive;
}
