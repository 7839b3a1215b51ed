//! The options of the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Train a network to tell pictures apart, and use it.
///
/// Without --data it writes the digits that ship with Gradus as PNG files, one folder a class, and trains on these.
#[derive(Debug, Clone, Parser)]
#[command(name = "images", version, args_conflicts_with_subcommands = true)]
pub struct Options {
    /// Instead of training
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Training, without a subcommand
    #[command(flatten)]
    pub training: Training,
}

/// What to do with a network that is trained.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Say what is on pictures: the five likeliest classes, and a picture of what counted beside each file
    Predict {
        /// The output folder of a run
        #[arg(long, value_name = "DIR", default_value = "runs/images")]
        run: PathBuf,
        /// Where pictures of what counted go [default: beside each file; name a folder where files are trained on]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Pictures: PNG, JPEG, BMP
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// How to train.
#[derive(Debug, Clone, clap::Args)]
pub struct Training {
    /// A folder: of class folders with pictures; of train/ and test/ with class folders each; or with the files of CIFAR-10 or
    /// -100 (binary version), MNIST or Fashion-MNIST (IDX)
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Times that training goes through the pictures
    #[arg(long, value_name = "N", default_value_t = 15)]
    pub epochs: u64,
    /// Pictures in a batch
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub batch_size: usize,
    /// Learning rate at its highest; it rises over the first steps and then falls along a cosine
    #[arg(long, value_name = "RATE", default_value_t = 0.003, allow_negative_numbers = true)]
    pub lr: f64,
    /// Side of the square that pictures are brought to [default: their own up to 64; 224 with --weights]
    #[arg(long, value_name = "PIXELS")]
    pub side: Option<usize>,
    /// Mirror pictures at random [default: not for digits, which are others in a mirror]
    #[arg(long, value_name = "BOOL")]
    pub flip: Option<bool>,
    /// A ResNet of this depth (18, 34, 50, 101, 152) in the place of the small network
    #[arg(long, value_name = "DEPTH")]
    pub resnet: Option<usize>,
    /// Channels of the first layer [default: 32; 64 for a ResNet]
    #[arg(long, value_name = "N")]
    pub width: Option<usize>,
    /// Start from these weights (safetensors): of a ResNet of torchvision, or weights.safetensors of a run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["resnet", "width"])]
    pub weights: Option<PathBuf>,
    /// Leave the body of the weights as it is: only the last layer learns
    #[arg(long, requires = "weights")]
    pub freeze: bool,
    /// Go on where a file cannot be read, and count and name those
    #[arg(long)]
    pub skip_bad: bool,
    /// Threads that read pictures ahead of time
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub workers: usize,
    /// Seed of everything random: the same seed gives the same bits
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Folder for history, pictures, checkpoints and weights
    #[arg(long, value_name = "DIR", default_value = "runs/images")]
    pub out: PathBuf,
    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    pub resume: bool,
    /// Replace the run in the output folder, if there is one
    #[arg(long, conflicts_with = "resume")]
    pub overwrite: bool,
}
