//! The training loop.
//!
//! For each batch: the loss, its gradients, a step of the optimizer. For each epoch: a look at data that training never
//! sees, a row of history, checkpoints. [`Trainer`] does no more than that, and everything that it does can be done by hand
//! with the same parts.
//!
//! | file | what is in it |
//! |---|---|
//! | `fit.rs` | the faces: [`Trainer::fit`], [`Trainer::fit_with`], [`Trainer::evaluate`] |
//! | `run.rs`, `epoch.rs` | the loop over batches and epochs |
//! | `moment.rs`, `finite.rs` | a step: gradients, accumulation, the update, what must be finite |
//! | `turn.rs`, `hooks.rs` | what steps and callbacks of the user's see |
//! | `step.rs`, `tally.rs` | what a step gives, its sums over an epoch |
//! | `names.rs`, `monitor.rs` | the metrics that settings name, which epoch is best |
//! | `capture.rs`, `resume.rs`, `save.rs`, `guard.rs` | checkpoints: what is in them, back from them, when they are written, what is refused |
//! | `parts.rs`, `source.rs`, `optimizers.rs` | the types of the user's, as the loop sees them |
//! | `average.rs`, `finder.rs`, `interrupt.rs` | averages of weights, learning rates, Ctrl-C |

mod average;
mod capture;
mod epoch;
mod finder;
mod finite;
mod fit;
mod guard;
mod hooks;
mod interrupt;
mod moment;
mod monitor;
mod names;
mod optimizers;
mod parts;
mod resume;
mod run;
mod save;
mod settings;
mod source;
mod state;
mod step;
mod tally;
mod turn;

use gradus_nn::{Context, Module};
use gradus_serialize::{StateDict, state_dict};
use gradus_tensor::Float;

pub use average::WeightAverage;
pub use finder::LrCurve;
pub use hooks::Event;
pub use optimizers::{AnyOptimizer, Optimizers};
pub use source::Source;
pub use step::Step;
pub use tally::Tally;
pub use turn::Turn;

use crate::History;
use hooks::Hooks;
use state::State;

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
/// let mut trainer = Trainer::new(net, Adam::new(1e-2).optimizer(), 4).epochs(2).best("accuracy");
/// trainer.fit(&train, Some(&test), |net, (images, labels), cx| {
///     Step::classification(&net.forward(images, cx)?, labels)
/// })?;
/// assert!(trainer.history.last("validation_accuracy").unwrap() > 0.8);
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub struct Trainer<M, O, T: Float = f32> {
    /// The model.
    pub model: M,
    /// What changes its parameters: an [`Optimizer`](gradus_optim::Optimizer), or several of them.
    pub optimizer: O,
    /// The mode and the random numbers of training.
    pub context: Context,
    /// One row for each epoch.
    pub history: History,
    state: State<T>,
    hooks: Hooks<M, O, T>,
}

/// How a call of [`Trainer::fit`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// All epochs are complete.
    Finished,
    /// Early stopping ended it: for a number of epochs nothing became better.
    Stalled,
    /// It reached the step after which it was told to stop, or a callback stopped it.
    Stopped,
    /// Ctrl-C, or the signal TERM.
    Interrupted,
}

impl<M: Module<T>, O: Optimizers<T>, T: Float> Trainer<M, O, T> {
    /// A trainer for one epoch; the seed is for dropout and its kin.
    pub fn new(model: M, optimizer: O, seed: u64) -> Self {
        Self {
            context: Context::train(seed).naming(&model),
            model,
            optimizer,
            history: History::epochs(),
            state: State::default(),
            hooks: Hooks::none(),
        }
    }

    /// Epochs and steps that are complete.
    pub fn position(&self) -> (u64, u64) {
        (self.state.epoch, self.state.step)
    }

    /// What it had to warn of, such as a parameter that the loss does not reach. Each was also said on standard error, once.
    pub fn warnings(&self) -> &[String] {
        &self.state.warnings
    }

    /// The weights with the averages in the place of the parameters, if there are averages: what validation is made with.
    /// [`load`](gradus_serialize::load) puts them into a model.
    pub fn averaged(&self) -> Option<StateDict> {
        let averaged = self.state.averaged.as_ref().filter(|averaged| averaged.count > 0)?;
        let averages = averaged.save(&self.model);
        let mut weights = state_dict(&self.model).ok()?;
        for (path, average) in averages.iter() {
            weights.insert(path, average.clone());
        }
        Some(weights)
    }
}
