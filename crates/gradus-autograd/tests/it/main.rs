//! The engine: graphs of every form, switches, errors, and checks that find what is wrong.

mod absurd;
mod checkpoints;
mod checks;
mod depth;
mod determinism;
mod edges;
mod errors;
mod graphs;
mod looking;
mod modes;
mod numbers;
mod own_op;
mod params;
mod replaced;
mod types;

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

/// A leaf of one number.
fn number<T: Float>(x: T) -> Var<T> {
    Var::leaf(Tensor::scalar(x))
}
