//! The sigmoid linear unit, also called swish: `y = x σ(x)` with `σ(x) = 1 / (1 + e⁻ˣ)`,
//! `dy/dx = σ(x) (1 + x (1 - σ(x)))`.
//!
//! (Elfwing, Uchibe and Doya, *Sigmoid-weighted linear units for neural network function approximation
//! in reinforcement learning*, 2018, equations 1 and 3.)

use super::pointwise::pointwise;

pointwise! {
    /// Each element times its logistic function, `x σ(x)`.
    Silu = silu();
    value(x) = {
        let s = x.sigmoid();
        // Zero times minus infinity is zero here: the limit.
        s.if_equal(0.0, S::ZERO, x * s)
    };
    slope(x) = {
        let s = x.sigmoid();
        let slope = s * (S::ONE + x * (S::ONE - s));
        s.if_equal(0.0, S::ZERO, s.if_equal(1.0, S::ONE, slope))
    };
    on normal;
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn other_forms() {
        cases!("silu by sigmoid", |x| Ok(x[0].silu()))
            .equals(|x| x[0].mul(&x[0].sigmoid()))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
