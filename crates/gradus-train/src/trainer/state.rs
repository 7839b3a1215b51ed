//! Where a run stands.

use std::cell::OnceCell;

use gradus_data::LoaderState;
use gradus_nn::{Context, Entry, Module, ModuleExt};
use gradus_serialize::StateDict;
use gradus_tensor::Float;

use super::average::Averaged;
use super::monitor::Monitor;
use super::parts::{Part, Parts};
use super::save::Saver;
use super::settings::Settings;
use super::{Optimizers, Tally};
use crate::{History, Progress};

/// What a trainer knows of its run besides the model, its optimizers and the history.
#[derive(Default)]
pub(super) struct State<T: Float> {
    pub(super) settings: Settings,
    /// Epochs that are complete.
    pub(super) epoch: u64,
    /// Steps that are complete.
    pub(super) step: u64,
    /// Whether the training part of the epoch under way is complete.
    pub(super) trained: bool,
    /// Its time so far.
    pub(super) seconds: f64,
    /// The learning rates of its last step.
    pub(super) rates: Vec<f64>,
    /// What was measured in it so far.
    pub(super) tally: Tally,
    pub(super) monitor: Monitor,
    /// The loss of the last step.
    pub(super) loss: f64,
    /// Where validation stands and what it is made on, and whether its loader must be taken there first.
    pub(super) validation: Option<(LoaderState, String)>,
    pub(super) moves_validation: bool,
    /// The weights of the best epoch, if somebody wants them back.
    pub(super) best: Option<StateDict>,
    pub(super) averaged: Option<Averaged<T>>,
    pub(super) saver: Saver<T>,
    /// Whether it goes on from a checkpoint.
    pub(super) resumed: bool,
    /// Which run it is; empty before its first step.
    pub(super) id: String,
    pub(super) warnings: Vec<String>,
}

/// A run under way.
pub(super) struct Run<'r, T: Float> {
    pub(super) context: &'r mut Context,
    pub(super) history: &'r mut History,
    pub(super) state: &'r mut State<T>,
    pub(super) progress: Progress,
    pub(super) follows_steps: bool,
    /// Where it stood at first.
    pub(super) start: (u64, u64, bool),
    /// What training and validation are made on, once it was asked for.
    pub(super) abouts: [OnceCell<String>; 2],
}

impl<T: Float> Run<'_, T> {
    /// What a part is made on; see [`Source::about`](super::Source::about).
    pub(super) fn about(&self, parts: &dyn Parts<T>, part: Part) -> String {
        self.abouts[part as usize].get_or_init(|| parts.about(part)).clone()
    }
}

/// The rates of the next step.
pub(super) fn rates<T: Float>(optimizers: &dyn Optimizers<T>) -> Vec<f64> {
    optimizers.all().iter().map(|(_, optimizer)| optimizer.lr()).collect()
}

/// Whether a model has state that is not trained.
pub(super) fn has_buffers<T: Float>(model: &dyn Module<T>) -> bool {
    let mut found = false;
    model.for_each(|_, entry| found |= matches!(entry, Entry::Buffer(_)));
    found
}
