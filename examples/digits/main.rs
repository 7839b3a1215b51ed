//! Handwritten digits, from raw images to a trained, saved and reloaded network.
//!
//! ```text
//! cargo run --release --example digits
//! cargo run --release --example digits -- --help
//! ```

mod data;
mod net;
mod options;
mod report;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use gradus::data::transforms::{RandomShift, on_images};
use gradus::optim::{Cosine, Warmup};
use gradus::prelude::*;
use gradus::train::{Config, Outcome};

use net::Net;
use options::Options;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("digits: {e}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> gradus::Result<()> {
    if let Some(threads) = options.threads {
        gradus::tensor::threads::set_count(threads)?;
    }
    let epochs = options.epochs.unwrap_or(if options.data.is_some() { 3 } else { 30 });
    let folder = options.folder()?;
    folder.write_config(&config(options, epochs))?;

    let data = data::load(options)?;
    println!("{}", gradus::runtime_info());
    println!("Data: {}: {} to train, {} to test", data.origin, data.train.len(), data.test.len());

    let [_, height, width] = data.train.dataset().image_shape();
    let classes = data.train.dataset().class_names().len();
    let fresh = || Net::new([height, width], classes, &mut Rng::new(options.seed));
    let net = fresh()?;
    println!("\n{}\n", Summary::of(&net, &[1, 1, height, width])?);

    // Training images are moved by up to one pixel, so that no two epochs are the same.
    let moved = data.train.map(options.seed, on_images(RandomShift::new(1)));
    let train = DataLoader::new(moved)
        .batch_size(options.batch_size)
        .shuffle(options.seed)
        .workers(options.workers);
    let test = DataLoader::new(data.test.clone()).batch_size(256);

    let steps = epochs * train.len() as u64;
    let warmup = steps / 20 + 1;
    let schedule = Warmup::new(warmup).then(Cosine::new(steps.saturating_sub(warmup).max(1)));
    let optimizer = AdamW::new(options.lr).weight_decay(0.01).optimizer().schedule(schedule);
    let mut trainer = Trainer::new(net, optimizer, options.seed)
        .epochs(epochs)
        .stop_after(options.stop_after.unwrap_or(u64::MAX))
        .best("accuracy")
        .run_folder(folder.clone())
        .show_progress("images");
    if options.resume {
        trainer.resume(&Checkpoint::load(folder.last_checkpoint())?, &train)?;
        let (epoch, step) = trainer.position();
        println!("Going on after {epoch} epochs, {step} steps");
    }

    let (clock, before) = (Instant::now(), trainer.position());
    let outcome = trainer.fit(&train, Some(&test), |net, (images, labels), cx| {
        Step::classification(&net.forward(images, cx)?, labels)
    })?;
    if trainer.position() == before {
        println!(
            "Nothing was trained: {epochs} epochs are asked for, and {} are complete",
            before.0
        );
        return Ok(());
    }
    println!("Trained for {:.1} s", clock.elapsed().as_secs_f64());
    if matches!(outcome, Outcome::Stopped | Outcome::Interrupted) {
        println!("Stopped as asked; --resume goes on from {}", folder.last_checkpoint().display());
        return Ok(());
    }

    let (scores, labels) = report::predict(&trainer.model, &test)?;
    let matrix = report::print(&scores, &labels, &data.test)?;
    report::draw(&scores, &labels, &data.test)?;
    folder.write_confusion(&matrix)?;

    // The proof that nothing is lost on the way to the disk and back.
    let mut reloaded = fresh()?;
    let checkpoint = Checkpoint::load(folder.last_checkpoint())?;
    gradus::serialize::load(&mut reloaded, &checkpoint.model)?;
    let (again, _) = report::predict(&reloaded, &test)?;
    let same = again.to_vec().iter().zip(scores.to_vec()).all(|(a, b)| a.to_bits() == b.to_bits());
    if !same {
        return Err(gradus::Error::other("the reloaded network gives other predictions"));
    }
    println!("Reloaded {}: the same predictions, bit for bit", folder.last_checkpoint().display());
    println!(
        "Wrote history, curves, confusion matrix and checkpoints to {}",
        folder.path().display()
    );
    Ok(())
}

/// The settings, for the run folder.
fn config(options: &Options, epochs: u64) -> Config {
    let data = options.data.as_ref().map_or("embedded".to_string(), |d| d.display().to_string());
    Config::new()
        .set("data", data)
        .set("epochs", epochs as i64)
        .set("batch_size", options.batch_size as i64)
        .set("lr", options.lr)
        .set("seed", options.seed as i64)
        .set("threads", gradus::tensor::threads::count() as i64)
}
