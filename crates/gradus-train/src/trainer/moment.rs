//! A step under way: from its loss to the update, whatever the types of the model and its optimizer.

use std::collections::BTreeSet;

use gradus_autograd::{Gradients, ParamId, Var};
use gradus_nn::{Context, Entry, Module, ModuleExt};
use gradus_tensor::{AnyTensor, Float, RngState};

use super::{AnyOptimizer, finite};
use crate::{Error, Result};

/// What is known of the step under way, and what is left of it.
pub(super) struct Moment<T: Float> {
    /// Epochs and steps that are complete.
    pub(super) epoch: u64,
    pub(super) step: u64,
    pub(super) training: bool,
    /// How many batches one step takes.
    pub(super) accumulate: u64,
    /// Whether this batch is the last of its epoch, so that the step ends with it.
    pub(super) closing: bool,
    /// Whether the parameters were changed since this was last set to false.
    pub(super) updated: bool,
    /// The gradients of the last update, if somebody wants to see them.
    pub(super) gradients: Option<Gradients<T>>,
    pub(super) keeps_gradients: bool,
    /// What is to be said to the user.
    pub(super) warnings: Vec<String>,
    /// Where the random numbers and the buffers of the model stood before the step.
    pub(super) start: Start,
    sum: Option<Sum<T>>,
    /// The first parameters of models that were looked at for parts that no loss reaches.
    seen: BTreeSet<ParamId>,
}

/// Gradients of batches that wait for others.
struct Sum<T: Float> {
    gradients: Gradients<T>,
    items: usize,
    batches: u64,
}

/// Where a step began.
#[derive(Default)]
pub(super) struct Start {
    rng: RngState,
    buffers: Vec<AnyTensor>,
}

impl Start {
    /// Notes where everything stands.
    pub(super) fn note<T: Float>(
        model: &dyn Module<T>,
        context: &Context,
        has_buffers: bool,
    ) -> Self {
        let mut buffers = Vec::new();
        if has_buffers {
            model.for_each(|_, entry| {
                if let Entry::Buffer(buffer) = entry {
                    buffers.push(buffer.tensor());
                }
            });
        }
        Self { rng: context.rng_state(), buffers }
    }

    /// Goes back there.
    pub(super) fn restore<T: Float>(&self, model: &dyn Module<T>, context: &mut Context) {
        context.restore_rng(self.rng);
        let mut buffers = self.buffers.iter();
        if !self.buffers.is_empty() {
            model.for_each(|_, entry| {
                if let Entry::Buffer(buffer) = entry
                    && let Some(before) = buffers.next()
                {
                    buffer.put(before);
                }
            });
        }
    }
}

impl<T: Float> Moment<T> {
    pub(super) fn new(accumulate: u64) -> Self {
        Self {
            epoch: 0,
            step: 0,
            training: false,
            accumulate,
            closing: false,
            updated: false,
            gradients: None,
            keeps_gradients: false,
            warnings: Vec::new(),
            start: Start::default(),
            sum: None,
            seen: BTreeSet::new(),
        }
    }

    /// One update down a loss.
    pub(super) fn descend(
        &mut self,
        model: &mut dyn Module<T>,
        optimizer: &mut dyn AnyOptimizer<T>,
        loss: Var<T>,
    ) -> Result<()> {
        let gradients = self.differentiate(model, loss)?;
        self.update(model, optimizer, gradients)
    }

    /// The same, for the mean of the losses of several batches, weighted by their items:
    /// `Σ nᵢ gᵢ / Σ nᵢ`, added up in the order of the batches. One batch alone is taken as it is.
    pub(super) fn gather(
        &mut self,
        model: &mut dyn Module<T>,
        optimizer: &mut dyn AnyOptimizer<T>,
        loss: Var<T>,
        items: usize,
    ) -> Result<()> {
        let mut gradients = self.differentiate(model, loss)?;
        let first = self.sum.is_none();
        if self.accumulate == 1 || (first && self.closing) {
            return self.update(model, optimizer, gradients);
        }
        gradients.scale(T::from_f64(items as f64));
        match &mut self.sum {
            None => self.sum = Some(Sum { gradients, items, batches: 1 }),
            Some(sum) => {
                sum.gradients.merge(gradients)?;
                sum.items += items;
                sum.batches += 1;
            }
        }
        if self.closing || self.sum.as_ref().is_some_and(|sum| sum.batches >= self.accumulate) {
            self.flush(model, optimizer)?;
        }
        Ok(())
    }

    /// The update of the batches that wait, if there are any.
    pub(super) fn flush(
        &mut self,
        model: &mut dyn Module<T>,
        optimizer: &mut dyn AnyOptimizer<T>,
    ) -> Result<()> {
        let Some(Sum { mut gradients, items, .. }) = self.sum.take() else { return Ok(()) };
        if items == 0 {
            return Err(Error::value("Step", "0 items in every batch", "the number of items"));
        }
        gradients.scale(T::from_f64(1.0 / items as f64));
        self.update(model, optimizer, gradients)
    }

    /// Whether batches wait for others.
    pub(super) fn waits(&self) -> bool {
        self.sum.is_some()
    }

    /// Forgets the batches that wait.
    pub(super) fn drop_sum(&mut self) {
        self.sum = None;
    }

    /// The gradients of a loss, if it and they are finite.
    fn differentiate(&mut self, model: &dyn Module<T>, loss: Var<T>) -> Result<Gradients<T>> {
        let value = loss.item()?.to_f64();
        let gradients = loss.backward()?;
        finite::check(self.step, value, model, &gradients)?;
        self.look(model, &gradients);
        Ok(gradients)
    }

    /// The first time that a model is seen: warns of parameters that its loss does not reach.
    fn look(&mut self, model: &dyn Module<T>, gradients: &Gradients<T>) {
        let mut first = None;
        model.for_each_param(|_, param| first = first.or(Some(param.id())));
        if first.is_some_and(|first| self.seen.insert(first)) {
            let missing = model.missing(gradients);
            if !missing.is_empty() && missing.len() < model.paths().len() {
                self.warnings.push(format!(
                    "the loss does not depend on {}: as it is, {} never learn; freeze what is not to learn",
                    missing.join(", "),
                    if missing.len() == 1 { "it will" } else { "they will" },
                ));
            }
        }
    }

    fn update(
        &mut self,
        model: &mut dyn Module<T>,
        optimizer: &mut dyn AnyOptimizer<T>,
        gradients: Gradients<T>,
    ) -> Result<()> {
        optimizer.step(model, &gradients)?;
        self.updated = true;
        self.gradients = self.keeps_gradients.then_some(gradients);
        Ok(())
    }
}
