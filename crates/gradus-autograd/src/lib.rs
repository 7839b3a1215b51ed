//! Differentiation of any order over [`gradus_tensor`] arrays: variables, operations with their
//! derivatives, and the checks that those are right. The second step of
//! [Gradus](https://docs.rs/gradus).
#![forbid(unsafe_code)]

pub mod check;

mod error;
mod gradients;
mod graph;
mod mode;
mod op;
mod operators;
mod ops;
mod param;
mod var;

pub use error::{Error, Result};
pub use gradients::Gradients;
pub use graph::{At, grad};
pub use mode::{checked, no_grad};
pub use op::{Fused, Op, OpMany};
pub use ops::{Function, Needs};
pub use param::{Param, ParamId};
pub use var::Var;
