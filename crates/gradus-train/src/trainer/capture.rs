//! What a checkpoint of a run holds.
//!
//! | part of the checkpoint | what is in it |
//! |---|---|
//! | `model` | the weights of training; in `best.ckpt`, where averages are kept, the averaged ones |
//! | `optimizer`, `further.optimizers` | one optimizer, or several by name |
//! | `rng`, `loader`, `further.loaders` | random numbers, the position in the training data, that of validation |
//! | `meta` | the history, what is best so far, which parameters are frozen, the settings that must stay |
//! | `further.bytes` | the sums of the metrics in the epoch under way |
//! | `further.weights` | averages, and the best weights if they are to be restored |

use std::collections::BTreeMap;

use gradus_data::LoaderState;
use gradus_nn::{Context, Module, ModuleExt};
use gradus_serialize::{Checkpoint, Further, state_dict};
use gradus_tensor::Float;

use super::Optimizers;
use super::state::State;
use crate::{History, Result};

pub(super) const HISTORY: &str = "history";
pub(super) const UNITS: &str = "units";
pub(super) const MONITOR: &str = "monitor";
pub(super) const CLOSING: &str = "closing";
pub(super) const TRAINED: &str = "trained";
pub(super) const FROZEN: &str = "frozen";
pub(super) const PROGRESS: &str = "progress";
pub(super) const DATA: &str = "data";
pub(super) const VALIDATION: &str = "validation";
pub(super) const SETTINGS: &str = "settings";
pub(super) const RUN: &str = "run";
pub(super) const AVERAGE: &str = "average";
pub(super) const BEST: &str = "best";
pub(super) const TALLY: &str = "tally";

/// All that a checkpoint is made from.
pub(super) struct Whole<'w, T: Float> {
    pub(super) model: &'w dyn Module<T>,
    pub(super) optimizers: &'w dyn Optimizers<T>,
    pub(super) context: &'w Context,
    pub(super) position: LoaderState,
    pub(super) about: String,
    pub(super) state: &'w State<T>,
}

impl<T: Float> Whole<'_, T> {
    /// The checkpoint, without the history.
    pub(super) fn capture(&self) -> Result<Checkpoint<T>> {
        let Self { model, optimizers, context, position, about, state } = self;
        let mut meta: BTreeMap<String, String> = BTreeMap::new();
        let mut note = |key: &str, text: String| meta.insert(key.into(), text);
        note(MONITOR, state.monitor.to_text());
        note(FROZEN, frozen(*model).join("\n"));
        note(PROGRESS, progress(state));
        note(DATA, about.clone());
        note(SETTINGS, state.settings.fixed());
        note(RUN, state.id.clone());
        if state.trained {
            note(CLOSING, String::new());
        }
        let mut further = Further::default();
        if let Some((position, about)) = &state.validation {
            note(VALIDATION, about.clone());
            further.loaders.insert(VALIDATION.into(), *position);
        }
        if let Some(averaged) = &state.averaged {
            note(AVERAGE, averaged.count.to_string());
            further.weights.insert(AVERAGE.into(), averaged.save(*model));
        }
        if let Some(best) = &state.best {
            further.weights.insert(BEST.into(), best.clone());
        }
        further.bytes.insert(TALLY.into(), state.tally.to_bytes()?);
        let mut optimizer = None;
        for (name, one) in optimizers.all() {
            match name {
                "" => optimizer = Some(one.state()),
                name => drop(further.optimizers.insert(name.into(), one.state())),
            }
        }
        Ok(Checkpoint {
            model: state_dict(*model)?,
            optimizer,
            rng: Some(context.rng_state()),
            loader: Some(*position),
            epoch: state.epoch,
            step: state.step,
            meta,
            further,
        })
    }
}

/// Writes the history into a checkpoint, and how it is to be shown.
pub(super) fn note_history<T: Float>(checkpoint: &mut Checkpoint<T>, history: &History) {
    checkpoint.meta.insert(HISTORY.into(), history.to_csv());
    checkpoint.meta.insert(UNITS.into(), history.explained());
}

/// The paths of the parameters that do not learn.
pub(super) fn frozen<T: Float>(model: &dyn Module<T>) -> Vec<String> {
    let mut paths = Vec::new();
    model.for_each_param(|path, param| {
        if param.is_frozen() {
            paths.push(path.to_string());
        }
    });
    paths
}

/// The numbers of the epoch under way: its time, the last loss, and the rates of the last step; their bits.
fn progress<T: Float>(state: &State<T>) -> String {
    let numbers = [state.seconds, state.loss].into_iter().chain(state.rates.iter().copied());
    numbers.map(|x| format!("{:x}", x.to_bits())).collect::<Vec<_>>().join(" ")
}

/// The same, read.
pub(super) fn numbers(text: &str) -> Option<Vec<f64>> {
    let bits = |text| Some(f64::from_bits(u64::from_str_radix(text, 16).ok()?));
    text.split(' ').map(bits).collect()
}
