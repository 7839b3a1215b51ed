//! What a kind of recurrent layer is: its gates, what it remembers, and the pass over a sequence.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::Result;

/// A kind of recurrent layer: [`LstmCell`](super::LstmCell), [`GruCell`](super::GruCell), or one of your own.
pub trait Cell: Copy + Default + Send + Sync + std::fmt::Debug + PartialEq + 'static {
    /// Its name in messages and summaries.
    const NAME: &'static str;
    /// Its like in PyTorch; empty if there is none.
    const TORCH: &'static str;
    /// How many gates a unit has: rows of the weights for each unit.
    const GATES: usize;

    /// What it remembers between steps. Of all layers together, each part is
    /// `[layers · directions, N, hidden]`.
    type State<T: Float>: Clone + std::fmt::Debug;

    /// The parts of a state, of which the first is the output of the last step, `h`.
    fn parts<T: Float>(state: &Self::State<T>) -> Vec<&Var<T>>;

    /// The state of its parts, in the same order.
    ///
    /// # Panics
    /// If there are not as many parts as a state has.
    fn state<T: Float>(parts: Vec<Var<T>>) -> Self::State<T>;

    /// How many parts a state has.
    const PARTS: usize;

    /// Reads a sequence `x`, `[T, N, in]`, from a state of parts `[N, hidden]` on, with the weights
    /// `W_ih, W_hh, b_ih, b_hh`: the output of every step, `[T, N, hidden]`, and the parts of the last
    /// state.
    ///
    /// # Errors
    /// If there is no step, or a shape does not fit.
    fn read<T: Float>(
        x: &Var<T>,
        start: &[Var<T>],
        weights: [&Var<T>; 4],
    ) -> Result<(Var<T>, Vec<Var<T>>)>;
}

/// The output of the last step, `[N, hidden]`.
pub(super) fn last<T: Float>(y: &Var<T>) -> Result<Var<T>> {
    Ok(y.index(0, y.shape()[0] - 1)?)
}
