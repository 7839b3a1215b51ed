//! Stop and resume: what a checkpoint of a run holds.

use std::path::Path;

use gradus_data::{Collate, DataLoader, Dataset};
use gradus_nn::Module;
use gradus_optim::Rule;
use gradus_serialize::{Checkpoint, load, state_dict};

use super::monitor::Monitor;
use super::{Tally, Trainer};
use crate::{Error, History, Result};

impl<M: Module, R: Rule<f32>> Trainer<M, R> {
    /// All that a run needs to go on from here: model, optimizer, random numbers, the position in
    /// the data, history, and the sums of the epoch that is under way.
    ///
    /// # Errors
    /// If two parameters of the model have the same path.
    pub fn checkpoint<D>(&self, train: &DataLoader<D>) -> Result<Checkpoint>
    where
        D: Dataset,
        D::Item: Collate,
    {
        let notes = [
            ("history", self.history.to_csv()),
            ("tally", self.tally.to_text()),
            ("monitor", self.monitor.to_text()),
        ];
        Ok(Checkpoint {
            model: state_dict(&self.model)?,
            optimizer: Some(self.optimizer.state()),
            rng: Some(self.context.rng_state()),
            loader: Some(train.state()),
            epoch: self.epoch,
            step: self.step,
            meta: notes.into_iter().map(|(key, text)| (key.to_string(), text)).collect(),
        })
    }

    /// Goes on from a checkpoint. The model, the optimizer and the loader must have been made with
    /// the same settings as those of the run that wrote it.
    ///
    /// # Errors
    /// If the checkpoint is of another model, optimizer or order of the data, or was not written by
    /// a trainer. The trainer is then unchanged.
    pub fn resume<D>(&mut self, checkpoint: &Checkpoint, train: &DataLoader<D>) -> Result<()>
    where
        D: Dataset,
        D::Item: Collate,
    {
        let note = |key: &str| checkpoint.meta.get(key).map_or("", String::as_str);
        let incomplete = |what: &str| {
            let got = format!("a checkpoint without {what}");
            Error::value("Trainer::resume", got, "one that a trainer wrote")
        };
        let history = History::from_csv(note("history")).map_err(|_| incomplete("a history"))?;
        let tally = Tally::from_text(note("tally")).ok_or_else(|| incomplete("a tally"))?;
        let monitor = Monitor::from_text(note("monitor")).ok_or_else(|| incomplete("a monitor"))?;
        let optimizer = checkpoint.optimizer.clone().ok_or_else(|| incomplete("an optimizer"))?;
        let rng = checkpoint.rng.ok_or_else(|| incomplete("random numbers"))?;
        let position = checkpoint.loader.ok_or_else(|| incomplete("a position in the data"))?;

        // Each of these leaves everything as it was if it fails; what came before is put back.
        let (before, steps) = (train.state(), self.optimizer.state());
        train.restore(position)?;
        let restored = self.optimizer.load_state(optimizer).map_err(Error::from).and_then(|()| {
            load(&mut self.model, &checkpoint.model)?;
            Ok(())
        });
        if let Err(e) = restored {
            train.restore(before)?;
            self.optimizer.load_state(steps)?;
            return Err(e);
        }
        self.context.restore_rng(rng);
        (self.epoch, self.step) = (checkpoint.epoch, checkpoint.step);
        (self.history, self.tally, self.monitor) = (history, tally, monitor);
        Ok(())
    }

    /// Writes what belongs to the end of an epoch, if there is a run folder.
    pub(super) fn write<D>(&self, train: &DataLoader<D>, is_best: bool) -> Result<()>
    where
        D: Dataset,
        D::Item: Collate,
    {
        let Some(folder) = &self.folder else { return Ok(()) };
        let checkpoint = self.checkpoint(train)?;
        checkpoint.save(folder.last_checkpoint())?;
        if is_best {
            checkpoint.save(folder.best_checkpoint())?;
        }
        folder.write_history(&self.history)
    }

    /// Writes the last checkpoint, if there is a run folder.
    pub(super) fn save_last<D>(&self, train: &DataLoader<D>) -> Result<()>
    where
        D: Dataset,
        D::Item: Collate,
    {
        match &self.folder {
            Some(folder) => Ok(self.checkpoint(train)?.save(folder.last_checkpoint())?),
            None => Ok(()),
        }
    }

    /// Takes the weights of a checkpoint, and nothing else.
    ///
    /// # Errors
    /// If the file cannot be read, or is of another model.
    pub fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        load(&mut self.model, &Checkpoint::load(path)?.model)?;
        Ok(())
    }
}
