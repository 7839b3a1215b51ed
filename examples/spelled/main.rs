//! From sound to letters: a recogniser learns to write down what it hears, and nobody tells it when which letter is said.
//!
//! ```text
//! cargo run --release --example spelled -- --data an4
//! ```
//!
//! In AN4 people spell their names and say numbers. The frames of a recording are 13 cepstra, a hundred a second. A
//! convolution keeps every other frame, LSTMs read them in both directions, and each frame says a letter or a blank; the
//! loss adds up all ways to say the text (connectionist temporal classification). In training every recording is a
//! little faster or slower, and has some gaps. Afterwards three ways to read the letters off are compared.

mod data;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use data::{FETCH, recordings, tested_with, trained_with};
use gradus::autograd::CtcOptions;
use gradus::data::Padded;
use gradus::models::decode::{Alphabet, NGram};
use gradus::optim::{Cosine, Warmup};
use gradus::prelude::*;
use gradus::train::metrics::{Cer, Metric, Wer};
use gradus::train::{Error, Outcome, RunFolder};
use gradus_examples::letters::{Decoder, Recogniser};

/// Train a network to write down speech.
#[derive(Parser)]
#[command(name = "spelled")]
struct Options {
    /// Folder of recordings (or cepstra) and transcripts
    #[arg(long)]
    data: Option<PathBuf>,
    /// Times that training goes through the recordings
    #[arg(long, default_value_t = 50)]
    epochs: u64,
    /// Units in each direction of each layer
    #[arg(long, default_value_t = 160)]
    hidden: usize,
    /// Recordings in a batch
    #[arg(long, default_value_t = 8)]
    batch_size: usize,
    /// Seed of everything random: the same seed gives the same bits
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for history, pictures, checkpoints and the language model
    #[arg(long, default_value = "runs/spelled")]
    out: PathBuf,
    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    resume: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spelled: {error}");
            ExitCode::FAILURE
        }
    }
}

type Batch = (Padded<Var>, Vec<String>);

fn run(options: &Options) -> gradus::Result<()> {
    let Options { epochs, hidden, batch_size, seed, .. } = *options;
    let data = options.data.as_ref().ok_or_else(|| Error::other(FETCH))?;
    let (train, test) = recordings(data)?;
    println!(
        "{}\n{} recordings to train, {} to test",
        gradus::runtime_info(),
        train.len(),
        test.len()
    );
    let texts: Vec<String> = train.iter().map(|(_, text)| text.clone()).collect();
    let all = train.iter().chain(&test).map(|(_, text)| text);
    let mut recogniser = Recogniser::new(Alphabet::of(all)?, hidden, &mut Rng::new(seed))?;
    let alphabet = recogniser.alphabet.clone();

    let (train, test) = (trained_with(train, batch_size, seed)?, tested_with(test));
    let steps = epochs * train.len() as u64;
    let schedule = Warmup::new(steps / 20 + 1).then(Cosine::new(steps));
    let optimizer = AdamW::new(3e-3).weight_decay(0.02).optimizer().schedule(schedule);
    let folder = RunFolder::create(&options.out)?;
    let config = recogniser.config();
    let mut trainer = Trainer::new(recogniser.net, optimizer, seed)
        .epochs(epochs)
        .clip_norm(5.0)
        .best("cer")
        .run_folder(folder.clone())
        .show_progress("recordings");
    if options.resume {
        trainer.resume(&Checkpoint::load(folder.last_checkpoint())?, &train)?;
    }
    let outcome = trainer.fit(&train, Some(&test), |net, (features, texts): &Batch, cx| {
        let (log_p, frames) = net.forward(&features.values, Some(&features.lengths), cx)?;
        let labels = texts.iter().map(|text| alphabet.labels(text)).collect::<Result<Vec<_>>>()?;
        let loss = log_p.ctc_loss(&labels, &frames, CtcOptions::new().zero_infinity(true))?;
        let said = read(&log_p, &frames, &Decoder::Greedy, &alphabet)?;
        Ok(Step::new(loss, texts.len()).with(Cer::new().of((&said, texts))?))
    })?;
    folder.write_config(&config)?;
    let model = NGram::train(3, texts.iter().map(|text| text.split_whitespace()))?;
    std::fs::write(folder.file("words.arpa"), model.to_arpa())?;
    if outcome != Outcome::Finished {
        return Ok(());
    }
    recogniser.net = trainer.model;
    println!();
    let ways = [
        ("best letters", Decoder::Greedy),
        ("beam", Decoder::Beam),
        ("words", Decoder::Model(model)),
    ];
    for (name, decoder) in ways {
        let (mut cer, mut wer) = (Cer::new(), Wer::new());
        for batch in test.iter() {
            let (features, texts): Batch = batch?;
            let cx = &mut Context::eval();
            let (log_p, frames) =
                no_grad(|| recogniser.net.forward(&features.values, Some(&features.lengths), cx))?;
            let said = read(&log_p, &frames, &decoder, &alphabet)?;
            cer.add((&said, &texts))?;
            wer.add((&said, &texts))?;
        }
        println!(
            "{name:>12}: {:5.2} % of the letters wrong, {:5.2} % of the words",
            100.0 * cer.value(),
            100.0 * wer.value()
        );
    }
    Ok(())
}

/// The texts of a batch `[frames, recordings, classes]`.
fn read(
    log_p: &Var,
    frames: &[usize],
    decoder: &Decoder,
    alphabet: &Alphabet,
) -> gradus::Result<Vec<String>> {
    let one = |(n, &frames): (usize, &usize)| {
        decoder.text(&log_p.value().index(1, n)?.slice(0, ..frames)?, alphabet)
    };
    frames.iter().enumerate().map(one).collect()
}
