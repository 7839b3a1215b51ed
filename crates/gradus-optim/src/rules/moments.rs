//! The two running means behind Adam and its kin, in one pass over memory.
//!
//! ```text
//! m ← m + (1 − β₁)(g − m)          the mean of the gradient
//! v ← β₂ v + (1 − β₂) g²           the mean of its square
//! w ← w − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
//! ```
//!
//! Both start at zero, which draws them towards zero in the first steps; dividing by `1 − βᵗ` takes
//! that away. Kingma and Ba, *Adam: a method for stochastic optimization*, 2015, algorithm 1.

use gradus_tensor::{Float, Tensor, concrete};

use crate::error::fraction;
use crate::{Error, Result, Step};

/// The settings that Adam and AdamW share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    pub(super) beta1: f64,
    pub(super) beta2: f64,
    pub(super) eps: f64,
}

impl Moments {
    pub(super) const DEFAULT: Self = Self { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

    pub(super) fn validate(&self, of: &str) -> Result<()> {
        fraction(of, "beta1", self.beta1)?;
        fraction(of, "beta2", self.beta2)?;
        if !(self.eps.is_finite() && self.eps > 0.0) {
            return Err(Error::setting(of, format!("eps {}", self.eps), "a finite number > 0"));
        }
        Ok(())
    }

    /// One update. First the parameter is multiplied by `shrink`, then `l2` times the parameter is
    /// added to the gradient.
    pub(super) fn update<T: Float>(
        &self,
        op: &'static str,
        param: &mut Tensor<T>,
        grad: &Tensor<T>,
        slots: &mut [Tensor<T>],
        step: Step,
        shrink_l2: [f64; 2],
    ) -> Result<()> {
        concrete!(
            update: fn(
                &Moments, &'static str, &mut Tensor<T>, &Tensor<T>, &mut [Tensor<T>], Step, [f64; 2],
            ) -> Result<()>
        )(self, op, param, grad, slots, step, shrink_l2)
    }
}

fn update<T: Float>(
    moments: &Moments,
    op: &'static str,
    param: &mut Tensor<T>,
    grad: &Tensor<T>,
    slots: &mut [Tensor<T>],
    step: Step,
    [shrink, l2]: [f64; 2],
) -> Result<()> {
    let [m, v] = slots else {
        let got = format!("{} state tensors", slots.len());
        return Err(Error::setting(op, got, "2, the means of the gradient and its square"));
    };
    let &Moments { beta1, beta2, eps } = moments;
    let number = step.number as f64;
    let (bias1, bias2) = (1.0 - beta1.powf(number), 1.0 - beta2.powf(number));
    let [size, root, eps] = [step.lr / bias1, 1.0 / bias2.sqrt(), eps].map(T::from_f64);
    let [new1, beta2, new2] = [1.0 - beta1, beta2, 1.0 - beta2].map(T::from_f64);
    let [scale, shrink, l2] = [step.grad_scale, shrink, l2].map(T::from_f64);
    param.update(
        op,
        [m, v],
        grad,
        #[inline(always)]
        |w, [m, v], g| {
            let start = *w * shrink;
            let g = g * scale + l2 * start;
            *m = *m + new1 * (g - *m);
            *v = beta2 * *v + new2 * g * g;
            *w = start - size * (*m / (v.sqrt() * root + eps));
        },
    )?;
    Ok(())
}
