//! Where are the figures, and which? A U-Net gives every pixel of a picture a class: ground, or one of ten digits.
//!
//! `cargo run --release --example segment`; with `-- --help` it lists its options.
//!
//! Pictures are made on the way: figures at random places, brighter or darker, among lines that are none, under noise. No
//! two epochs see the same ones. What is found is measured by intersection over union, `|found ∩ there| / |found ∪ there|`
//! for each class over all test pictures, and by the mean over the classes.

mod scene;

use std::path::PathBuf;

use clap::Parser;
use gradus::models::UNet;
use gradus::optim::{Cosine, Warmup};
use gradus::prelude::*;
use gradus::train::metrics::{Average, Iou, Metric};
use gradus::train::plots::ImageGrid;
use gradus::train::{Outcome, RunFolder};

/// Train a U-Net to find figures in pictures.
#[derive(Parser)]
#[command(name = "segment")]
struct Options {
    /// Times that training goes through its figures; each is the first in one picture
    #[arg(long, default_value_t = 40)]
    epochs: u64,
    /// Folder with the four files of MNIST, whose figures are used then [default: the digits of 8×8 that ship with Gradus]
    #[arg(long)]
    data: Option<PathBuf>,
    /// Use this many figures to train and a fourth of it to test, to try something out
    #[arg(long, default_value_t = usize::MAX)]
    figures: usize,
    /// Channels of the first block
    #[arg(long, default_value_t = 16)]
    width: usize,
    /// Seed of everything random: the same seed gives the same bits
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for history, pictures and checkpoints
    #[arg(long, default_value = "runs/segment")]
    out: PathBuf,
    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    resume: bool,
}

/// Ground and ten digits.
const CLASSES: usize = 11;

fn main() -> gradus::Result<()> {
    let options = Options::parse();
    let seed = options.seed;
    let (train, test) = scene::figures(options.data.as_deref(), options.figures)?;
    let [train, test] = [(train, seed), (test, 0)].map(|(figures, seed)| {
        let all = figures.clone();
        let scene = move |first, rng: &mut Rng| scene::scene(first, &all, rng);
        DataLoader::new(figures.map(seed, scene)).batch_size(32).workers(1)
    });
    let train = train.shuffle(seed);
    let net: UNet =
        UNet::new(1, CLASSES).width(options.width).depth(3).init(&mut Rng::new(seed))?;
    println!("{}\n{} parameters", gradus::runtime_info(), net.count_params());

    let steps = options.epochs * train.len() as u64;
    let schedule = Warmup::new(steps / 20 + 1).then(Cosine::new(steps));
    let folder = RunFolder::create(options.out)?;
    let mut trainer = Trainer::new(net, AdamW::new(3e-3).optimizer().schedule(schedule), seed)
        .epochs(options.epochs)
        .best("iou_macro")
        .run_folder(folder.clone())
        .show_progress("pictures");
    if options.resume {
        trainer.resume(&Checkpoint::load(folder.last_checkpoint())?, &train)?;
    }
    let outcome = trainer.fit(&train, Some(&test), |net, (pictures, truth), cx| {
        let scores = net.forward(pictures, cx)?;
        let iou = Iou::new(CLASSES, Average::Macro)?.of((&scores, truth))?;
        Ok(Step::new(cross_entropy(&scores, truth)?, truth.shape()[0]).with(iou))
    })?;
    if outcome == Outcome::Finished {
        report(&trainer.model, &test, &folder)?;
    }
    Ok(())
}

/// The IoU of each class, and pictures with what was found over them.
fn report<D>(net: &UNet, test: &DataLoader<D>, folder: &RunFolder) -> gradus::Result<()>
where
    D: Dataset<Item = (Tensor, Tensor<i64>)> + 'static,
{
    let mut iou = Iou::new(CLASSES, Average::Macro)?;
    for (i, batch) in test.iter().enumerate() {
        let (pictures, truth) = batch?;
        let scores = no_grad(|| net.forward(&pictures, &mut Context::eval()))?;
        iou.add((&scores, &truth))?;
        if i == 0 {
            let (found, few) = (scores.value().argmax(1)?, 8.min(truth.shape()[0]));
            let grid = ImageGrid::masks(
                &pictures.value().slice(0, ..few)?,
                &[("found", &found.slice(0, ..few)?), ("there", &truth.slice(0, ..few)?)],
            )?;
            folder.write_plot("masks", &grid)?;
        }
    }
    let names = ["ground".to_string()].into_iter().chain((0..10).map(|digit| digit.to_string()));
    for (name, share) in names.zip(iou.per_class()) {
        println!("{name:>6}  {share:.4}");
    }
    println!("  mean  {:.4} intersection over union", iou.value());
    println!(
        "History, curves, checkpoints and masks over pictures are in {}",
        folder.path().display()
    );
    Ok(())
}
