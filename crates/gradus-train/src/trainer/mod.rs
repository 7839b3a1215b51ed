//! The training loop.
//!
//! For each batch: the loss, its gradients, a step of the optimizer. For each epoch: a look at data
//! that training never sees, a row of history, checkpoints. [`Trainer`] does no more than that,
//! and everything that it does can be done by hand with the same parts.

mod checkpoint;
mod monitor;
mod step;
mod tally;

use gradus_autograd::no_grad;
use gradus_data::{BatchOf, Collate, DataLoader, Dataset};
use gradus_nn::{Context, Module, ModuleExt};
use gradus_optim::{Optimizer, Rule};

pub use monitor::Best;
use monitor::Monitor;
pub use step::Step;
pub use tally::Tally;

use crate::{Error, History, Progress, Result, RunFolder};

/// Trains a model.
///
/// ```
/// use gradus_data::{DataLoader, Dataset, Digits};
/// use gradus_nn::{Flatten, Layer, Linear, Sequential};
/// use gradus_optim::Adam;
/// use gradus_tensor::Rng;
/// use gradus_train::{Step, Trainer};
///
/// let (train, test) = Digits::load()?.split(0.8, 1)?;
/// let train = DataLoader::new(train).batch_size(64).shuffle(2);
/// let test = DataLoader::new(test).batch_size(64);
/// let net = Sequential::new().push(Flatten).push(Linear::new(64, 10).init(&mut Rng::new(3))?);
///
/// let mut trainer = Trainer::new(net, Adam::new(1e-2).optimizer(), 4).epochs(2);
/// trainer.fit(&train, Some(&test), |net, (images, labels), cx| {
///     Step::classification(&net.forward(images, cx)?, labels)
/// })?;
/// assert!(trainer.history.last("validation_accuracy").unwrap() > 0.8);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub struct Trainer<M, R: Rule<f32>> {
    /// The model.
    pub model: M,
    /// What changes its parameters.
    pub optimizer: Optimizer<R>,
    /// The mode and the random numbers of training.
    pub context: Context,
    /// One row for each epoch.
    pub history: History,
    epochs: u64,
    stop_after: Option<u64>,
    patience: Option<usize>,
    best: Best,
    folder: Option<RunFolder>,
    save_every: Option<u64>,
    items: String,
    quiet: bool,
    /// Epochs that are complete.
    epoch: u64,
    /// Steps that are complete.
    step: u64,
    /// The part of the current epoch that is done.
    tally: Tally,
    monitor: Monitor,
}

/// How a call of [`Trainer::fit`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs are complete.
    Finished,
    /// Early stopping ended it: for a number of epochs nothing became better.
    Stalled,
    /// It reached the step after which it was told to stop.
    Stopped,
}

impl<M: Module, R: Rule<f32>> Trainer<M, R> {
    /// A trainer for one epoch; the seed is for dropout and its kin.
    pub fn new(model: M, optimizer: Optimizer<R>, seed: u64) -> Self {
        Self {
            context: Context::train(seed).naming(&model),
            model,
            optimizer,
            history: History::epochs(),
            epochs: 1,
            stop_after: None,
            patience: None,
            best: Best::Loss,
            folder: None,
            save_every: None,
            items: "items".into(),
            quiet: true,
            epoch: 0,
            step: 0,
            tally: Tally::default(),
            monitor: Monitor::default(),
        }
    }

    /// How many epochs to train, counted from the first, also after a resume.
    pub fn epochs(mut self, epochs: u64) -> Self {
        self.epochs = epochs;
        self
    }

    /// Stops after this many steps in all, with a checkpoint if there is a run folder.
    pub fn stop_after(mut self, steps: u64) -> Self {
        self.stop_after = Some(steps);
        self
    }

    /// Ends training when this many epochs in a row brought nothing better.
    pub fn early_stopping(mut self, patience: usize) -> Self {
        self.patience = Some(patience);
        self
    }

    /// What makes an epoch the best; the least loss by default.
    pub fn best(mut self, best: Best) -> Self {
        self.best = best;
        self
    }

    /// Writes history and the checkpoints of the last and the best epoch into a folder.
    pub fn run_folder(mut self, folder: RunFolder) -> Self {
        self.folder = Some(folder);
        self
    }

    /// Writes the last checkpoint also after every so many steps within an epoch.
    pub fn save_every(mut self, steps: u64) -> Self {
        self.save_every = Some(steps.max(1));
        self
    }

    /// Shows progress; `items` is what a batch is made of: "images", "sentences".
    pub fn show_progress(mut self, items: impl Into<String>) -> Self {
        self.items = items.into();
        self.quiet = false;
        self
    }

    /// Epochs and steps that are complete.
    pub fn position(&self) -> (u64, u64) {
        (self.epoch, self.step)
    }

    /// Trains to the last epoch. `step` turns a batch into a loss; it is called for training and,
    /// with a context of evaluation and nothing recorded, for validation.
    ///
    /// After a [`resume`](Trainer::resume) it goes on where the checkpoint was written, and
    /// everything comes out with the same bits as if it had never stopped.
    ///
    /// # Errors
    /// Whatever the loaders, `step`, the optimizer or the run folder give; [`Error::Value`] if the
    /// first step leaves a parameter without a gradient.
    pub fn fit<D, E>(
        &mut self,
        train: &DataLoader<D>,
        validation: Option<&DataLoader<E>>,
        step: impl Fn(&M, &BatchOf<D>, &mut Context) -> Result<Step>,
    ) -> Result<Outcome>
    where
        D: Dataset,
        D::Item: Collate,
        E: Dataset<Item = D::Item>,
    {
        let mut progress = match self.quiet {
            true => Progress::silent(self.epochs as usize, train.len()),
            false => Progress::new(self.epochs as usize, train.len(), &self.items),
        };
        progress.start_at(self.epoch as usize + 1, train.state().batch as usize);
        while self.epoch < self.epochs {
            let clock = std::time::Instant::now();
            if !self.train_epoch(train, &step, &mut progress)? {
                progress.finish();
                return Ok(Outcome::Stopped);
            }
            let trained = std::mem::take(&mut self.tally);
            let validated = match validation {
                Some(loader) => Some(self.evaluate(loader, &step)?),
                None => None,
            };
            let row = [
                (self.epoch + 1) as f64,
                trained.loss(),
                trained.accuracy(),
                validated.map_or(f64::NAN, |v| v.loss()),
                validated.map_or(f64::NAN, |v| v.accuracy()),
                self.optimizer.lr(),
                clock.elapsed().as_secs_f64(),
            ];
            self.history.push(&row)?;
            self.epoch += 1;
            progress.end_epoch(&self.describe(&trained, validated.as_ref()));
            let judged = validated.unwrap_or(trained);
            let is_best = self.monitor.take(match self.best {
                Best::Loss => -judged.loss(),
                Best::Accuracy => judged.accuracy(),
            });
            self.write(train, is_best)?;
            if self.patience.is_some_and(|patience| self.monitor.since >= patience) {
                progress.finish();
                return Ok(Outcome::Stalled);
            }
        }
        progress.finish();
        Ok(Outcome::Finished)
    }

    /// Trains to the end of the current epoch; says whether it got there.
    fn train_epoch<D>(
        &mut self,
        train: &DataLoader<D>,
        step: &impl Fn(&M, &BatchOf<D>, &mut Context) -> Result<Step>,
        progress: &mut Progress,
    ) -> Result<bool>
    where
        D: Dataset,
        D::Item: Collate,
    {
        for batch in train.iter() {
            let outcome = step(&self.model, &batch?, &mut self.context)?;
            let loss = self.tally.add(&outcome)?;
            let accuracy = outcome.correct.map(|n| n as f64 / outcome.items as f64);
            let gradients = outcome.loss.backward()?;
            if self.step == 0 {
                self.check_reached(&self.model.missing(&gradients))?;
            }
            self.optimizer.step(&mut self.model, &gradients)?;
            self.step += 1;
            progress.step(loss, accuracy, outcome.items);
            let stop = self.stop_after == Some(self.step);
            if stop || self.save_every.is_some_and(|n| self.step.is_multiple_of(n)) {
                self.save_last(train)?;
            }
            if stop {
                // Without this, the loader would take an abandoned epoch for a finished one.
                train.restore(train.state())?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Loss and accuracy over a loader's data, without training: no gradients, no dropout.
    ///
    /// # Errors
    /// Whatever the loader or `step` give.
    pub fn evaluate<D>(
        &self,
        loader: &DataLoader<D>,
        step: impl Fn(&M, &BatchOf<D>, &mut Context) -> Result<Step>,
    ) -> Result<Tally>
    where
        D: Dataset,
        D::Item: Collate,
    {
        let mut tally = Tally::default();
        let mut context = Context::eval().naming(&self.model);
        for batch in loader.iter() {
            tally.add(&no_grad(|| step(&self.model, &batch?, &mut context))?)?;
        }
        Ok(tally)
    }

    /// A parameter that the loss does not depend on never learns; that is hardly ever meant.
    fn check_reached(&self, missing: &[String]) -> Result<()> {
        match missing {
            [] => Ok(()),
            paths => Err(Error::value(
                "Trainer::fit",
                format!("a loss that does not depend on {}", paths.join(", ")),
                "one that depends on every parameter; freeze those that are not to learn",
            )),
        }
    }

    fn describe(&self, trained: &Tally, validated: Option<&Tally>) -> String {
        let part = |name: &str, tally: &Tally| {
            let loss = format!("{name} loss {:.4}", tally.loss());
            match tally.accuracy() {
                accuracy if accuracy.is_nan() => loss,
                accuracy => format!("{loss} accuracy {:.2} %", 100.0 * accuracy),
            }
        };
        let mut text = format!("epoch {}/{}  {}", self.epoch, self.epochs, part("train", trained));
        if let Some(validated) = validated {
            text += &format!("  {}", part("test", validated));
        }
        text
    }
}
