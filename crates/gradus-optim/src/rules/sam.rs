//! SAM: the step of another rule, with the gradient not here but where the loss is worst nearby.
//!
//! ```text
//! ε = ρ g(w) / ‖g(w)‖        the rule's step from w, with g(w + ε)
//! ```
//!
//! Foret, Kleiner, Mobahi and Neyshabur, *Sharpness-aware minimization for efficiently improving generalization*, 2021,
//! algorithm 1. It computes the loss twice in a step, so it needs [`step_with`](crate::Optimizer::step_with).

use gradus_tensor::{Float, Tensor};

use crate::clip::sum_of_squares;
use crate::{All, At, Optimizer, Result, Rule, Settings};

/// Sharpness-aware minimization, around any rule.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::{Sam, Sgd};
/// use gradus_tensor::Tensor;
///
/// let mut sam = Sam::new(Sgd::new(0.1)).rho(0.5).optimizer();
/// let mut w = Param::new(Tensor::scalar(1.0_f64));
/// sam.step_with(&mut w, |w| Ok(w.var().square()))?;
/// assert_eq!(w.value().item()?, 1.0 - 0.1 * 2.0 * 1.5);       // the gradient at 1.5
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(source = "Foret and others, 2021, algorithm 1")]
pub struct Sam<R> {
    /// The rule.
    #[inner]
    rule: R,
    /// How far away the gradient is taken.
    #[at_least(0)]
    #[default(0.05)]
    rho: f64,
}

impl<R> Sam<R> {
    /// The rule applied to a whole model.
    pub fn optimizer<T: Float>(self) -> Optimizer<Self, T>
    where
        Self: Rule<T>,
    {
        Optimizer::new(self)
    }
}

impl<T: Float, R: Rule<T> + Clone + 'static> Rule<T> for Sam<R> {
    fn start(&self, param: &Tensor<T>) -> Vec<Tensor<T>> {
        self.rule.start(param)
    }

    fn fits(&self, param: &Tensor<T>, state: &[Tensor<T>]) -> bool {
        self.rule.fits(param, state)
    }

    fn update(&self, at: &mut At<T>) -> Result<()> {
        self.rule.update(at)
    }

    fn update_all(&self, all: &mut All<'_, T>) -> Result<()> {
        let squares = |at: &At<T>| sum_of_squares(&at.grad) * at.step.grad_scale.powi(2);
        let norm = all.params.iter().map(squares).sum::<f64>().sqrt();
        let loss = all.loss();
        let here: Vec<Tensor<T>> = all.params.iter().map(|at| at.param.clone()).collect();
        if norm > 0.0 {
            for at in all.params.iter_mut() {
                let factor = self.rho * at.step.grad_scale / norm;
                at.param.add_scaled(&at.grad, T::from_f64(factor))?;
            }
        }
        all.evaluate()?;
        all.params.iter_mut().zip(here).for_each(|(at, here)| at.param = here);
        all.loss = loss;
        self.rule.update_all(all)
    }
}
