//! The sigmoid linear unit, also called swish: `y = x σ(x)` with `σ(x) = 1 / (1 + e⁻ˣ)`,
//! `dy/dx = σ(x) (1 + x (1 - σ(x)))`.
//!
//! (Elfwing, Uchibe and Doya, *Sigmoid-weighted linear units for neural network function approximation
//! in reinforcement learning*, 2018, equations 1 and 3.)

use gradus_tensor::Float;

use super::pointwise::pointwise;
use crate::{Function, Needs, Result, Var};

#[derive(Debug)]
struct Silu;

impl<T: Float> Function<T> for Silu {
    const NAME: &'static str = "silu";
    const NEEDS: Needs = Needs::Input;

    #[inline(always)]
    fn value(&self, x: T) -> T {
        x * x.sigmoid()
    }

    #[inline(always)]
    fn slope(&self, x: T) -> T {
        let s = x.sigmoid();
        s * (T::ONE + x * (T::ONE - s))
    }

    fn slope_var(&self, x: &Var<T>) -> Result<Var<T>> {
        let s = x.sigmoid();
        s.mul(&x.mul(&s.affine(-T::ONE, T::ONE))?.shift(T::ONE))
    }
}

impl<T: Float> Var<T> {
    /// Each element times its logistic function, `x σ(x)`.
    pub fn silu(&self) -> Var<T> {
        pointwise!(Silu, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("silu", |x| Ok(x[0].silu()))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .on("odd sizes", [normal([1, 5, 3], 4)])
            .check();
        Cases::new("silu by sigmoid", |x| Ok(x[0].silu()))
            .equals(|x| x[0].mul(&x[0].sigmoid()))
            .on("a matrix", [normal([3, 4], 1)])
            .check();
    }
}
