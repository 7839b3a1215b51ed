//! Update rules, learning-rate schedules and gradient clipping: the fourth step of
//! Gradus.
//!
//! A rule is a struct of [settings](Settings) and a [formula](Formula): [`Sgd`], [`Adam`], [`AdamW`] and those listed in
//! [`RULES`], or one of your own. An [`Optimizer`] applies it to all parameters of a model, and adds what is common to all
//! rules: groups of parameters, a [schedule](Schedule) for the learning rate (see [`SCHEDULES`]), clipping, and
//! [state](OptimizerState) that can be saved.
//!
//! ```
//! use gradus_autograd::Var;
//! use gradus_nn::{Context, Layer, Linear};
//! use gradus_optim::Adam;
//! use gradus_tensor::{Rng, Tensor};
//!
//! // Find the line through four points: y = 2 x − 1.
//! let x = Var::constant(Tensor::from_vec(vec![0.0, 1.0, 2.0, 3.0], [4, 1])?);
//! let y = Var::constant(Tensor::from_vec(vec![-1.0, 1.0, 3.0, 5.0], [4, 1])?);
//! let mut line: Linear = Linear::new(1, 1).init(&mut Rng::new(0))?;
//! let mut adam = Adam::new(0.1).optimizer();
//! for _ in 0..500 {
//!     let error = line.forward(&x, &mut Context::eval())?.sub(&y)?;
//!     let loss = error.mul(&error)?.mean();
//!     adam.step(&mut line, &loss.backward()?)?;
//! }
//! assert!((line.weight.value().item()? - 2.0).abs() < 0.01);
//! # Ok::<(), gradus_optim::Error>(())
//! ```
#![forbid(unsafe_code)]

// So that the derive macro's paths hold inside this crate, too.
extern crate self as gradus_optim;

mod at;
mod clip;
mod driver;
mod error;
mod formula;
mod group;
mod optimizer;
mod rule;
mod rules;
mod schedule;
mod schedules;
mod state;
mod vary;
mod whole;

pub use at::{All, At, Decay};
pub use error::{Error, Result};
pub use formula::Formula;
/// Implements [`trait@Settings`] for a struct; see [`settings`].
pub use gradus_derive::OptimSettings as Settings;
/// For [`rule!`].
#[doc(hidden)]
pub use gradus_tensor as tensor;
pub use gradus_tensor::{choices, settings};
pub use group::Group;
pub use optimizer::{Optimizer, StepReport};
pub use rule::{CloneRule, Rule, Step};
pub use rules::*;
pub use schedule::Schedule;
pub use schedules::*;
pub use settings::Settings;
pub use state::OptimizerState;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
