//! Pictures: a network learns to tell them apart, and says what is on new ones.
//!
//! ```text
//! cargo run --release --example images -- --data DIR        # train; without --data on digits
//! cargo run --release --example images -- predict FILE …    # use it
//! cargo run --release --example images -- --help
//! ```

mod data;
mod net;
mod options;
mod predict;
mod report;
mod small;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use gradus::data::vision::{Compose, RandomCrop, RandomHorizontalFlip, on_items};
use gradus::nn::CrossEntropy;
use gradus::optim::{Cosine, Warmup};
use gradus::prelude::*;
use gradus::serialize::{safetensors, state_dict};
use gradus::train::metrics::{Accuracy, Metric};
use gradus::train::{Config, Outcome, RunFolder};

use data::Data;
use net::{Form, Net};
use options::{Command, Options, Training};

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.command {
        Some(Command::Predict { run, out, files }) => predict::run(run, out.as_deref(), files),
        None => train(&options.training),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("images: {e}");
            ExitCode::FAILURE
        }
    }
}

fn train(options: &Training) -> gradus::Result<()> {
    let folder = RunFolder::create(&options.out)?;
    if options.overwrite {
        folder.clear()?;
    } else if folder.holds_run() && !options.resume {
        return Err(gradus::Error::other(format!(
            "{} holds a run: --resume goes on with it, --overwrite replaces it, --out DIR writes elsewhere",
            folder.path().display()
        )));
    }
    let data = data::load(options)?;
    println!("{}", gradus::runtime_info());
    let (count, names, side) = (data.train.len(), &data.names, data.side);
    println!("{count} pictures to train, {} to test, {side} × {side}", data.test.len());
    println!("{} classes: {}", names.len(), names.join(", "));
    // What `predict` needs beside the weights.
    std::fs::write(folder.file("classes.txt"), names.join("\n"))?;
    folder.write_config(&Config::new().set("side", side).set("lr", options.lr))?;
    let net = network(options, &data)?;
    println!("{} parameters", net.count_params());

    // Moved by up to an eighth of the side, so that no two epochs are the same.
    let moved = Compose::new().then(RandomCrop::new([side, side]).padding(side / 8));
    let moved = if data.flip { moved.then(RandomHorizontalFlip::new(0.5)?) } else { moved };
    let train = DataLoader::new(Arc::clone(&data.train).map(options.seed, on_items(moved)))
        .batch_size(options.batch_size)
        .shuffle(options.seed)
        .drop_last(count > options.batch_size)
        .workers(options.workers);
    let test = DataLoader::new(Arc::clone(&data.test)).batch_size(256).workers(options.workers);

    let steps = options.epochs * train.len() as u64;
    let warmup = steps / 10 + 1;
    let schedule = Warmup::new(warmup).then(Cosine::new(steps.saturating_sub(warmup).max(1)));
    let optimizer = AdamW::new(options.lr).weight_decay(0.05).optimizer().schedule(schedule);
    let mut trainer = Trainer::new(net, optimizer, options.seed)
        .epochs(options.epochs)
        .best("accuracy")
        .run_folder(folder.clone())
        .show_progress("pictures");
    if options.resume {
        trainer.resume(&Checkpoint::load(folder.last_checkpoint())?, &train)?;
    }
    let outcome = trainer.fit(&train, Some(&test), |net, (pictures, labels), cx| {
        let scores = net.forward(pictures, cx)?;
        // A smoothed target while it learns, so that it does not strive for certainty.
        let smoothing = if cx.is_training() { 0.05 } else { 0.0 };
        let loss = CrossEntropy::new().label_smoothing(smoothing).forward(&scores, labels)?;
        Ok(Step::new(loss, labels.len()).with(Accuracy::new().of((&scores, labels))?))
    })?;
    data.print_skipped();
    if outcome != Outcome::Finished {
        println!("Stopped; --resume goes on from {}", folder.last_checkpoint().display());
        return Ok(());
    }
    let net = &trainer.model;
    safetensors::write(folder.file("weights.safetensors"), &state_dict(net)?, &BTreeMap::new())?;
    report::write(net, &test, names, &folder)
}

/// The network to begin with.
fn network(options: &Training, data: &Data) -> gradus::Result<Net> {
    let (rng, classes) = (&mut Rng::new(options.seed), data.names.len());
    let channels = data.train.get(0)?.0.channels();
    let Some(path) = &options.weights else {
        let (resnet, small_pictures) = (options.resnet, data.side <= 64);
        let width = options.width.unwrap_or(if resnet.is_some() { 64 } else { 32 });
        let form = Form { channels, width, classes, resnet, small_pictures };
        return Ok(Net::new(form, data.stats()?, rng)?);
    };
    let mut net = Net::of(safetensors::read(path)?.tensors, Some(classes), rng)?;
    if net.channels() != channels {
        let (wanted, path) = (net.channels(), path.display());
        let text =
            format!("{path} is for pictures of {wanted} channels, and these have {channels}");
        return Err(gradus::Error::other(text));
    }
    if options.freeze {
        net.freeze_body();
    }
    Ok(net)
}
