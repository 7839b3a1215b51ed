//! What a rule is shown: one parameter, or all of them.

use gradus_tensor::{Float, Tensor};

use crate::whole::combined;
use crate::{Error, Result, Step};

/// One parameter in one step: what a rule reads and changes.
#[derive(Debug)]
pub struct At<T: Float = f32> {
    /// Where the parameter is in the model.
    pub path: String,
    /// Its values.
    pub param: Tensor<T>,
    /// Its gradient, of the same shape, still to be multiplied by [`Step::grad_scale`].
    pub grad: Tensor<T>,
    /// What the rule remembers of it: what [`Rule::start`](crate::Rule::start) made, as the last update left it.
    pub state: Vec<Tensor<T>>,
    /// The numbers of this update.
    pub step: Step,
}

/// How a weight decay `λ` comes into a step with the learning rate `η`. Whether it may shrink the parameter itself is in
/// the type, so that the loop of a rule that never does so has no work with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay<const SHRINKS: bool = true> {
    shrink: f64,
    l2: f64,
}

impl Decay<false> {
    /// None.
    pub const NONE: Self = Self { shrink: 1.0, l2: 0.0 };

    /// Through the gradient, as the slope of a penalty of `λ/2 · w²`: `g ← g + λ w`.
    pub fn l2(weight_decay: f64) -> Self {
        Self { l2: weight_decay, ..Self::NONE }
    }
}

impl Decay<true> {
    /// Past the gradient: `w ← w − η λ w`.
    pub fn decoupled(weight_decay: f64, lr: f64) -> Self {
        Self { shrink: 1.0 - lr * weight_decay, l2: 0.0 }
    }

    /// The one or the other, as is known when the program runs.
    pub fn of(decoupled: bool, weight_decay: f64, lr: f64) -> Self {
        match decoupled {
            true => Self::decoupled(weight_decay, lr),
            false => Self { shrink: 1.0, l2: weight_decay },
        }
    }
}

impl<T: Float> At<T> {
    /// Calls `f` with every element of the parameter, those of its `N` state tensors at the same index, and that
    /// of its gradient, in one pass over memory. The scale of the gradient and the decay are in the numbers that `f`
    /// is given.
    ///
    /// `f` should be marked `#[inline(always)]`, see [`Tensor::update`], and `move`: the compiler knows of numbers that
    /// are in a closure, and not of those that it points to, that the loop does not change them. A loop over the latter may be
    /// ten times as slow.
    ///
    /// # Errors
    /// If there are not `N` state tensors of the parameter's shape; nothing is written then.
    pub fn each<const N: usize, const SHRINKS: bool>(
        &mut self,
        decay: Decay<SHRINKS>,
        f: impl Fn(&mut T, [&mut T; N], T) + Sync + Send,
    ) -> Result<()> {
        let Ok(state) = <&mut [Tensor<T>; N]>::try_from(&mut self.state[..]) else {
            return Err(self.other_state(N));
        };
        let [scale, shrink, l2] = [self.step.grad_scale, decay.shrink, decay.l2].map(T::from_f64);
        self.param.update(
            "step",
            state.each_mut(),
            &self.grad,
            #[inline(always)]
            move |w, state, g| {
                if SHRINKS {
                    *w *= shrink;
                }
                f(w, state, g * scale + l2 * *w);
            },
        )?;
        Ok(())
    }

    /// That there are not so many state tensors.
    pub(crate) fn other_state(&self, wanted: usize) -> Error {
        let got = format!("{} state tensors of `{}`", self.state.len(), self.path);
        Error::setting("update", got, wanted.to_string())
    }

    /// The parameter after `shrink`, and the gradient with scale and decay in it, for rules that work with whole tensors.
    ///
    /// # Errors
    /// If the gradient has not the parameter's shape.
    pub fn decayed<const SHRINKS: bool>(&self, decay: Decay<SHRINKS>) -> Result<[Tensor<T>; 2]> {
        let param = &self.param * T::from_f64(decay.shrink);
        let grad = combined("step", [self.step.grad_scale, decay.l2], &self.grad, &param)?;
        Ok([param, grad])
    }
}

/// Computes loss and gradients for the present values of the parameters.
pub(crate) type Evaluate<'a, T> = dyn FnMut(&mut [At<T>]) -> Result<f64> + 'a;

/// All parameters that a rule updates in one step, for rules that look at them together.
///
/// If the optimizer has groups, these are the parameters of one group.
pub struct All<'a, T: Float = f32> {
    /// The parameters, in the order of the model.
    pub params: &'a mut [At<T>],
    /// Numbers that the rule remembers of the whole; none before the first step. They are saved exactly.
    pub numbers: &'a mut Vec<f64>,
    pub(crate) loss: Option<f64>,
    pub(crate) evaluate: Option<&'a mut Evaluate<'a, T>>,
}

impl<T: Float> All<'_, T> {
    /// The loss for which the gradients were computed, if the optimizer was given the loss and not the gradients alone.
    pub fn loss(&self) -> Option<f64> {
        self.loss
    }

    /// Computes the loss, and the gradients anew, for the values that the parameters have now.
    ///
    /// # Errors
    /// [`Error::NeedsLoss`] if the optimizer was given gradients and not the loss; and those of the loss.
    pub fn evaluate(&mut self) -> Result<f64> {
        let Some(evaluate) = &mut self.evaluate else { return Err(Error::NeedsLoss) };
        let loss = evaluate(self.params)?;
        self.loss = Some(loss);
        Ok(loss)
    }
}
