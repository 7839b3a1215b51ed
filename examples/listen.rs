//! Words with their times, from a file or from a microphone, by a network that `spelled` trained.
//!
//! ```text
//! cargo run --release --example listen -- speech.wav
//! arecord -q -t raw -f S16_LE -r 16000 -c 1 | cargo run --release --example listen -- -
//! ```
//!
//! Sound is cut where nobody speaks. The letters of each piece are read off in view of which words follow each other, and
//! then the text is laid along the frames: the likeliest way to say it tells when each word was said. A file
//! also becomes a picture.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use gradus::data::audio::{Audio, LogMel, SphinxMfcc, VoiceActivity, open_wav};
use gradus::models::decode::{TimedWord, timed_words};
use gradus::train::plots::{Plot, Spectrogram};
use gradus::train::{Error, RunFolder};
use gradus_examples::letters::{Decoder, Recogniser};

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
/// No piece is longer, whatever is said: 30 s.
const LONGEST: usize = 30 * RATE;

/// Takes sound in pieces, and prints words as soon as the speaker makes a pause.
struct Listener {
    recogniser: Recogniser,
    decoder: Decoder,
    front: SphinxMfcc,
    activity: VoiceActivity,
    /// What is not recognised yet, and which sample of all is the first of it.
    sound: Vec<f32>,
    start: usize,
    words: Vec<TimedWord>,
}

impl Listener {
    fn new(options: &Options) -> gradus::Result<Self> {
        let folder = RunFolder::create(&options.run)?;
        let lm = options.lm.clone().unwrap_or_else(|| folder.file("words.arpa"));
        Ok(Self {
            recogniser: Recogniser::load(&folder)?,
            decoder: Decoder::with(lm)?,
            front: SphinxMfcc::new()?,
            activity: VoiceActivity::new(SphinxMfcc::RATE)?.times(0.6, 0.08, 0.25)?,
            sound: Vec::new(),
            start: 0,
            words: Vec::new(),
        })
    }

    /// Hears more; at the end also what is still open.
    fn push(&mut self, samples: &[f32], end: bool) -> gradus::Result<()> {
        self.sound.extend_from_slice(samples);
        while let Some(span) = self.activity.spans(&self.sound).into_iter().next() {
            let over = span.end + RATE / 2 < self.sound.len();
            if !(over || end || span.end - span.start > LONGEST) {
                return Ok(());
            }
            let piece = self.sound[span.clone()].to_vec();
            self.say(&piece, self.start + span.start)?;
            self.forget(span.end);
        }
        // Silence for a long time: the last of it tells what is quiet here.
        self.forget(self.sound.len().saturating_sub(LONGEST));
        Ok(())
    }

    fn forget(&mut self, samples: usize) {
        self.sound.drain(..samples);
        self.start += samples;
    }

    fn say(&mut self, sound: &[f32], start: usize) -> gradus::Result<()> {
        let cepstra = self.front.apply(sound)?;
        if cepstra.frames() == 0 {
            return Ok(());
        }
        let log_p = self.recogniser.hear(&cepstra)?;
        let text = self.decoder.text(&log_p, &self.recogniser.alphabet)?;
        let seconds = start as f64 / RATE as f64;
        for word in timed_words(&log_p, &text, &self.recogniser.alphabet, self.recogniser.step())? {
            let (start, end) = (word.start + seconds, word.end + seconds);
            println!("{start:8.2} s to {end:8.2} s  {}", word.word);
            self.words.push(TimedWord { start, end, ..word });
        }
        Ok(())
    }
}

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
