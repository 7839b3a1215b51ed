//! One word out of a few, by its sound: spoken digits, commands, or any folder of short recordings.
//!
//! ```text
//! cargo run --release --example spoken-digits -- --data recordings      trains
//! cargo run --release --example spoken-digits -- predict word.wav       listens
//! ```
//!
//! A recording becomes a picture: the energies of 40 bands of pitch for every hundredth of a second, as logarithms. A
//! convolutional network that is small enough for a microcontroller reads it. In training every recording is a
//! little faster or slower, earlier or later, noisier than before, and has a hole or two.

mod ear;
mod options;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use ear::Ear;
use gradus::data::audio::augment::{Augment, Chain, Noise, Shift, Speed};
use gradus::data::audio::{Audio, RecordingFolder, open_wav};
use gradus::models::KeywordCnn;
use gradus::nn::CrossEntropy;
use gradus::optim::{Cosine, Warmup};
use gradus::prelude::*;
use gradus::train::metrics::{Accuracy, ConfusionMatrix, Metric};
use gradus::train::{Config, Error, Outcome, RunFolder, Value};
use options::{Command, FETCH, Options};

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.command {
        Some(Command::Predict { file, out }) => predict(file, out),
        None => train(&options),
    };
    done.map_or_else(
        |error| {
            eprintln!("spoken-digits: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn train(options: &Options) -> gradus::Result<()> {
    let seed = options.seed;
    let all = RecordingFolder::open(options.data.as_ref().ok_or_else(|| Error::other(FETCH))?)?;
    let (train, test) = match &options.leave_out {
        Some(speaker) => all.without(speaker)?,
        None => all.given(),
    };
    let (labels, rate) = (all.labels(), all.rate());
    println!(
        "{}\n{} recordings to train, {} to test, {rate} Hz",
        gradus::runtime_info(),
        train.len(),
        test.len()
    );
    let ear = Ear::new(rate)?;
    let augment = Chain::new()
        .then(Speed::new(&[0.9, 1.0, 1.0, 1.1])?)
        .then(Shift::new(rate as usize / 20))
        .sometimes(0.3, Noise::white(10.0, 40.0)?)?;
    let train = train.map(seed, move |(sound, label), rng| {
        Ok((ear.hear(&augment.apply(&sound, rng)?, Some(rng))?, label))
    });
    let ear = Ear::new(rate)?;
    let test = test.map(0, move |(sound, label), _| Ok((ear.hear(&sound, None)?, label)));
    let train = DataLoader::new(train).batch_size(50).shuffle(seed).workers(options.workers);
    let test = DataLoader::new(test).batch_size(100).workers(options.workers);

    let net: KeywordCnn = KeywordCnn::new(labels.len()).init(&mut Rng::new(seed))?;
    let batches = train.len() as u64;
    let epochs = options.epochs.unwrap_or((2000 / batches.max(1)).clamp(10, 80));
    let steps = epochs * batches;
    let schedule = Warmup::new(steps / 20 + 1).then(Cosine::new(steps));
    let optimizer = AdamW::new(4e-3).weight_decay(0.02).optimizer().schedule(schedule);
    let folder = RunFolder::create(&options.out)?;
    let mut trainer = Trainer::new(net, optimizer, seed)
        .epochs(epochs)
        .best("accuracy")
        .run_folder(folder.clone())
        .show_progress("recordings");
    if options.resume {
        trainer.resume(&Checkpoint::load(folder.last_checkpoint())?, &train)?;
    }
    let outcome = trainer.fit(&train, Some(&test), |net, (pictures, labels), cx| {
        let scores = net.forward(pictures, cx)?;
        let loss = CrossEntropy::new().label_smoothing(0.1).forward(&scores, labels)?;
        Ok(Step::new(loss, labels.len()).with(Accuracy::new().of((&scores, labels))?))
    })?;
    folder.write_config(&Config::new().set("rate", rate).set("labels", labels.join("\t")))?;
    if outcome == Outcome::Finished {
        let mut matrix = ConfusionMatrix::with_names(labels)?;
        for batch in test.iter() {
            let (pictures, labels) = batch?;
            let scores = no_grad(|| trainer.model.forward(&pictures, &mut Context::eval()))?;
            matrix.add_logits(scores.value(), &labels)?;
        }
        println!("\n{matrix}\n\n{:.2} % of {} right", 100.0 * matrix.accuracy()?, matrix.total());
        folder.write_confusion(&matrix)?;
    }
    Ok(())
}

/// The three likeliest words of a file.
fn predict(file: &Path, out: &Path) -> gradus::Result<()> {
    let about = out.join("config.toml");
    let config = Config::read(&about)?;
    let (Some(Value::Integer(rate)), Some(Value::Text(labels))) =
        (config.get("rate"), config.get("labels"))
    else {
        return Err(Error::other(format!("{} is of another program", about.display())));
    };
    let (rate, labels) =
        (u32::try_from(*rate).map_err(Error::other)?, labels.split('\t').collect::<Vec<_>>());
    let mut net: KeywordCnn = KeywordCnn::new(labels.len()).init(&mut Rng::new(0))?;
    gradus::serialize::load(&mut net, &Checkpoint::load(out.join("last.ckpt"))?.model)?;
    let sound = open_wav(file)?;
    let sound = Audio::new(sound.rate(), 1, sound.mono())?.resampled(rate)?.into_samples();
    if sound.iter().all(|x| x.abs() < 1e-4) {
        return Err(Error::other(format!("{} is silent: there is no word in it", file.display())));
    }
    let picture = Ear::new(rate)?.hear(&sound, None)?.unsqueeze(0)?.into();
    let scores = no_grad(|| net.forward(&picture, &mut Context::eval()))?.softmax(-1)?;
    let scores = scores.value().to_vec();
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    for &label in order.iter().take(3) {
        println!("{:5.1} %  {}", 100.0 * scores[label], labels[label]);
    }
    Ok(())
}
