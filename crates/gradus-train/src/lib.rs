//! A training loop, and what stands around it: checkpoints and resume, metrics, history, progress,
//! pictures, and the folder that holds them. The seventh step of Gradus.
//!
//! * [`Trainer`]: the loop, with validation, early stopping, checkpoints and resume;
//! * [`metrics`]: of classes, numbers, rankings and texts, and a trait for one's own;
//! * [`Progress`]: a bar on a terminal, plain lines elsewhere;
//! * [`History`]: a row of numbers for each epoch, kept as CSV;
//! * [`plots`]: the history as curves, the confusion matrix as a heat map, images with predictions, feature maps, filters,
//!   masks, embeddings in the plane, in SVG and PNG;
//! * [`explain`]: which pixels, regions or words a score hangs on;
//! * [`Gallery`]: small images drawn in the terminal;
//! * [`RunFolder`] and [`Config`]: where a run writes, and with which settings it ran.
//!
//! The parts work alone, with any loop:
//!
//! ```
//! use gradus_tensor::Tensor;
//! use gradus_train::metrics::ConfusionMatrix;
//! use gradus_train::{Config, History, Progress, RunFolder};
//!
//! # let place = tempfile::tempdir().unwrap();
//! # let path = place.path().join("digits");
//! let folder = RunFolder::create(path)?;
//! folder.write_config(&Config::new().set("epochs", 2).set("lr", 1e-3))?;
//! let mut history = History::new(["epoch", "train_loss"])?;
//! let mut progress = Progress::new(2, 10, "images");
//! for epoch in 1..=2 {
//!     for _step in 0..10 {
//!         let (loss, accuracy) = (0.5, 0.9);  // ... of a step over a batch of 64 images
//!         progress.step(64, &[("loss", loss), ("accuracy", accuracy)]);
//!     }
//!     let loss = progress.mean("loss").unwrap_or(f64::NAN);
//!     history.push(&[epoch as f64, loss])?;
//!     folder.write_history(&history)?;
//!     progress.end_epoch(&format!("epoch {epoch}/2  loss {loss:.4}"));
//! }
//! progress.finish();
//! folder.write_curves(&history)?;
//!
//! let mut matrix = ConfusionMatrix::new(3)?;
//! let (predictions, labels) = (Tensor::vector([0, 1, 2, 2]), Tensor::vector([0, 1, 1, 2]));
//! matrix.add(&predictions, &labels)?;
//! println!("{}", matrix.report()?);
//! folder.write_confusion(&matrix)?;
//! # Ok::<(), gradus_train::Error>(())
//! ```

#![forbid(unsafe_code)]

pub mod explain;
pub mod metrics;
pub mod plots;

mod config;
mod error;
mod files;
mod history;
mod progress;
mod run_folder;
mod terminal;
mod text;
mod trainer;

pub use config::{Config, Value};
pub use error::{Error, Result};
pub use history::History;
pub use progress::Progress;
pub use run_folder::RunFolder;
pub use terminal::Gallery;
pub use trainer::{
    AnyOptimizer, Event, LrCurve, Optimizers, Outcome, Source, Step, Tally, Trainer, Turn,
    WeightAverage,
};

/// Runs the examples in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
