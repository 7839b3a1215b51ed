//! The square: `y = x²`, `dy/dx = 2x`.

use super::pointwise::pointwise;

pointwise! {
    /// The square of each element.
    Square = square();
    value(x) = x * x;
    slope(x) = x + x;
    on normal;
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn other_forms() {
        cases!("square by mul", |x| Ok(x[0].square()))
            .equals(|x| x[0].mul(&x[0]))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
