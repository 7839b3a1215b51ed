//! One turn of the loop: what a step of the user's may do with the model and its optimizers.

use gradus_autograd::Var;
use gradus_nn::{Context, Module};
use gradus_optim::{Optimizer, Rule};
use gradus_tensor::{Float, concrete};

use super::moment::Moment;
use super::{AnyOptimizer, Step};
use crate::{Error, Result};

/// What [`Trainer::fit_with`](crate::Trainer::fit_with) hands to its step for each batch.
///
/// In training a step calls [`descend`](Turn::descend) for each loss; in evaluation that does nothing, and nothing is
/// recorded.
pub struct Turn<'t, M, O, T: Float = f32> {
    /// The model.
    pub model: &'t mut M,
    /// Its optimizers.
    pub optimizer: &'t mut O,
    /// The mode and the random numbers.
    pub context: &'t mut Context,
    pub(super) moment: &'t mut Moment<T>,
}

impl<M, O, T: Float> Turn<'_, M, O, T> {
    /// Whether this is training, and not evaluation.
    pub fn is_training(&self) -> bool {
        self.moment.training
    }

    /// How many steps were complete before this one.
    pub fn step(&self) -> u64 {
        self.moment.step
    }

    /// How many epochs were complete before this one.
    pub fn epoch(&self) -> u64 {
        self.moment.epoch
    }

    /// One step of an optimizer down a loss: of the whole model, or of the part that is chosen. It goes with the gradients
    /// through the optimizer's own clipping; a loss or a gradient that is not finite is an error, and changes
    /// nothing. In evaluation it does nothing at all.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_nn::{Linear, Module};
    /// # use gradus_optim::{Optimizer, Sgd};
    /// # use gradus_train::{Result, Turn, optimizers};
    /// #[derive(Module)]
    /// struct Nets { generator: Linear, critic: Linear }
    /// struct Rules { generator: Optimizer<Sgd>, critic: Optimizer<Sgd> }
    /// optimizers!(Rules { generator, critic });
    ///
    /// fn down(turn: &mut Turn<'_, Nets, Rules>, loss: &Var) -> Result<()> {
    ///     turn.descend(|nets, rules| (&mut nets.critic, &mut rules.critic), loss)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFinite`], and those of the derivatives and the optimizer.
    pub fn descend<N, R>(
        &mut self,
        part: impl for<'a> FnOnce(&'a mut M, &'a mut O) -> (&'a mut N, &'a mut Optimizer<R, T>),
        loss: &Var<T>,
    ) -> Result<()>
    where
        N: Module<T>,
        R: Rule<T>,
    {
        if !self.is_training() {
            return Ok(());
        }
        let (model, optimizer) = part(self.model, self.optimizer);
        concrete!(Moment::descend: fn(
            &mut Moment<T>, &mut dyn Module<T>, &mut dyn AnyOptimizer<T>, Var<T>,
        ) -> Result<()>)(self.moment, model, optimizer, loss.clone())
    }
}

impl<M: Module<T>, R: Rule<T>, T: Float> Turn<'_, M, Optimizer<R, T>, T> {
    /// One step of the whole model down the loss of a step that can be computed again, or one of several batches for a
    /// step.
    ///
    /// Rules that compute the loss more than once are given the closure. It then starts from the same random numbers
    /// and buffers each time, so that the loss is a function of the parameters alone.
    pub(super) fn follow(
        &mut self,
        mut step: impl FnMut(&M, &mut Context) -> Result<Step<T>>,
    ) -> Result<Step<T>> {
        let mut done = step(self.model, self.context)?;
        if !self.is_training() {
            return Ok(done);
        }
        let value = done.loss.detach();
        let loss = std::mem::replace(&mut done.loss, value);
        let result =
            concrete!(Moment::gather: fn(
            &mut Moment<T>, &mut dyn Module<T>, &mut dyn AnyOptimizer<T>, Var<T>, usize,
        ) -> Result<()>)(self.moment, self.model, self.optimizer, loss, done.items);
        match result {
            Err(Error::Optim(gradus_optim::Error::NeedsLoss)) if self.moment.accumulate == 1 => {
                self.again(step)?;
            }
            Err(Error::Optim(gradus_optim::Error::NeedsLoss)) => {
                let got = format!("{} batches for a step", self.moment.accumulate);
                let wanted =
                    "1, since the rule computes the loss more than once; make the batches larger";
                return Err(Error::value("accumulate", got, wanted));
            }
            result => result?,
        }
        Ok(done)
    }

    /// One step of a rule that computes the loss as often as it likes.
    fn again(&mut self, mut step: impl FnMut(&M, &mut Context) -> Result<Step<T>>) -> Result<()> {
        let Self { model, optimizer, context, moment } = self;
        // The optimizer knows errors of layers alone; that of the step is kept beside it.
        let mut fault = None;
        let result = optimizer.step_with(*model, |model| {
            moment.start.restore(model, context);
            step(model, context).map(|step| step.loss).map_err(|error| {
                let stands_for = gradus_nn::Error::setting("step", "an error", "a loss");
                fault = Some(error);
                stands_for
            })
        });
        match (result, fault) {
            (_, Some(error)) => Err(error),
            (result, None) => {
                result?;
                moment.updated = true;
                Ok(())
            }
        }
    }
}
