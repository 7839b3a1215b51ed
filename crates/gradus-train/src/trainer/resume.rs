//! Going on from a checkpoint.

use std::path::Path;

use gradus_data::LoaderState;
use gradus_nn::{Context, Module, ModuleExt};
use gradus_optim::OptimizerState;
use gradus_serialize::{Checkpoint, StateDict, check, load};
use gradus_tensor::{Float, concrete};

use super::average::Averaged;
use super::capture::*;
use super::monitor::Monitor;
use super::save::Saver;
use super::state::State;
use super::{Optimizers, Source, Tally, Trainer};
use crate::{Error, History, Result};

const OP: &str = "Trainer::resume";
/// More epochs and steps than a run can come to; so counting goes on without a look at the end of numbers.
const MOST: u64 = 1 << 53;

impl<M: Module<T>, O: Optimizers<T>, T: Float> Trainer<M, O, T> {
    /// All that a run needs to go on from here: the model, the optimizers, random numbers, the positions in the data,
    /// history, the sums of the epoch that is under way, averages, the best weights if they are to be restored.
    ///
    /// # Errors
    /// If two parameters of the model have the same path.
    pub fn checkpoint<S: Source>(&self, train: &S) -> Result<Checkpoint<T>> {
        let whole = Whole {
            model: &self.model,
            optimizers: &self.optimizer,
            context: &self.context,
            position: train.state(),
            about: train.about(),
            state: &self.state,
        };
        concrete!(checkpoint: fn(&Whole<'_, T>, &History) -> Result<Checkpoint<T>>)(
            &whole,
            &self.history,
        )
    }

    /// Goes on from a checkpoint. The model, the optimizers and the loaders must have been made with the same settings as
    /// those of the run that wrote it; what can be seen to differ is refused. How many epochs there are, when to stop, and
    /// what is written when may be other. Which parameters are frozen is as it was in that run.
    ///
    /// # Errors
    /// If the checkpoint is of another model, rule, number of optimizers or order of the data, of other data or
    /// batches, or was not written by a trainer. The trainer is then unchanged.
    pub fn resume<S: Source>(&mut self, checkpoint: &Checkpoint<T>, train: &S) -> Result<()> {
        let mut target = Target {
            model: &mut self.model,
            optimizers: &mut self.optimizer,
            context: &mut self.context,
            history: &mut self.history,
            state: &mut self.state,
            train: &At(train),
        };
        concrete!(resume: fn(&mut Target<'_, T>, &Checkpoint<T>) -> Result<()>)(
            &mut target,
            checkpoint,
        )
    }

    /// Goes on from the last checkpoint in the run folder, if there is one; says whether there was. A program that calls this
    /// goes on where it was killed, when it is started by the same command again.
    ///
    /// # Errors
    /// If there is a checkpoint and it cannot be read, and as [`resume`](Trainer::resume).
    pub fn resume_if_any<S: Source>(&mut self, train: &S) -> Result<bool> {
        let Some(folder) = &self.state.settings.folder else { return Ok(false) };
        let path = folder.last_checkpoint();
        if !path.exists() {
            return Ok(false);
        }
        self.resume(&Checkpoint::load_as(path)?, train)?;
        Ok(true)
    }

    /// Takes the weights of a checkpoint, and nothing else.
    ///
    /// # Errors
    /// If the file cannot be read, or is of another model.
    pub fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        load(&mut self.model, &Checkpoint::<T>::load_as(path)?.model)?;
        Ok(())
    }
}

fn checkpoint<T: Float>(whole: &Whole<'_, T>, history: &History) -> Result<Checkpoint<T>> {
    let mut checkpoint = whole.capture()?;
    note_history(&mut checkpoint, history);
    Ok(checkpoint)
}

/// Where a source stands, whatever its batches are.
trait Place {
    fn state(&self) -> LoaderState;
    fn restore(&self, state: LoaderState) -> Result<()>;
    fn about(&self) -> String;
}

struct At<'s, S>(&'s S);

impl<S: Source> Place for At<'_, S> {
    fn state(&self) -> LoaderState {
        self.0.state()
    }
    fn restore(&self, state: LoaderState) -> Result<()> {
        Ok(self.0.restore(state)?)
    }
    fn about(&self) -> String {
        self.0.about()
    }
}

/// What is to go on.
struct Target<'t, T: Float> {
    model: &'t mut dyn Module<T>,
    optimizers: &'t mut dyn Optimizers<T>,
    context: &'t mut Context,
    history: &'t mut History,
    state: &'t mut State<T>,
    train: &'t dyn Place,
}

fn resume<T: Float>(target: &mut Target<'_, T>, checkpoint: &Checkpoint<T>) -> Result<()> {
    let incomplete = |what: &str| {
        let got = format!("a checkpoint without {what}");
        Error::value(OP, got, "one that a trainer wrote")
    };
    let note = |key: &str| checkpoint.meta.get(key).map(String::as_str);
    let text = |key: &str| note(key).unwrap_or_default();
    let mut history = History::from_csv(text(HISTORY)).map_err(|_| incomplete("a history"))?;
    history.explain_all(text(UNITS));
    let monitor = Monitor::from_text(text(MONITOR)).ok_or_else(|| incomplete("a monitor"))?;
    let further = &checkpoint.further;
    let sums = further.bytes.get(TALLY).ok_or_else(|| incomplete("sums"))?;
    let tally = Tally::from_bytes(sums).ok_or_else(|| incomplete("sums that can be read"))?;
    let numbers = numbers(text(PROGRESS)).ok_or_else(|| incomplete("its rates"))?;
    let [seconds, loss, rates @ ..] = &numbers[..] else { return Err(incomplete("its rates")) };
    let rng = checkpoint.rng.ok_or_else(|| incomplete("random numbers"))?;
    let position = checkpoint.loader.ok_or_else(|| incomplete("a position in the data"))?;
    let counts = [checkpoint.epoch, checkpoint.step, position.epoch, position.batch];
    if counts.iter().any(|&count| count > MOST) {
        let got = format!("a checkpoint of {} epochs and {} steps", counts[0], counts[1]);
        return Err(Error::value(OP, got, format!("one of at most {MOST} each")));
    }
    let seed = |state: LoaderState| state.seed.to_string();
    same("the seed of the training data", &seed(position), &seed(target.train.state()))?;
    same("the training data", text(DATA), &target.train.about())?;
    for (then, now) in text(SETTINGS).lines().zip(target.state.settings.fixed().lines()) {
        same("the settings", then, now)?;
    }
    let model = further.weights.get(TRAINED).unwrap_or(&checkpoint.model);
    let averaged = match (target.state.settings.average, further.weights.get(AVERAGE)) {
        (Some(of), Some(dict)) if !dict.is_empty() => {
            let count = text(AVERAGE).parse().map_err(|_| incomplete("the count of an average"))?;
            check(&*target.model, model).strict()?;
            Some(Averaged::load(of, &*target.model, dict, count)?)
        }
        (of, _) => of.map(Averaged::new),
    };

    // Each of these leaves everything as it was if it fails; what came before is put back.
    let before = target.train.state();
    target.train.restore(position)?;
    if let Err(error) = load_both(target, model, checkpoint) {
        target.train.restore(before)?;
        return Err(error);
    }
    let frozen: std::collections::BTreeSet<&str> = text(FROZEN).lines().collect();
    target.model.for_each_param_mut(|path, param| match frozen.contains(path) {
        true => param.freeze(),
        false => param.unfreeze(),
    });
    target.context.restore_rng(rng);
    *target.history = history;
    let state = &mut *target.state;
    (state.epoch, state.step) = (checkpoint.epoch, checkpoint.step);
    (state.trained, state.seconds, state.loss) = (note(CLOSING).is_some(), *seconds, *loss);
    (state.rates, state.tally, state.monitor) = (rates.to_vec(), tally, monitor);
    let validation = further.loaders.get(VALIDATION).copied();
    state.validation = validation.map(|position| (position, text(VALIDATION).to_string()));
    (state.moves_validation, state.resumed) = (true, true);
    state.saver = Saver::default();
    (state.best, state.averaged) = (further.weights.get(BEST).cloned(), averaged);
    state.id = text(RUN).to_string();
    Ok(())
}

/// Loads the optimizers and the model, or neither.
fn load_both<T: Float>(
    target: &mut Target<'_, T>,
    model: &StateDict,
    checkpoint: &Checkpoint<T>,
) -> Result<()> {
    let mut saved: Vec<(&str, &OptimizerState<T>)> =
        checkpoint.optimizer.iter().map(|state| ("", state)).collect();
    let others = checkpoint.further.optimizers.iter();
    saved.extend(others.map(|(name, state)| (name.as_str(), state)));
    let list = |names: &[&str]| match names {
        [] => "no optimizer".to_string(),
        [""] => "one optimizer".to_string(),
        names => format!("the optimizers {}", names.join(", ")),
    };
    let mut optimizers = target.optimizers.all_mut();
    let mut names: [Vec<&str>; 2] =
        [saved.iter().map(|one| one.0).collect(), optimizers.iter().map(|one| one.0).collect()];
    names.iter_mut().for_each(|names| names.sort_unstable());
    if names[0] != names[1] {
        let [got, wanted] = names.map(|names| list(&names));
        return Err(Error::value(OP, format!("a checkpoint of {got}"), wanted));
    }
    let before: Vec<OptimizerState<T>> = optimizers.iter().map(|(_, one)| one.state()).collect();
    let mut result = Ok(());
    for (name, optimizer) in &mut optimizers {
        let state = saved.iter().find(|(of, _)| of == name).map(|(_, state)| (*state).clone());
        if let (Ok(()), Some(state)) = (&result, state) {
            result = optimizer.load_state(state);
        }
    }
    let result = result.and_then(|()| Ok(load(target.model, model).map(drop)?));
    if result.is_err() {
        for ((_, optimizer), state) in optimizers.iter_mut().zip(before) {
            optimizer.load_state(state)?;
        }
    }
    result
}

/// Refuses what is not as it was.
pub(super) fn same(what: &str, then: &str, now: &str) -> Result<()> {
    if then == now {
        return Ok(());
    }
    let wanted =
        format!("{then}, as in the checkpoint: only so the run goes on as if it had never stopped");
    Err(Error::value(OP, format!("{what} {now}"), wanted))
}
