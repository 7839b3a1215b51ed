//! The hyperbolic tangent: `y = tanh x`, `dy/dx = 1 - y²`.

use super::pointwise::pointwise;

pointwise! {
    /// The hyperbolic tangent of each element.
    Tanh = tanh();
    value(x) = x.tanh();
    slope(y) = S::ONE - y * y;
    on normal;
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn other_forms() {
        cases!("tanh by exp", |x| Ok(x[0].tanh()))
            .equals(|x| {
                let e = x[0].scale(2.0).exp();
                e.shift(-1.0).div(&e.shift(1.0))
            })
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
