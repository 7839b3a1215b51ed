//! What is refused before anything is trained.

use gradus_data::LoaderState;
use gradus_serialize::Checkpoint;
use gradus_tensor::Float;

use super::average::Averaged;
use super::capture::RUN;
use super::parts::{Part, Parts};
use super::resume::same;
use super::state::Run;
use crate::{Error, Result};

impl<T: Float> Run<'_, T> {
    /// A folder that holds another run is not overwritten.
    pub(super) fn check_folder(&mut self) -> Result<()> {
        let state = &mut *self.state;
        if state.averaged.is_none() {
            state.averaged = state.settings.average.map(Averaged::new);
        }
        if state.id.is_empty() {
            state.id = new_id();
        }
        let Some(folder) = &state.settings.folder else { return Ok(()) };
        if state.saver.has_written() || !folder.holds_run() {
            return Ok(());
        }
        let path = folder.last_checkpoint();
        if state.resumed && path.exists() {
            let there = Checkpoint::<T>::load_as(&path)?;
            if there.meta.get(RUN) == Some(&state.id) {
                return Ok(());
            }
        }
        let mine =
            if state.resumed { "a checkpoint that this trainer goes on from" } else { "no run" };
        let wanted = format!(
            "a folder with {mine}; resume from {}, remove it, or choose another folder",
            path.display()
        );
        Err(Error::value(
            "Trainer::fit",
            format!("{} with a run in it", folder.path().display()),
            wanted,
        ))
    }

    /// The data of validation are those of the checkpoint, and neither part is empty.
    pub(super) fn check_data(&mut self, parts: &mut dyn Parts<T>) -> Result<()> {
        let before = self.state.validation.clone().filter(|_| self.state.moves_validation);
        let goes_on = self.state.epoch > 0 && self.state.epoch < self.state.settings.epochs;
        match (before, parts.validates()) {
            (Some((position, about)), true) => {
                let seed = |state: LoaderState| state.seed.to_string();
                let now = parts.position(Part::Validation);
                same("the seed of the validation data", &seed(position), &seed(now))?;
                same("the validation data", &about, &self.about(parts, Part::Validation))?;
                if !parts.shares() {
                    parts.restore(Part::Validation, position)?;
                }
            }
            // By which value an epoch is the best would change on the way.
            (Some((_, about)), false) if goes_on => same("the validation data", &about, "none")?,
            (None, true) if goes_on && self.state.moves_validation => {
                same("the validation data", "none", &self.about(parts, Part::Validation))?;
            }
            _ => {}
        }
        self.state.moves_validation = false;
        if self.state.epoch >= self.state.settings.epochs {
            return Ok(());
        }
        for (part, name) in [(Part::Train, "training"), (Part::Validation, "validation")] {
            if (part == Part::Train || parts.validates()) && parts.steps(part) == Some(0) {
                // The source says best what is wrong with it.
                parts.begin(part);
                parts.fetch()?;
                let got = format!("no batches to make {name} on ({})", parts.about(part));
                return Err(Error::value("Trainer::fit", got, "at least one"));
            }
        }
        Ok(())
    }
}

/// A name for a run that no other has: when it began, and in which process.
fn new_id() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanos = since.map_or(0, |since| since.as_nanos());
    format!("{nanos:x}-{:x}", std::process::id())
}
