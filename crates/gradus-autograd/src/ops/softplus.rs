//! A smooth rectifier: `y = ln(1 + eˣ)`, `dy/dx = 1 / (1 + e⁻ˣ)`.
//!
//! Computed as `max(x, 0) + ln(1 + e^-|x|)`, in which nothing overflows. (Dugas et al., *Incorporating
//! second-order functional knowledge for better option pricing*, 2001, section 2.)

use super::pointwise::pointwise;

pointwise! {
    /// `ln(1 + eˣ)` for each element, without overflow.
    Softplus = softplus();
    value(x) = x.max(0.0) + (-x.abs()).exp().ln_1p();
    slope(x) = x.sigmoid();
    on normal;
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn other_forms() {
        cases!("softplus by exp", |x| Ok(x[0].softplus()))
            .equals(|x| Ok(x[0].exp().ln_1p()))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
        let far = gradus_tensor::Tensor::vector([-1000.0_f32, 1000.0]);
        assert_eq!(crate::Var::from(far).softplus().value().to_vec(), [0.0, 1000.0]);
    }
}
