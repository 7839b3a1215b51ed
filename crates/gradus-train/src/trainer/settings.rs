//! What a run is told before it starts.

use std::time::Duration;

use gradus_tensor::Float;

use super::hooks::{Event, When};
use super::{Optimizers, Trainer, WeightAverage};
use crate::{Error, Result, RunFolder};

/// The settings of a trainer.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) epochs: u64,
    pub(super) stop_after: Option<u64>,
    pub(super) patience: Option<usize>,
    pub(super) best: String,
    pub(super) observe: String,
    pub(super) restore_best: bool,
    pub(super) accumulate: u64,
    pub(super) average: Option<WeightAverage>,
    pub(super) folder: Option<RunFolder>,
    pub(super) save_every: Option<u64>,
    pub(super) pause: Duration,
    pub(super) items: String,
    pub(super) quiet: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            epochs: 1,
            stop_after: None,
            patience: None,
            best: "loss".into(),
            observe: "loss".into(),
            restore_best: false,
            accumulate: 1,
            average: None,
            folder: None,
            save_every: None,
            pause: Duration::from_secs(1),
            items: "items".into(),
            quiet: true,
        }
    }
}

impl Settings {
    pub(super) fn validate(&self) -> Result<()> {
        if self.accumulate == 0 {
            return Err(Error::value("accumulate", "0 batches for a step", "at least 1"));
        }
        self.average.map_or(Ok(()), WeightAverage::validate)
    }

    /// Those that cannot change in the course of a run, a line for each.
    pub(super) fn fixed(&self) -> String {
        let Self { best, observe, accumulate, average, .. } = self;
        let average = average.map_or("none".to_string(), WeightAverage::about);
        format!("best {best}\nobserve {observe}\naccumulate {accumulate}\naverage {average}")
    }
}

impl<M, O: Optimizers<T>, T: Float> Trainer<M, O, T> {
    /// How many epochs to train, counted from the first, also after a resume; 1 if it is not said.
    #[must_use]
    pub fn epochs(mut self, epochs: u64) -> Self {
        self.state.settings.epochs = epochs;
        self
    }

    /// Stops after this many steps in all, with a checkpoint if there is a run folder.
    #[must_use]
    pub fn stop_after(mut self, steps: u64) -> Self {
        self.state.settings.stop_after = Some(steps);
        self
    }

    /// Ends training when this many epochs in a row brought nothing better; 0 is taken for 1.
    #[must_use]
    pub fn early_stopping(mut self, patience: usize) -> Self {
        self.state.settings.patience = Some(patience);
        self
    }

    /// The metric that says which epoch is the best, for `best.ckpt`, early stopping and
    /// [`restore_best`](Trainer::restore_best): `"loss"`, as it is if it is not said, or the name of one that steps
    /// give. The metric itself knows whether higher or lower is better. Where there is validation, its value there counts.
    ///
    /// A name that the steps do not give is an error of [`fit`](Trainer::fit), which lists those that they do: before the
    /// first epoch, since a batch of validation is judged to see; after the first step, where training alone gives it.
    #[must_use]
    pub fn best(mut self, metric: impl Into<String>) -> Self {
        self.state.settings.best = metric.into();
        self
    }

    /// The metric whose value the schedules are told after every epoch, for
    /// [`Plateau`](gradus_optim::Plateau): the loss if it is not said. Where there is validation, its value there counts.
    /// A name that the steps do not give is an error, as in [`best`](Trainer::best).
    #[must_use]
    pub fn observe(mut self, metric: impl Into<String>) -> Self {
        self.state.settings.observe = metric.into();
        self
    }

    /// Leaves the model with the weights of the best epoch when training ends, and not with the last ones. The optimizer is
    /// still that of the last epoch.
    #[must_use]
    pub fn restore_best(mut self) -> Self {
        self.state.settings.restore_best = true;
        self
    }

    /// Takes so many batches for a step of [`fit`](Trainer::fit), as if they were one. The gradient is that of the mean over
    /// all their items: `Σ nᵢ gᵢ / Σ nᵢ` over the batches in their order, with `nᵢ` items each. The last step of an
    /// epoch may have fewer.
    #[must_use]
    pub fn accumulate(mut self, batches: u64) -> Self {
        self.state.settings.accumulate = batches;
        self
    }

    /// Keeps an average of the weights, with which validation is made; see [`Trainer::averaged`].
    #[must_use]
    pub fn average(mut self, average: WeightAverage) -> Self {
        self.state.settings.average = Some(average);
        self
    }

    /// Writes history, curves and the checkpoints of the last and the best epoch into a folder.
    ///
    /// A folder that holds a run is refused by [`fit`](Trainer::fit), unless the trainer goes on from its checkpoint.
    /// While it trains, Ctrl-C (and the signal TERM) ends the step, writes the checkpoint and returns
    /// [`Outcome::Interrupted`](super::Outcome); a second one kills.
    #[must_use]
    pub fn run_folder(mut self, folder: RunFolder) -> Self {
        self.state.settings.folder = Some(folder);
        self
    }

    /// Writes the last checkpoint also after every so many steps within an epoch.
    #[must_use]
    pub fn save_every(mut self, steps: u64) -> Self {
        self.state.settings.save_every = Some(steps.max(1));
        self
    }

    /// Writes at most once in this time, a second if it is not said: epochs that take less share a write. When training
    /// ends, is stopped or fails, everything is written.
    #[must_use]
    pub fn save_pause(mut self, pause: Duration) -> Self {
        self.state.settings.pause = pause;
        self
    }

    /// Shows progress; `items` is what a batch is made of: "images", "sentences".
    #[must_use]
    pub fn show_progress(mut self, items: impl Into<String>) -> Self {
        self.state.settings.items = items.into();
        self.state.settings.quiet = false;
        self
    }

    /// Calls a function after every step. It sees the model, the gradients and what was measured, may change the learning
    /// rate, and may stop.
    ///
    /// ```
    /// # use gradus_nn::{Linear, Sequential};
    /// # use gradus_optim::Sgd;
    /// # use gradus_tensor::Rng;
    /// # use gradus_train::Trainer;
    /// # let net: Sequential = Sequential::new().push(Linear::new(2, 1).init(&mut Rng::new(1))?);
    /// let trainer = Trainer::new(net, Sgd::new(0.1).optimizer(), 1).on_step(|event| {
    ///     if event.step() == 100 {
    ///         event.optimizer.set_lr(0.01);
    ///         event.log("a smaller rate from here on");
    ///     }
    ///     Ok(())
    /// });
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    #[must_use]
    pub fn on_step(
        mut self,
        call: impl FnMut(&mut Event<'_, M, O, T>) -> Result<()> + 'static,
    ) -> Self {
        self.hooks.add(When::Step, Box::new(call));
        self
    }

    /// Calls a function after every epoch, when its row stands in the history and before it is saved.
    #[must_use]
    pub fn on_epoch(
        mut self,
        call: impl FnMut(&mut Event<'_, M, O, T>) -> Result<()> + 'static,
    ) -> Self {
        self.hooks.add(When::Epoch, Box::new(call));
        self
    }
}
