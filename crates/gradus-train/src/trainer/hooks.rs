//! Functions of the user's that are called at the ends of steps and epochs.

use gradus_autograd::Gradients;
use gradus_tensor::Float;

use super::Tally;
use crate::Result;

/// When a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Step,
    Epoch,
}

/// What has happened, and what the functions answer.
pub(super) struct News<'n, T: Float> {
    pub(super) epoch: u64,
    pub(super) step: u64,
    pub(super) loss: f64,
    pub(super) train: &'n Tally,
    pub(super) validation: Option<&'n Tally>,
    pub(super) gradients: Option<&'n Gradients<T>>,
    pub(super) is_best: bool,
    pub(super) stop: bool,
    pub(super) lines: Vec<String>,
}

/// What a function sees that is called at the end of a step or an epoch: the model, the optimizers, which it may
/// change, and what has been measured.
///
/// The learning rate is set through [`optimizer`](Event::optimizer); what else is changed is saved if it is a parameter,
/// a buffer, or whether a parameter is frozen.
pub struct Event<'e, M, O, T: Float = f32> {
    /// The model.
    pub model: &'e mut M,
    /// Its optimizers.
    pub optimizer: &'e mut O,
    news: &'e mut NewsOf<'e, T>,
}

/// The news, with one lifetime for both.
type NewsOf<'e, T> = dyn Told<T> + 'e;

/// News of any lifetime.
trait Told<T: Float> {
    fn news(&self) -> &News<'_, T>;
    fn stop(&mut self);
    fn log(&mut self, line: String);
}

impl<T: Float> Told<T> for News<'_, T> {
    fn news(&self) -> &News<'_, T> {
        self
    }
    fn stop(&mut self) {
        self.stop = true;
    }
    fn log(&mut self, line: String) {
        self.lines.push(line);
    }
}

impl<M, O, T: Float> Event<'_, M, O, T> {
    /// Epochs that are complete.
    pub fn epoch(&self) -> u64 {
        self.news.news().epoch
    }

    /// Steps that are complete.
    pub fn step(&self) -> u64 {
        self.news.news().step
    }

    /// The loss of the step; at the end of an epoch that of its last step.
    pub fn loss(&self) -> f64 {
        self.news.news().loss
    }

    /// What was measured in training in this epoch so far.
    pub fn train(&self) -> &Tally {
        self.news.news().train
    }

    /// What was measured in validation, at the end of an epoch that has some.
    pub fn validation(&self) -> Option<&Tally> {
        self.news.news().validation
    }

    /// Whether this is the best epoch so far.
    pub fn is_best(&self) -> bool {
        self.news.news().is_best
    }

    /// The gradients of the last update; none after a rule that computes the loss itself.
    pub fn gradients(&self) -> Option<&Gradients<T>> {
        self.news.news().gradients
    }

    /// Ends training here, as [`stop_after`](crate::Trainer::stop_after) does.
    pub fn stop(&mut self) {
        self.news.stop();
    }

    /// Shows a line among those of the progress.
    pub fn log(&mut self, line: impl Into<String>) {
        self.news.log(line.into());
    }
}

type Hook<M, O, T> = Box<dyn FnMut(&mut Event<'_, M, O, T>) -> Result<()>>;

/// The functions of a trainer.
pub(super) struct Hooks<M, O, T: Float> {
    step: Vec<Hook<M, O, T>>,
    epoch: Vec<Hook<M, O, T>>,
}

impl<M, O, T: Float> Hooks<M, O, T> {
    pub(super) fn none() -> Self {
        Self { step: Vec::new(), epoch: Vec::new() }
    }

    pub(super) fn add(&mut self, when: When, hook: Hook<M, O, T>) {
        match when {
            When::Step => self.step.push(hook),
            When::Epoch => self.epoch.push(hook),
        }
    }

    /// Whether somebody wants to be told of every step.
    pub(super) fn follow_steps(&self) -> bool {
        !self.step.is_empty()
    }

    pub(super) fn call(
        &mut self,
        when: When,
        model: &mut M,
        optimizer: &mut O,
        news: &mut News<'_, T>,
    ) -> Result<()> {
        let hooks = match when {
            When::Step => &mut self.step,
            When::Epoch => &mut self.epoch,
        };
        for hook in hooks {
            hook(&mut Event { model, optimizer, news })?;
        }
        Ok(())
    }
}
