//! The options of the command line.

use std::path::PathBuf;

use clap::Parser;
use gradus::train::RunFolder;

/// Train a small convolutional network on handwritten digits, and look at what it learned.
///
/// Without options it uses the 1,797 digits of 8×8 pixels that ship with Gradus: four fifths to
/// train, one fifth to test, by a fixed split.
#[derive(Debug, Clone, Parser)]
#[command(name = "digits", version)]
pub struct Options {
    /// Times that training goes through its data [default: 30, with --data 3]
    #[arg(long, value_name = "N")]
    pub epochs: Option<u64>,

    /// Images in a batch
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub batch_size: usize,

    /// Learning rate at its highest; it rises over the first steps and then falls along a cosine
    #[arg(long, value_name = "RATE", default_value_t = 0.002, allow_negative_numbers = true)]
    pub lr: f64,

    /// Seed of everything random: the same seed gives the same bits
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Threads that compute [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,

    /// Threads that prepare batches ahead of time
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub workers: usize,

    /// Folder for history, pictures and checkpoints
    #[arg(long, value_name = "DIR", default_value = "runs/digits")]
    pub out: PathBuf,

    /// Folder with the four files of MNIST or Fashion-MNIST (IDX format, gzipped or not)
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    pub resume: bool,

    /// Replace the run in the output folder, if there is one
    #[arg(long, conflicts_with = "resume")]
    pub overwrite: bool,

    /// Stop after this many steps in all, as if the power failed; --resume goes on from there
    #[arg(long, value_name = "N")]
    pub stop_after: Option<u64>,
}

impl Options {
    /// The output folder. One that holds a run is refused, unless it is to go on or to be replaced.
    ///
    /// # Errors
    /// If the folder cannot be written, or holds a run.
    pub fn folder(&self) -> gradus::Result<RunFolder> {
        let folder = RunFolder::create(&self.out)?;
        if self.overwrite {
            folder.clear()?;
        }
        if !self.resume && folder.holds_run() {
            return Err(gradus::Error::other(format!(
                "{} holds a run: --resume goes on with it, --overwrite replaces it, --out DIR writes elsewhere",
                folder.path().display()
            )));
        }
        Ok(folder)
    }
}
