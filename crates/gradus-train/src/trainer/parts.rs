//! The parts of a run whose types the user chose, and what the loop knows of them.
//!
//! The loop itself is compiled once, in this crate. What a user's crate compiles is the shell: fetching a batch, calling
//! the step, calling back.

use gradus_data::LoaderState;
use gradus_nn::{Context, Module};
use gradus_tensor::Float;

use super::hooks::{Hooks, News, When};
use super::moment::Moment;
use super::{Optimizers, Source, Step, Turn};
use crate::Result;

/// Which data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Train,
    Validation,
}

/// The parts of a run.
pub(super) trait Parts<T: Float> {
    fn model(&self) -> &dyn Module<T>;

    fn optimizers(&self) -> &dyn Optimizers<T>;

    /// The model and its optimizers, to be changed.
    fn both(&mut self) -> (&mut dyn Module<T>, &mut dyn Optimizers<T>);

    /// Whether there is validation.
    fn validates(&self) -> bool;

    /// See [`Source::steps`].
    fn steps(&self, part: Part) -> Option<usize>;

    /// See [`Source::about`].
    fn about(&self, part: Part) -> String;

    /// See [`Source::state`].
    fn position(&self, part: Part) -> LoaderState;

    /// See [`Source::restore`]. What is left of an epoch under way is given up.
    fn restore(&mut self, part: Part, state: LoaderState) -> Result<()>;

    /// Starts an epoch, or goes on with one.
    fn begin(&mut self, part: Part);

    /// Fetches a batch; says whether there was one.
    fn fetch(&mut self) -> Result<bool>;

    /// Runs the step on the batch.
    fn step(&mut self, moment: &mut Moment<T>, context: &mut Context) -> Result<Step<T>>;

    /// Calls back.
    fn call(&mut self, when: When, news: &mut News<'_, T>) -> Result<()>;
}

/// The batches of an epoch under way.
type Batches<'a, B> = Box<dyn Iterator<Item = gradus_data::Result<B>> + 'a>;

/// The parts as they are.
pub(super) struct Shell<'a, M, O, T: Float, B, F> {
    pub(super) model: &'a mut M,
    pub(super) optimizer: &'a mut O,
    pub(super) hooks: &'a mut Hooks<M, O, T>,
    pub(super) train: &'a dyn Source<Batch = B>,
    pub(super) validation: Option<&'a dyn Source<Batch = B>>,
    pub(super) batches: Option<Batches<'a, B>>,
    pub(super) batch: Option<B>,
    pub(super) step: F,
}

impl<'a, M, O, T: Float, B, F> Shell<'a, M, O, T, B, F> {
    /// The data of a part. The loop asks for validation only where there is some.
    fn source(&self, part: Part) -> &'a dyn Source<Batch = B> {
        match part {
            Part::Train => self.train,
            Part::Validation => self.validation.unwrap_or(self.train),
        }
    }
}

impl<M, O, T, B, F> Parts<T> for Shell<'_, M, O, T, B, F>
where
    M: Module<T>,
    O: Optimizers<T>,
    T: Float,
    F: FnMut(&mut Turn<'_, M, O, T>, &B) -> Result<Step<T>>,
{
    fn model(&self) -> &dyn Module<T> {
        self.model
    }

    fn optimizers(&self) -> &dyn Optimizers<T> {
        self.optimizer
    }

    fn both(&mut self) -> (&mut dyn Module<T>, &mut dyn Optimizers<T>) {
        (self.model, self.optimizer)
    }

    fn validates(&self) -> bool {
        self.validation.is_some()
    }

    fn steps(&self, part: Part) -> Option<usize> {
        self.source(part).steps()
    }

    fn about(&self, part: Part) -> String {
        self.source(part).about()
    }

    fn position(&self, part: Part) -> LoaderState {
        self.source(part).state()
    }

    fn restore(&mut self, part: Part, state: LoaderState) -> Result<()> {
        (self.batches, self.batch) = (None, None);
        Ok(self.source(part).restore(state)?)
    }

    fn begin(&mut self, part: Part) {
        self.batches = Some(self.source(part).batches());
    }

    fn fetch(&mut self) -> Result<bool> {
        // The one before goes first, so that its memory can be used again.
        self.batch = None;
        self.batch = match &mut self.batches {
            Some(batches) => batches.next().transpose()?,
            None => None,
        };
        if self.batch.is_none() {
            self.batches = None;
        }
        Ok(self.batch.is_some())
    }

    fn step(&mut self, moment: &mut Moment<T>, context: &mut Context) -> Result<Step<T>> {
        let Some(batch) = &self.batch else {
            return Err(crate::Error::value("Trainer::fit", "a step without a batch", "a batch"));
        };
        let (model, optimizer) = (&mut *self.model, &mut *self.optimizer);
        (self.step)(&mut Turn { model, optimizer, context, moment }, batch)
    }

    fn call(&mut self, when: When, news: &mut News<'_, T>) -> Result<()> {
        self.hooks.call(when, self.model, self.optimizer, news)
    }
}
