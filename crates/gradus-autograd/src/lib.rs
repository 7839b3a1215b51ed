//! Differentiation of any order over [`gradus_tensor`] arrays: variables, operations with their
//! derivatives, and the checks that those are right. The second step of
//! Gradus, and useful alone.
//!
//! # A short tour
//!
//! ```
//! use gradus_autograd::{Param, Var, check, checked, grad, no_grad};
//! use gradus_tensor::{Rng, Tensor};
//!
//! // A parameter is owned by whoever trains it; a variable is its value in a computation.
//! let mut weight = Param::new(Tensor::normal([3, 2], 0.0, 0.5, &mut Rng::new(1))?);
//! let x = Var::from(Tensor::from_vec(vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0], [2, 3])?);
//! let labels = Tensor::from_vec(vec![0_i64, 1], [2, 1])?;
//!
//! // Operations are methods. What some input makes undefined gives a Result.
//! let loss_of = |weight: &Param| -> gradus_autograd::Result<Var> {
//!     let scores = x.matmul(&weight.var())?.tanh();
//!     Ok(-scores.log_softmax(-1)?.gather(1, &labels)?.mean())
//! };
//!
//! // Gradients are returned as a value, and the graph is gone. One step down:
//! let before = loss_of(&weight)?;
//! let gradients = before.clone().backward()?;
//! if let Some(gradient) = gradients.get(weight.id()) {
//!     weight.value_mut().add_scaled(gradient, -0.5)?;
//! }
//! let after = no_grad(|| loss_of(&weight))?; // a value only: no graph
//! assert!(after.item()? < before.item()?);
//!
//! // Gradients that are variables again, for derivatives of any order.
//! let t = Var::leaf(Tensor::scalar(0.5_f64));
//! let [first] = grad(&t.exp().sin(), [&t], None)?;
//! let [second] = grad(&first, [&t], None)?;
//! let e = 0.5_f64.exp();
//! assert!((second.item()? - (e * e.cos() - e * e * e.sin())).abs() < 1e-12);
//!
//! // Where did the NaN come from?
//! let error = checked(|| t.shift(-1.0).ln().square().backward()).unwrap_err();
//! assert!(error.to_string().starts_with("ln: the forward pass produced a NaN"));
//!
//! // Is a derivative right? Central differences in doubles, for any function of variables.
//! check::gradient(|x| x[0].softmax(-1)?.mul(&x[0]), &[check::inputs::normal([2, 5], 1)])?;
//! # Ok::<(), gradus_autograd::Error>(())
//! ```
//!
//! # How it works
//!
//! [`Var::apply`] computes a value and, if an input is tracked, makes a node: the operation, what
//! its derivative needs, and the nodes of its inputs. Nodes are numbered as they are made, so every
//! node has a larger number than those it depends on. [`Var::backward`] starts with the gradient 1
//! at the loss, takes the node with the largest number, hands its gradient to the inputs, and drops
//! it; so each node is met once, after all its users, and memory is freed on the way. A gradient
//! that arrives second is added to the first, always in the same order.
//!
//! An operation states its derivative as a formula in variables ([`Op::vjp`]), which is why it can
//! be differentiated again, and may state it once more as one kernel ([`Op::vjp_fused`]), which is
//! what `backward` uses. [`check::Cases`] makes sure that the two agree with each other and with
//! the value.
#![forbid(unsafe_code)]

pub mod check;

mod arity;
mod attributes;
mod checkpoint;
mod error;
mod formula;
mod gradients;
mod graph;
mod inplace;
mod lanes;
mod mode;
mod observe;
mod op;
mod operators;
mod ops;
mod param;
mod profile;
mod replace;
mod var;

pub use arity::{In, Inputs, Maybe, Output, Saving};
pub use attributes::{Attribute, Attributes};
pub use checkpoint::checkpoint;
pub use error::{Error, Result};
pub use formula::Scalar;
pub use gradients::Gradients;
pub use graph::{At, GradInputs, Graph, GraphEdge, GraphNode, Value, grad, trace};
pub use mode::{checked, no_grad};
pub use observe::{Event, Observer, Pass, observe};
pub use op::{Each, Grads, Keeps, Of, Op, Saved, Vars};
pub use ops::{CrossEntropyOptions, CtcOptions, Function, Needs, OPERATIONS, PairLoss, Reduction};
pub use param::{Param, ParamId};
pub use profile::{Profile, profile};
pub use replace::with_replaced;
pub use var::Var;

pub(crate) use op::apply;

/// The examples of the README, to be run with the other tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
