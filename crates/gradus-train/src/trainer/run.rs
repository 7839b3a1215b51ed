//! The loop.
//!
//! For each batch: the loss, its gradients, an update. For each epoch: a look at data that training never sees, a row of
//! history, checkpoints. What happens within a step is in `moment.rs`; what belongs to the end of an epoch in `epoch.rs`.
//!
//! Whatever ends it, the position is that of the last complete step, and a step that failed is as if it had never begun.

use std::time::Instant;

use gradus_data::LoaderState;
use gradus_tensor::Float;

use super::hooks::{News, When};
use super::moment::{Moment, Start};
use super::parts::{Part, Parts};
use super::state::{Run, has_buffers, rates};
use super::{Outcome, Step, interrupt};
use crate::{Error, Result};

/// How the training part of an epoch ended.
enum Pass {
    Complete,
    Ended(Outcome),
}

/// Trains to the last epoch, or to what ends it before.
pub(super) fn run<T: Float>(run: &mut Run<'_, T>, parts: &mut dyn Parts<T>) -> Result<Outcome> {
    run.state.settings.validate()?;
    parts.optimizers().all().iter().try_for_each(|(_, optimizer)| optimizer.validate())?;
    run.check_folder()?;
    run.check_data(parts)?;
    run.check_names(parts)?;
    let listener = interrupt::Listener::start(run.state.settings.folder.is_some());
    let result = run.epochs(parts, &listener);
    let result = match result {
        Ok(outcome) => run.finish(parts, outcome).map(|()| outcome),
        Err(error) => Err(run.give_up(parts, error)),
    };
    run.progress.finish();
    if let (Ok(Outcome::Interrupted), Some(folder)) = (&result, &run.state.settings.folder) {
        run.progress.warn(&format!(
            "interrupted after step {}: {} has everything; resume from it to go on",
            run.state.step,
            folder.last_checkpoint().display(),
        ));
    }
    result
}

impl<T: Float> Run<'_, T> {
    fn epochs(
        &mut self,
        parts: &mut dyn Parts<T>,
        listener: &interrupt::Listener,
    ) -> Result<Outcome> {
        let mut moment = Moment::new(self.state.settings.accumulate);
        moment.keeps_gradients = self.follows_steps;
        let batch =
            if self.state.tally.items() == 0 { 0 } else { parts.position(Part::Train).batch };
        let epoch = self.state.epoch as usize;
        self.progress.start_with(epoch.saturating_add(1), batch as usize, self.state.tally.items());
        loop {
            if self.state.monitor.stalled(self.state.settings.patience) {
                return Ok(Outcome::Stalled);
            }
            if self.state.epoch >= self.state.settings.epochs {
                return Ok(Outcome::Finished);
            }
            if self.state.settings.stop_after.is_some_and(|stop| self.state.step >= stop) {
                return Ok(Outcome::Stopped);
            }
            let clock = Instant::now();
            let pass = match self.state.trained {
                true => Ok(Pass::Complete),
                false => self.train(parts, &mut moment, listener),
            };
            self.state.seconds += clock.elapsed().as_secs_f64();
            if let Pass::Ended(outcome) = pass? {
                return Ok(outcome);
            }
            self.state.trained = true;
            if let Some(outcome) = self.close_epoch(parts, &mut moment, listener)? {
                return Ok(outcome);
            }
        }
    }

    /// Trains to the end of the epoch under way.
    fn train(
        &mut self,
        parts: &mut dyn Parts<T>,
        moment: &mut Moment<T>,
        listener: &interrupt::Listener,
    ) -> Result<Pass> {
        parts.begin(Part::Train);
        // Where the loader stands before the batches of the step under way.
        let mut before = parts.position(Part::Train);
        let result = self.steps(parts, moment, listener, &mut before);
        match &result {
            Ok(Pass::Complete) => {}
            // Without this, the loader would take an abandoned epoch for a finished one.
            Ok(Pass::Ended(_)) => parts.restore(Part::Train, parts.position(Part::Train))?,
            Err(_) => {
                parts.restore(Part::Train, before)?;
                moment.start.restore(parts.model(), self.context);
                moment.drop_sum();
            }
        }
        result
    }

    fn steps(
        &mut self,
        parts: &mut dyn Parts<T>,
        moment: &mut Moment<T>,
        listener: &interrupt::Listener,
        before: &mut LoaderState,
    ) -> Result<Pass> {
        let has_buffers = has_buffers(parts.model());
        let length = parts.steps(Part::Train);
        (moment.training, moment.epoch) = (true, self.state.epoch);
        moment.start = Start::note(parts.model(), self.context, has_buffers);
        // What the batches of the step under way gave.
        let mut given: Vec<Step<T>> = Vec::new();
        let mut first = true;
        loop {
            let more = parts.fetch()?;
            if !more && !moment.waits() {
                if first && self.state.tally.items() == 0 {
                    return Err(nothing("training"));
                }
                return Ok(Pass::Complete);
            }
            first = false;
            (moment.step, moment.updated) = (self.state.step, false);
            let rates = rates(parts.optimizers());
            if more {
                let position = parts.position(Part::Train).batch;
                moment.closing = length.is_some_and(|length| position >= length as u64);
                given.push(parts.step(moment, self.context)?);
                if moment.waits() {
                    continue;
                }
            } else {
                flush(parts, moment)?;
            }
            // From here on the step is complete, whatever comes.
            *before = parts.position(Part::Train);
            moment.start = Start::note(parts.model(), self.context, has_buffers);
            self.count(&given, rates, !more)?;
            if self.state.step == 1 {
                self.check_trained(parts)?;
            }
            given.clear();
            if let Some(averaged) = &mut self.state.averaged {
                averaged.step(parts.model())?;
            }
            let stop = self.tell(parts, moment)?;
            let state = &mut *self.state;
            if stop || state.settings.stop_after.is_some_and(|stop| state.step >= stop) {
                return Ok(Pass::Ended(Outcome::Stopped));
            }
            if listener.heard() {
                return Ok(Pass::Ended(Outcome::Interrupted));
            }
            if state.settings.save_every.is_some_and(|n| state.step.is_multiple_of(n)) {
                self.save_within(parts)?;
            }
        }
    }

    /// Takes a complete step in.
    fn count(&mut self, given: &[Step<T>], rates: Vec<f64>, trained: bool) -> Result<()> {
        let state = &mut *self.state;
        (state.rates, state.trained) = (rates, trained);
        state.step += 1;
        for step in given {
            state.loss = state.tally.add(step)?;
        }
        Ok(())
    }

    /// Shows the step, and calls whoever wants to know of it; says whether to stop.
    fn tell(&mut self, parts: &mut dyn Parts<T>, moment: &mut Moment<T>) -> Result<bool> {
        let Self { state, progress, .. } = self;
        for warning in moment.warnings.drain(..) {
            progress.warn(&format!("warning: {warning}"));
            state.warnings.push(warning);
        }
        progress.advance(state.tally.items(), || state.tally.line());
        if !self.follows_steps {
            return Ok(false);
        }
        let mut news = News {
            epoch: state.epoch,
            step: state.step,
            loss: state.loss,
            train: &state.tally,
            validation: None,
            gradients: moment.gradients.as_ref(),
            is_best: false,
            stop: false,
            lines: Vec::new(),
        };
        parts.call(When::Step, &mut news)?;
        news.lines.iter().for_each(|line| progress.print(line));
        Ok(news.stop)
    }
}

/// The error of an epoch without batches, of a source that does not know how many it has.
pub(super) fn nothing(part: &str) -> Error {
    Error::value("Trainer::fit", format!("no batches in an epoch of {part}"), "at least one")
}

/// The update of batches that are left at the end of an epoch whose length was not known.
fn flush<T: Float>(parts: &mut dyn Parts<T>, moment: &mut Moment<T>) -> Result<()> {
    let (model, optimizers) = parts.both();
    match &mut optimizers.all_mut()[..] {
        [(_, optimizer)] => moment.flush(model, *optimizer),
        others => {
            let got = format!("{} optimizers", others.len());
            Err(Error::value("accumulate", got, "one"))
        }
    }
}
