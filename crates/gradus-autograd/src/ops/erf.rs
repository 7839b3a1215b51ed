//! The error function: `y = 2/√π ∫₀ˣ e^(-t²) dt`, `dy/dx = 2/√π e^(-x²)`.

use std::f64::consts::FRAC_2_SQRT_PI;

use super::pointwise::pointwise;

pointwise! {
    /// The error function `2/√π ∫₀ˣ e^(-t²) dt` of each element.
    Erf = erf();
    value(x) = x.erf();
    slope(x) = (-x * x).exp() * FRAC_2_SQRT_PI;
    on normal;
}
