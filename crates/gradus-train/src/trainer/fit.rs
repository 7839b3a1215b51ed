//! The faces of the loop, which are compiled for each model: they put the parts together and hand them over.

use gradus_autograd::no_grad;
use gradus_nn::{Context, Module};
use gradus_optim::{Optimizer, Rule};
use gradus_tensor::{Float, concrete};

use super::parts::{Parts, Shell};
use super::run::run;
use super::save::position;
use super::state::Run;
use super::{Optimizers, Outcome, Source, Step, Tally, Trainer, Turn};
use crate::{Error, Progress, Result};

impl<M: Module<T>, R: Rule<T>, T: Float> Trainer<M, Optimizer<R, T>, T> {
    /// Trains to the last epoch. `step` turns a batch into a loss and what metrics found; it is called for training and,
    /// with a context of evaluation and nothing recorded, for validation.
    ///
    /// After a [`resume`](Trainer::resume) it goes on where the checkpoint was written, and everything comes out with the
    /// same bits as if it had never stopped. After an error, too, it can be called again: a step that failed is as if it had
    /// never begun.
    ///
    /// Rules that compute the loss more than once in a step, such as [`Lbfgs`](gradus_optim::Lbfgs) and
    /// [`Sam`](gradus_optim::Sam), call `step` as often, each time with the same random numbers.
    ///
    /// ```
    /// use gradus_data::{DataLoader, TensorDataset};
    /// use gradus_nn::{Layer, Linear, mse_loss};
    /// use gradus_optim::Sgd;
    /// use gradus_tensor::{Rng, Tensor};
    /// use gradus_train::{Step, Trainer};
    ///
    /// let x = Tensor::<f64>::linspace(-1.0, 1.0, 64).reshape([64, 1])?;
    /// let train = DataLoader::new(TensorDataset::new((x.clone(), &x * 3.0))?).batch_size(16).shuffle(1);
    /// let line = Linear::new(1, 1).init::<f64>(&mut Rng::new(1))?;
    /// let mut trainer = Trainer::new(line, Sgd::new(0.5).optimizer(), 1).epochs(20);
    /// trainer.fit(&train, None, |line, (x, y), cx| {
    ///     Ok(Step::new(mse_loss(&line.forward(x, cx)?, y)?, x.shape()[0]))
    /// })?;
    /// assert!(trainer.history.last("train_loss").unwrap() < 1e-3);
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    ///
    /// # Errors
    /// Whatever the loaders, `step`, the optimizer or the run folder give; [`Error::NotFinite`] if a loss or a gradient is
    /// NaN or infinite, which changes nothing; [`Error::Value`] for settings outside their domain, an epoch without
    /// batches, a metric that no step gives, and a run folder that holds another run.
    pub fn fit<S: Source>(
        &mut self,
        train: &S,
        validation: Option<&dyn Source<Batch = S::Batch>>,
        mut step: impl FnMut(&M, &S::Batch, &mut Context) -> Result<Step<T>>,
    ) -> Result<Outcome> {
        self.go(train, validation, |turn: &mut Turn<'_, _, _, T>, batch: &S::Batch| {
            turn.follow(|model, context| step(model, batch, context))
        })
    }

    /// Limits the norm of all gradients of a step, taken as one vector; see [`Optimizer::clip_norm`]. A limit that is not
    /// above 0 is an error of [`fit`](Trainer::fit).
    #[must_use]
    pub fn clip_norm(self, limit: f64) -> Self {
        Self { optimizer: self.optimizer.clip_norm(limit), ..self }
    }

    /// Limits every number of every gradient; see [`Optimizer::clip_value`]. A limit that is not above 0 is an error of
    /// [`fit`](Trainer::fit).
    #[must_use]
    pub fn clip_value(self, limit: f64) -> Self {
        Self { optimizer: self.optimizer.clip_value(limit), ..self }
    }
}

impl<M: Module<T>, O: Optimizers<T>, T: Float> Trainer<M, O, T> {
    /// Trains to the last epoch with steps that update the model themselves: several optimizers, several losses, some of
    /// them not in every step. All else is as in [`fit`](Trainer::fit); the loss of the [`Step`] that comes back is only
    /// shown and written down.
    ///
    /// ```
    /// use gradus_data::{DataLoader, Digits};
    /// use gradus_nn::{Linear, Module, Layer, mse_loss};
    /// use gradus_optim::{Adam, Optimizer, Sgd};
    /// use gradus_tensor::Rng;
    /// use gradus_train::{Step, Trainer, optimizers};
    ///
    /// #[derive(Module)]
    /// struct Coder { encode: Linear, decode: Linear }
    /// struct Rules { encode: Optimizer<Adam>, decode: Optimizer<Sgd> }
    /// optimizers!(Rules { encode, decode });
    ///
    /// let mut rng = Rng::new(1);
    /// let encode = Linear::new(64, 16).init(&mut rng)?;
    /// let coder = Coder { encode, decode: Linear::new(16, 64).init(&mut rng)? };
    /// let rules = Rules { encode: Adam::new(1e-3).optimizer(), decode: Sgd::new(0.1).optimizer() };
    /// let train = DataLoader::new(Digits::load()?).batch_size(64).shuffle(2);
    /// let mut trainer = Trainer::new(coder, rules, 3);
    /// trainer.fit_with(&train, None, |turn, (images, _)| {
    ///     let x = images.flatten(1)?;
    ///     let code = turn.model.encode.forward(&x, turn.context)?;
    ///     let loss = mse_loss(&turn.model.decode.forward(&code, turn.context)?, &x)?;
    ///     turn.descend(|coder, rules| (&mut coder.encode, &mut rules.encode), &loss)?;
    ///     if turn.step() % 2 == 0 {
    ///         turn.descend(|coder, rules| (&mut coder.decode, &mut rules.decode), &loss)?;
    ///     }
    ///     Ok(Step::new(loss, x.shape()[0]))
    /// })?;
    /// assert_eq!(trainer.history.last("lr_decode"), Some(0.1));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`fit`](Trainer::fit); and if batches are to be [accumulated](Trainer::accumulate). What a step had changed before its
    /// error stays changed.
    pub fn fit_with<S: Source>(
        &mut self,
        train: &S,
        validation: Option<&dyn Source<Batch = S::Batch>>,
        step: impl FnMut(&mut Turn<'_, M, O, T>, &S::Batch) -> Result<Step<T>>,
    ) -> Result<Outcome> {
        if self.state.settings.accumulate > 1 {
            let got = format!("accumulate({})", self.state.settings.accumulate);
            let wanted = "none, since the step updates the model itself; Trainer::fit accumulates";
            return Err(Error::value("Trainer::fit_with", got, wanted));
        }
        self.go(train, validation, step)
    }

    fn go<S: Source>(
        &mut self,
        train: &S,
        validation: Option<&dyn Source<Batch = S::Batch>>,
        step: impl FnMut(&mut Turn<'_, M, O, T>, &S::Batch) -> Result<Step<T>>,
    ) -> Result<Outcome> {
        let Self { model, optimizer, context, history, state, hooks } = self;
        let (epochs, steps) = (state.settings.epochs as usize, train.steps().unwrap_or(0));
        let progress = match state.settings.quiet {
            true => Progress::silent(epochs, steps),
            false => Progress::new(epochs, steps, &state.settings.items),
        };
        let (follows_steps, start) = (hooks.follow_steps(), position(state));
        let train: &dyn Source<Batch = S::Batch> = train;
        let (batches, batch) = (None, None);
        let mut shell = Shell { model, optimizer, hooks, train, validation, batches, batch, step };
        let abouts = Default::default();
        concrete!(run: fn(&mut Run<'_, T>, &mut dyn Parts<T>) -> Result<Outcome>)(
            &mut Run { context, history, state, progress, follows_steps, start, abouts },
            &mut shell,
        )
    }

    /// Loss and metrics over a source's data, without training: no gradients, no dropout.
    ///
    /// # Errors
    /// Whatever the source or `step` give.
    pub fn evaluate<S: Source>(
        &self,
        source: &S,
        mut step: impl FnMut(&M, &S::Batch, &mut Context) -> Result<Step<T>>,
    ) -> Result<Tally> {
        let mut tally = Tally::default();
        let mut context = Context::eval().naming(&self.model);
        for batch in source.batches() {
            tally.add(&no_grad(|| step(&self.model, &batch?, &mut context))?)?;
        }
        Ok(tally)
    }
}
