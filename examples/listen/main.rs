//! Words with their times, from a file or from a microphone, by a network that `spelled` trained, or by Whisper.
//!
//! ```text
//! cargo run --release --example listen -- speech.wav
//! cargo run --release --example listen -- speech.wav --whisper tiny-en.safetensors --tokens gpt2.tiktoken
//! arecord -q -t raw -f S16_LE -r 16000 -c 1 | cargo run --release --example listen -- -
//! ```
//!
//! Sound is cut where nobody speaks. The letters of each piece are read off in view of which words follow each other, and
//! then the text is laid along the frames: the likeliest way to say it tells when each word was said. A file
//! also becomes a picture.

mod ear;
mod listener;

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use gradus::data::audio::{Audio, LogMel, SphinxMfcc, open_wav};
use gradus::models::decode::TimedWord;
use gradus::train::Error;
use gradus::train::plots::{Plot, Spectrogram};
use listener::Listener;

/// Say which words are said in a file or in what a microphone hears, and when.
#[derive(Parser)]
#[command(name = "listen")]
struct Options {
    /// A WAV file; or - for samples from standard input: 16 bits, little-endian, one channel, 16,000 Hz
    file: PathBuf,
    /// Folder of a run of `spelled`
    #[arg(long, default_value = "runs/spelled")]
    run: PathBuf,
    /// Language model in ARPA form [default: that of the run]
    #[arg(long)]
    lm: Option<PathBuf>,
    /// Weights of Whisper's tiny.en as safetensors, instead of a run (crates/gradus-models/tests/whisper.py makes them)
    #[arg(long)]
    whisper: Option<PathBuf>,
    /// Its tokens, a file gpt2.tiktoken
    #[arg(long)]
    tokens: Option<PathBuf>,
    /// Picture of the spectrogram with the words, .png or .svg
    #[arg(long, default_value = "listen.png")]
    picture: PathBuf,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("listen: {error}");
            ExitCode::FAILURE
        }
    }
}

const RATE: usize = SphinxMfcc::RATE as usize;
fn run(options: &Options) -> gradus::Result<()> {
    let mut listener = Listener::new(options)?;
    if options.file.as_os_str() == "-" {
        let mut input = std::io::stdin().lock();
        // A fifth of a second at a time.
        let mut bytes = vec![0; 2 * RATE / 5];
        let mut there = 0;
        loop {
            let read = input.read(&mut bytes[there..])?;
            there += read;
            if read == 0 || there == bytes.len() {
                let (pairs, _) = bytes[..there].as_chunks();
                let sample = |&pair: &[u8; 2]| f32::from(i16::from_le_bytes(pair)) / 32_768.0;
                listener.push(&pairs.iter().map(sample).collect::<Vec<_>>(), read == 0)?;
                there = 0;
            }
            if read == 0 {
                return Ok(());
            }
        }
    }
    let sound = open_wav(&options.file)?;
    if let Some(i) = sound.first_not_finite() {
        let value = sound.samples()[i];
        return Err(Error::other(format!("{}: sample {i} is {value}", options.file.display())));
    }
    let sound =
        Audio::new(sound.rate(), 1, sound.mono())?.resampled(SphinxMfcc::RATE)?.into_samples();
    for piece in sound.chunks(RATE / 5) {
        listener.push(piece, false)?;
    }
    listener.push(&[], true)?;
    if listener.words.is_empty() {
        println!("no words");
    }
    if sound.len() > 400 {
        let title = options.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let picture = Spectrogram::new(&LogMel::whisper(80)?.apply(&sound)?, 0.01)?.title(title);
        let with = |picture: Spectrogram, w: &TimedWord| picture.word(&w.word, w.start, w.end);
        listener.words.iter().fold(picture, with).save(&options.picture)?;
        println!("The spectrogram is in {}", options.picture.display());
    }
    Ok(())
}
