//! A smooth rectifier: `y = ln(1 + eˣ)`, `dy/dx = 1 / (1 + e⁻ˣ)`.
//!
//! Computed as `max(x, 0) + ln(1 + e^-|x|)`, in which nothing overflows. (Dugas et al., *Incorporating
//! second-order functional knowledge for better option pricing*, 2001, section 2.)

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Softplus;

impl<T: Float> Function<T> for Softplus {
    const NAME: &'static str = "softplus";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.maximum(T::ZERO) + (-x.abs()).exp().ln_1p()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        x.sigmoid()
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(x.sigmoid())
    }
}

impl<T: Float> Var<T> {
    /// `ln(1 + eˣ)` for each element, without overflow.
    pub fn softplus(&self) -> Var<T> {
        pointwise!(Softplus, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("softplus", |x| Ok(x[0].softplus()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
        Cases::new("softplus by exp", |x| Ok(x[0].softplus()))
            .equals(|x| Ok(x[0].exp().ln_1p()))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
        let far = gradus_tensor::Tensor::vector([-1000.0_f32, 1000.0]);
        assert_eq!(crate::Var::from(far).softplus().value().to_vec(), [0.0, 1000.0]);
    }
}
