//! Layers, losses and initialisation for neural networks: the third step of
//! Gradus.
//!
//! A layer is a plain struct that owns its [parameters](gradus_autograd::Param). A network is a
//! struct of layers, or a [`Sequential`] list of them. Nothing is hidden: whether a pass trains,
//! and where its random numbers come from, stands in the [`Context`] that it is given.
//!
//! ```
//! use gradus_autograd::Var;
//! use gradus_nn::{Context, Layer, Linear, Module, Result, cross_entropy};
//! use gradus_tensor::{Rng, Tensor};
//!
//! #[derive(Module)]
//! struct Net {
//!     hidden: Linear,
//!     head: Linear,
//! }
//!
//! impl Layer for Net {
//!     fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
//!         let x = self.hidden.forward(x, cx)?.relu();
//!         self.head.forward(&x, cx)
//!     }
//! }
//!
//! let mut rng = Rng::new(0);
//! let net = Net {
//!     hidden: Linear::new(4, 16).init(&mut rng)?,
//!     head: Linear::new(16, 3).init(&mut rng)?,
//! };
//! let x = Var::constant(Tensor::normal([8, 4], 0.0, 1.0, &mut rng)?);
//! let labels = Tensor::vector([0, 1, 2, 0, 1, 2, 0, 1]);
//! let loss = cross_entropy(&net.forward(&x, &mut Context::train(1))?, &labels)?;
//! let gradients = loss.backward()?;
//! assert!(gradients.get(net.head.bias.as_ref().unwrap().id()).is_some());
//! # Ok::<(), gradus_nn::Error>(())
//! ```
#![forbid(unsafe_code)]

// So that the derive macro's paths hold inside this crate, too.
extern crate self as gradus_nn;

mod buffer;
mod context;
mod error;
mod init;
mod layer;
mod layers;
mod losses;
mod module;
mod sequential;
mod summary;

pub use buffer::{AnyBuffer, Buffer};
pub use context::Context;
pub use error::{Error, Result};
/// Implements [`trait@Module`] for a struct whose fields are modules; `#[module(skip)]` leaves a
/// field out.
pub use gradus_derive::Module;
/// Implements [`trait@Settings`] for a struct; see [`settings`].
pub use gradus_derive::NnSettings as Settings;
pub use gradus_tensor::settings::{self, Settings};
pub use init::Init;
pub use layer::Layer;
pub use layers::*;
pub use losses::*;
pub use module::{Entry, EntryMut, Module, ModuleExt, Visitor, VisitorMut, is_within};
pub use sequential::Sequential;
pub use summary::{Line, Summary};
