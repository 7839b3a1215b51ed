//! What a forward pass needs to know besides its input.

use gradus_tensor::{Rng, RngState};

use crate::summary::Line;

/// The mode of a forward pass, and its random numbers.
///
/// In training mode dropout drops and batch normalisation uses the statistics of the batch; in
/// evaluation mode neither happens, and the same input always gives the same output.
///
/// ```
/// use gradus_nn::Context;
/// assert!(Context::train(42).is_training());
/// assert!(!Context::eval().is_training());
/// ```
#[derive(Debug)]
pub struct Context {
    training: bool,
    rng: Rng,
    trace: Option<Vec<Line>>,
}

impl Context {
    /// A context for training, whose random numbers come from a seed.
    pub fn train(seed: u64) -> Self {
        Self { training: true, rng: Rng::new(seed), trace: None }
    }

    /// A context for evaluation.
    pub fn eval() -> Self {
        Self { training: false, rng: Rng::new(0), trace: None }
    }

    /// A context for evaluation that writes down every layer it passes through.
    pub(crate) fn tracing() -> Self {
        Self { trace: Some(Vec::new()), ..Self::eval() }
    }

    /// Whether layers are to behave as in training.
    pub fn is_training(&self) -> bool {
        self.training
    }

    /// The random numbers, for dropout and its kin.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Where the random numbers stand, to be saved with a checkpoint.
    pub fn rng_state(&self) -> RngState {
        self.rng.state()
    }

    /// Continues the random numbers where they stood.
    pub fn restore_rng(&mut self, state: RngState) {
        self.rng = Rng::from_state(state);
    }

    /// Writes down a layer, if this context does so. Each layer calls it once in a forward pass.
    pub fn record(&mut self, line: impl FnOnce() -> Line) {
        if let Some(lines) = &mut self.trace {
            lines.push(line());
        }
    }

    /// The layers that were written down.
    pub(crate) fn into_lines(self) -> Vec<Line> {
        self.trace.unwrap_or_default()
    }
}
