//! The logarithm of the logistic function: `y = ln(1 / (1 + e⁻ˣ))`, `dy/dx = 1 / (1 + eˣ)`.
//!
//! Computed as `min(x, 0) - ln(1 + e^-|x|)`, in which nothing overflows or rounds to `ln 0`.

use super::pointwise::pointwise;

pointwise! {
    /// The logarithm of the logistic function of each element, without overflow.
    LogSigmoid = log_sigmoid();
    value(x) = x.min(0.0) - (-x.abs()).exp().ln_1p();
    slope(x) = (-x).sigmoid();
    on normal;
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn other_forms() {
        cases!("log_sigmoid by sigmoid", |x| Ok(x[0].log_sigmoid()))
            .equals(|x| Ok(x[0].sigmoid().ln()))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
        let far = gradus_tensor::Tensor::vector([-1000.0_f32, 1000.0]);
        assert_eq!(crate::Var::from(far).log_sigmoid().value().to_vec(), [-1000.0, 0.0]);
    }
}
