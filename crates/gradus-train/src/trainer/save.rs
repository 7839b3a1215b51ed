//! When files are written.
//!
//! Epochs may be shorter than it takes to put a file on the disk, so what belongs to the end of an epoch is written at most
//! once in a while. Until then it waits here. Tensors are shared, so that costs little. When training ends, is
//! stopped or fails, everything is written; a kill loses what it would have lost within a longer epoch, and the run goes on
//! from the checkpoint to the same bits.
//!
//! `best.ckpt` is written before `last.ckpt`: a kill between them leaves a best epoch that the resumed run comes to again.

use std::path::PathBuf;
use std::time::Instant;

use gradus_serialize::{Checkpoint, StateDict};
use gradus_tensor::Float;

use super::Outcome;
use super::capture::{CLOSING, TRAINED, Whole, note_history};
use super::parts::{Part, Parts};
use super::state::{Run, State};
use crate::{Error, History, Result, RunFolder};

/// What waits to be written.
pub(super) struct Saver<T: Float> {
    wrote: Option<Instant>,
    drew: Option<Instant>,
    last: Option<Waiting<T>>,
    best: Option<Waiting<T>>,
    /// Epochs, steps and whether the epoch is trained, of what `last.ckpt` has.
    at: Option<(u64, u64, bool)>,
}

impl<T: Float> Default for Saver<T> {
    fn default() -> Self {
        Self { wrote: None, drew: None, last: None, best: None, at: None }
    }
}

/// A checkpoint whose history is still to be written down: so many rows of it.
struct Waiting<T: Float> {
    checkpoint: Checkpoint<T>,
    rows: usize,
}

impl<T: Float> Waiting<T> {
    fn write(&mut self, path: PathBuf, history: &History) -> Result<()> {
        let mut history = history.clone();
        history.truncate(self.rows);
        note_history(&mut self.checkpoint, &history);
        Ok(self.checkpoint.save(path)?)
    }
}

impl<T: Float> Saver<T> {
    /// Writes what waits.
    fn write(&mut self, folder: &RunFolder, history: &History) -> Result<()> {
        // What cannot be written waits on.
        if let Some(best) = &mut self.best {
            best.write(folder.best_checkpoint(), history)?;
            self.best = None;
        }
        if let Some(last) = &mut self.last {
            last.write(folder.last_checkpoint(), history)?;
            let Checkpoint { epoch, step, meta, .. } = &last.checkpoint;
            self.at = Some((*epoch, *step, meta.contains_key(CLOSING)));
            self.last = None;
            folder.write_history(history)?;
        }
        self.wrote = Some(Instant::now());
        Ok(())
    }

    /// Whether it wrote into its folder.
    pub(super) fn has_written(&self) -> bool {
        self.at.is_some()
    }

    /// Up to which epoch and step everything is on the disk.
    pub(super) fn written(&self) -> Option<(u64, u64)> {
        self.at.map(|(epoch, step, _)| (epoch, step))
    }
}

/// Where a run stands: epochs, steps, whether the epoch under way is trained.
pub(super) fn position<T: Float>(state: &State<T>) -> (u64, u64, bool) {
    (state.epoch, state.step, state.trained)
}

impl<T: Float> Run<'_, T> {
    /// The run as it stands.
    fn waiting(&self, parts: &dyn Parts<T>) -> Result<Waiting<T>> {
        let whole = Whole {
            model: parts.model(),
            optimizers: parts.optimizers(),
            context: self.context,
            position: parts.position(Part::Train),
            about: self.about(parts, Part::Train),
            state: self.state,
        };
        Ok(Waiting { checkpoint: whole.capture()?, rows: self.history.len() })
    }

    /// At the end of an epoch: the last checkpoint, and the best one if there are weights of it.
    pub(super) fn save_epoch(
        &mut self,
        parts: &mut dyn Parts<T>,
        best: Option<StateDict>,
    ) -> Result<()> {
        let Some(folder) = self.state.settings.folder.clone() else { return Ok(()) };
        let last = self.waiting(parts)?;
        if let Some(weights) = best {
            let mut checkpoint = last.checkpoint.clone();
            if self.state.averaged.is_some() {
                let trained = std::mem::replace(&mut checkpoint.model, weights);
                checkpoint.further.weights.insert(TRAINED.into(), trained);
            }
            self.state.saver.best = Some(Waiting { checkpoint, rows: last.rows });
        }
        self.state.saver.last = Some(last);
        if self.is_due() {
            self.state.saver.write(&folder, self.history)?;
            self.draw(&folder, false)?;
        }
        Ok(())
    }

    /// Within an epoch, if it is not too soon.
    pub(super) fn save_within(&mut self, parts: &mut dyn Parts<T>) -> Result<()> {
        match self.is_due() {
            true => self.save_now(parts),
            false => Ok(()),
        }
    }

    fn is_due(&self) -> bool {
        self.state.saver.wrote.is_none_or(|then| then.elapsed() >= self.state.settings.pause)
    }

    /// The run as it stands, and what waits, unless it is on the disk.
    fn save_now(&mut self, parts: &mut dyn Parts<T>) -> Result<()> {
        let Some(folder) = self.state.settings.folder.clone() else { return Ok(()) };
        if self.state.saver.at != Some(position(self.state)) {
            self.state.saver.last = Some(self.waiting(parts)?);
        }
        self.state.saver.write(&folder, self.history)
    }

    /// Draws the curves, if that is due: it takes longer than a small epoch.
    fn draw(&mut self, folder: &RunFolder, at_once: bool) -> Result<()> {
        let saver = &mut self.state.saver;
        let drew = *saver.drew.get_or_insert_with(Instant::now);
        let due = drew.elapsed() >= 10 * self.state.settings.pause;
        if (at_once || due) && !self.history.is_empty() {
            folder.write_curves(self.history)?;
            saver.drew = Some(Instant::now());
        }
        Ok(())
    }

    /// When training has ended: everything is written, and the model gets the best weights if that is asked for.
    pub(super) fn finish(&mut self, parts: &mut dyn Parts<T>, outcome: Outcome) -> Result<()> {
        // A run that was at its end before may stand before what its folder has.
        if position(self.state) != self.start {
            self.save_now(parts)?;
            if let Some(folder) = self.state.settings.folder.clone() {
                self.draw(&folder, true)?;
            }
        }
        if let (Outcome::Finished | Outcome::Stalled, Some(best)) = (outcome, &self.state.best)
            && self.state.settings.restore_best
        {
            gradus_serialize::load(parts.both().0, best)?;
        }
        Ok(())
    }

    /// When training has failed: what is sound is written. The error that comes back is the one that came first.
    pub(super) fn give_up(&mut self, parts: &mut dyn Parts<T>, error: Error) -> Error {
        let Some(folder) = self.state.settings.folder.clone() else { return error };
        let Error::NotFinite { step, what, .. } = error else {
            // A name of a metric that is not right is no reason to call the folder taken.
            let a_name =
                matches!(error, Error::Value { op: "Trainer::best" | "Trainer::observe", .. });
            if self.state.saver.has_written() || (position(self.state) != self.start && !a_name) {
                // A disk that is full says so at the next try.
                let _ = self.save_now(parts);
            }
            return error;
        };
        // The parameters may be on their way to infinity, so the run as it stands is not written: what waits is older.
        let _ = self.state.saver.write(&folder, self.history);
        let kept = match self.state.saver.written() {
            Some((epoch, step)) => format!(
                "; {} has the run as it was after {epoch} epochs and {step} steps",
                folder.last_checkpoint().display()
            ),
            None => String::new(),
        };
        Error::NotFinite { step, what, kept }
    }
}
