//! Checkpoints that survive a crash, and weights in the safetensors format. Step 6 of
//! Gradus.
//!
//! ```
//! use gradus_nn::Linear;
//! use gradus_serialize::{Checkpoint, load, safetensors, state_dict};
//! use gradus_tensor::Rng;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("last.ckpt");
//! let mut rng = Rng::new(7);
//! let net: Linear = Linear::new(4, 2).init(&mut rng)?;
//!
//! // Everything that training needs to go on, in one file.
//! let checkpoint: Checkpoint = Checkpoint {
//!     model: state_dict(&net)?,
//!     rng: Some(rng.state()),
//!     step: 1000,
//!     ..Checkpoint::default()
//! };
//! checkpoint.save(&path)?;
//!
//! // Later, in another process. If the weights did not fit, the model would stay as it was.
//! let checkpoint = Checkpoint::load(&path)?;
//! let mut again: Linear = Linear::new(4, 2).init(&mut Rng::new(0))?;
//! load(&mut again, &checkpoint.model)?;
//! assert_eq!(again.weight.value(), net.weight.value());
//!
//! // Only the weights, for other libraries.
//! let path = folder.path().join("net.safetensors");
//! safetensors::write(&path, &checkpoint.model, &checkpoint.meta)?;
//! assert_eq!(safetensors::read(&path)?.tensors, checkpoint.model);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * A [`StateDict`] is a model's weights without the model: [`state_dict`] takes them out,
//!   [`load`] puts them into a model that fits exactly, [`load_matching`] into one that fits in
//!   part. A [`LoadReport`] lists what is missing, unexpected or of another shape.
//! * A [`Checkpoint`] is a file of its own kind, with a version and a checksum over every byte.
//!   [`atomic`] is how it is saved so that **a kill at any instant leaves the old file or the new
//!   one, whole**.
//! * [`safetensors`] reads and writes the format that most other libraries share.
//!
//! **No length in a file is trusted**: a damaged or hostile file gives an error that says what is
//! wrong with it, and never makes this crate allocate what the file's own bytes could not fill.

#![forbid(unsafe_code)]

pub mod atomic;
pub mod safetensors;

mod any_tensor;
mod bytes;
mod checkpoint;
mod codec;
mod error;
mod format;
mod further;
mod mirror;
mod module;
mod report;
mod state_dict;

pub use any_tensor::TensorBytes;
pub use checkpoint::{Checkpoint, Further};
pub use error::{Error, Result};
pub use gradus_tensor::{AnyTensor, Dtype};
pub use module::{check, load, load_matching, state_dict};
pub use report::{LoadReport, WrongDtype, WrongShape};
pub use state_dict::StateDict;
