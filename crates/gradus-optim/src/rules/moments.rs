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

use gradus_tensor::Float;

use crate::{At, Decay, Result};

/// The settings that Adam and its kin share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    pub(super) betas: [f64; 2],
    pub(super) eps: f64,
}

/// The numbers of the two means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Means<T> {
    new1: T,
    beta2: T,
    new2: T,
}

impl<T: Float> Means<T> {
    /// Takes a gradient up into both means.
    #[inline(always)]
    pub(super) fn add(&self, m: &mut T, v: &mut T, g: T) {
        *m = *m + self.new1 * (g - *m);
        *v = self.beta2 * *v + self.new2 * g * g;
    }
}

impl Moments {
    /// The numbers of the two means.
    pub(super) fn means<T: Float>(&self) -> Means<T> {
        let [beta1, beta2] = self.betas;
        let [new1, beta2, new2] = [1.0 - beta1, beta2, 1.0 - beta2].map(T::from_f64);
        Means { new1, beta2, new2 }
    }

    /// What the means lack in update `t`: `1 − β₁ᵗ` and `1 − β₂ᵗ`.
    pub(super) fn biases(&self, number: u64) -> [f64; 2] {
        self.betas.map(|beta| 1.0 - beta.powf(number as f64))
    }

    /// One update of Adam.
    pub(super) fn adam<T: Float>(&self, at: &mut At<T>, decay: Decay) -> Result<()> {
        let [bias1, bias2] = self.biases(at.step.number);
        let [size, root, eps] = [at.step.lr / bias1, 1.0 / bias2.sqrt(), self.eps].map(T::from_f64);
        let means = self.means();
        match at.state.len() {
            2 => at.each(
                decay,
                #[inline(always)]
                move |w, [m, v], g| {
                    means.add(m, v, g);
                    *w = *w - size * (*m / (v.sqrt() * root + eps));
                },
            ),
            _ => at.each(
                decay,
                #[inline(always)]
                move |w, [m, v, largest], g| {
                    means.add(m, v, g);
                    *largest = v.maximum(*largest);
                    *w = *w - size * (*m / (largest.sqrt() * root + eps));
                },
            ),
        }
    }
}
