//! The options of the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// What to do where there is nothing to train with.
pub const FETCH: &str = "no recordings: give a folder with --data.\n\
    Spoken digits (16 MB): git clone https://github.com/Jakobovski/free-spoken-digit-dataset data/fsdd\n  \
    then --data data/fsdd/recordings\n\
    Commands (2.4 GB): https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz\n  \
    (SHA-256 af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58)\n  \
    unpacked into data/commands, then --data data/commands\n\
    Your own: LABEL_SPEAKER_TAKE.wav in one folder, or LABEL/SPEAKER_NAME.wav";

/// Train a network to tell spoken words apart, and ask it for the word in a file.
#[derive(Parser)]
#[command(name = "spoken-digits", args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Folder of recordings: LABEL_SPEAKER_TAKE.wav (takes 0 to 4 are tested with), or LABEL/SPEAKER_NAME.wav
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Train without this speaker, and test with nobody else
    #[arg(long)]
    pub leave_out: Option<String>,
    /// Times that training goes through the recordings [default: 2000 steps in all, but 10 to 80 times]
    #[arg(long)]
    pub epochs: Option<u64>,
    /// Seed of everything random: the same seed gives the same bits
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Threads that prepare recordings ahead of time
    #[arg(long, default_value_t = 1)]
    pub workers: usize,
    /// Folder for history, pictures and checkpoints
    #[arg(long, default_value = "runs/spoken-digits")]
    pub out: PathBuf,
    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    pub resume: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Say which word a WAV file has, by a network that was trained before
    Predict {
        file: PathBuf,
        /// Folder of the run
        #[arg(long, default_value = "runs/spoken-digits")]
        out: PathBuf,
    },
}
