//! The logistic function: `y = 1 / (1 + e⁻ˣ)`, `dy/dx = y (1 - y)`.

use super::pointwise::pointwise;

pointwise! {
    /// The logistic function `1 / (1 + e⁻ˣ)` of each element.
    Sigmoid = sigmoid();
    value(x) = x.sigmoid();
    slope(y) = y * (S::ONE - y);
    on normal;
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn other_forms() {
        cases!("sigmoid by exp", |x| Ok(x[0].sigmoid()))
            .equals(|x| Ok(x[0].scale(-1.0).exp().shift(1.0).reciprocal()))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
