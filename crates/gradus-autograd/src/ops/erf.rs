//! The error function: `y = 2/√π ∫₀ˣ e^(-t²) dt`, `dy/dx = 2/√π e^(-x²)`.

use std::f64::consts::FRAC_2_SQRT_PI;

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Erf;

impl<T: Float> Function<T> for Erf {
    const NAME: &'static str = "erf";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.erf()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        T::from_f64(FRAC_2_SQRT_PI) * (-x * x).exp()
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(x.square().scale(-T::ONE).exp().scale(T::from_f64(FRAC_2_SQRT_PI)))
    }
}

impl<T: Float> Var<T> {
    /// The error function `2/√π ∫₀ˣ e^(-t²) dt` of each element.
    pub fn erf(&self) -> Var<T> {
        pointwise!(Erf, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("erf", |x| Ok(x[0].erf()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
    }
}
