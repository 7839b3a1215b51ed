//! A fixed power: `y = xᵖ`, `dy/dx = p xᵖ⁻¹`. NaN for negative `x` unless `p` is a whole number.

use super::pointwise::pointwise;

pointwise! {
    /// Each element to the power of `exponent`; NaN for negative elements unless `exponent` is a whole
    /// number.
    Powf = powf(exponent);
    value(x) = x.powf(exponent);
    slope(x) = {
        // Without this test 0⁰ would give 0 · ∞.
        if exponent == 0.0 { S::ZERO } else { x.powf(exponent - 1.0) * exponent }
    };
    on positive with (1.75);
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::away_from_zero};

    #[test]
    fn other_forms() {
        cases!("cube", |x| Ok(x[0].powf(3.0)))
            .equals(|x| x[0].mul(&x[0])?.mul(&x[0]))
            .on("either sign", [away_from_zero([3, 4], 1)])
            .check();
        // Whole powers have all their derivatives at zero.
        let x = crate::Var::leaf(gradus_tensor::Tensor::scalar(0.0_f64));
        let slope = |y: &crate::Var<f64>| crate::grad(y, [&x], None).map(|[slope]| slope);
        let third = slope(&x.powf(2.0)).and_then(|y| slope(&slope(&y)?));
        assert_eq!(third.and_then(|y| y.item()), Ok(0.0));
    }
}
