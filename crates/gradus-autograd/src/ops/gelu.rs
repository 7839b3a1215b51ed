//! The Gaussian error linear unit: `y = x Φ(x)` with `Φ(x) = (1 + erf(x/√2)) / 2`, the chance that a
//! standard normal number is below `x`.
//!
//! `dy/dx = Φ(x) + x φ(x)` with `φ(x) = e^(-x²/2) / √(2π)`. (Hendrycks and Gimpel, *Gaussian error
//! linear units*, 2016, section 2.)

use super::pointwise::pointwise;

pointwise! {
    /// The Gaussian error linear unit `x Φ(x)`, with the exact error function; see also
    /// [`gelu_tanh`](Self::gelu_tanh).
    Gelu = gelu();
    value(x) = {
        let [below, _] = x.gaussian();
        // Zero times minus infinity is zero here: the limit.
        below.if_equal(0.0, S::ZERO, x * below)
    };
    slope(x) = {
        let [below, density] = x.gaussian();
        density.if_equal(0.0, below, below + x * density)
    };
    on normal;
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn other_forms() {
        cases!("gelu by erf", |x| Ok(x[0].gelu()))
            .equals(|x| x[0].mul(&x[0].scale(0.5_f64.sqrt()).erf().affine(0.5, 0.5)))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
