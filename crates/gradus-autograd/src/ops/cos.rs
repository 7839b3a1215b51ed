//! The cosine of angles in radians: `y = cos x`, `dy/dx = -sin x`.

use super::pointwise::pointwise;

pointwise! {
    /// The cosine of each element, in radians.
    Cos = cos();
    value(x) = x.cos();
    slope(x) = -x.sin();
    on normal;
}
