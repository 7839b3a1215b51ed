//! Rprop: steps whose size depends on the sign of the gradient alone. For each element
//!
//! ```text
//! g and the last g of one sign        Δ ← min(η₊ Δ, largest)
//! of two signs                        Δ ← max(η₋ Δ, least),   g ← 0
//! w ← w − Δ sign(g)
//! ```
//!
//! Riedmiller and Braun, *A direct adaptive method for faster backpropagation learning*, 1993. The learning rate is the first `Δ`; it is
//! for gradients of the whole data, not of batches.

use gradus_tensor::Float;

use crate::settings::BadSetting;
use crate::{At, Decay, Formula, Result, Settings, rule};

/// Rprop.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Rprop;
/// use gradus_tensor::Tensor;
///
/// let mut optimizer = Rprop::new(0.1).optimizer();
/// let mut w = Param::new(Tensor::scalar(3.0_f32));
/// for _ in 0..100 {
///     let gradients = w.var().square().backward()?;
///     optimizer.step(&mut w, &gradients)?;
/// }
/// assert!(w.value().item()?.abs() < 1e-4);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(
    torch = "optim.Rprop",
    source = "Riedmiller and Braun, 1993",
    check = Rprop::goes_together
)]
pub struct Rprop {
    /// The size of the first step.
    #[at_least(0)]
    lr: f64,
    /// By what a step is multiplied after a change of sign, and without one: below and above 1.
    #[above(0)]
    #[default([0.5, 1.2])]
    etas: [f64; 2],
    /// The least and the largest size of a step.
    #[above(0)]
    #[default([1e-6, 50.0])]
    step_sizes: [f64; 2],
}

impl Rprop {
    fn goes_together(&self) -> Result<(), BadSetting> {
        let Self { etas: [minus, plus], step_sizes: [least, largest], .. } = self;
        let (got, wanted) = match () {
            _ if *minus >= 1.0 || *plus <= 1.0 => {
                (format!("etas {minus} and {plus}"), "one below 1 and one above 1")
            }
            _ if least > largest => {
                (format!("step sizes {least} and {largest}"), "the least first")
            }
            _ => return Ok(()),
        };
        Err(BadSetting::new("Rprop", got, wanted))
    }
}

impl Formula for Rprop {
    /// The last gradient and the size of the step.
    fn slots(&self) -> usize {
        2
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let first = at.step.number == 1;
        let [minus, plus, lr] = [self.etas[0], self.etas[1], at.step.lr].map(T::from_f64);
        let [least, largest] = self.step_sizes.map(T::from_f64);
        let sign = |x: T| match () {
            _ if x > T::ZERO => T::ONE,
            _ if x < T::ZERO => -T::ONE,
            _ => T::ZERO,
        };
        at.each(
            Decay::NONE,
            #[inline(always)]
            move |w, [last, size], g| {
                let same = sign(g * *last);
                let factor = match () {
                    _ if same > T::ZERO => plus,
                    _ if same < T::ZERO => minus,
                    _ => T::ONE,
                };
                let before = if first { lr } else { *size };
                *size = (before * factor).maximum(least).minimum(largest);
                *last = if same < T::ZERO { T::ZERO } else { g };
                *w = *w - sign(*last) * *size;
            },
        )
    }
}
rule!(Rprop: local);
