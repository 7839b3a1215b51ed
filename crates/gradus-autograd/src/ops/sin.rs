//! The sine of angles in radians: `y = sin x`, `dy/dx = cos x`.

use super::pointwise::pointwise;

pointwise! {
    /// The sine of each element, in radians.
    Sin = sin();
    value(x) = x.sin();
    slope(x) = x.cos();
    on normal;
}
