//! The logarithm of the logistic function: `y = ln(1 / (1 + e⁻ˣ))`, `dy/dx = 1 / (1 + eˣ)`.
//!
//! Computed as `min(x, 0) - ln(1 + e^-|x|)`, in which nothing overflows or rounds to `ln 0`.

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct LogSigmoid;

impl<T: Float> Function<T> for LogSigmoid {
    const NAME: &'static str = "log_sigmoid";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x.minimum(T::ZERO) - (-x.abs()).exp().ln_1p()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        (-x).sigmoid()
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        Ok(x.scale(-T::ONE).sigmoid())
    }
}

impl<T: Float> Var<T> {
    /// The logarithm of the logistic function of each element, without overflow.
    pub fn log_sigmoid(&self) -> Var<T> {
        pointwise!(LogSigmoid, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("log_sigmoid", |x| Ok(x[0].log_sigmoid()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
        Cases::new("log_sigmoid by sigmoid", |x| Ok(x[0].log_sigmoid()))
            .equals(|x| Ok(x[0].sigmoid().ln()))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
        let far = gradus_tensor::Tensor::vector([-1000.0_f32, 1000.0]);
        assert_eq!(crate::Var::from(far).log_sigmoid().value().to_vec(), [-1000.0, 0.0]);
    }
}
