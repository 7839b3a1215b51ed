//! A generative adversarial network: a generator makes digits of noise, a critic learns to tell them from real ones, and
//! the generator learns to deceive it (Goodfellow and others, *Generative adversarial nets*, 2014, algorithm 1).
//!
//! After each epoch it draws a hundred digits. Started again by the same command, it goes on where it was stopped:
//! `cargo run --release --example gan -- --epochs 200`
use clap::Parser;
use gradus::data::vision::{Image, save_png};
use gradus::optim::Optimizer;
use gradus::prelude::*;
use gradus::train::{RunFolder, optimizers};

#[derive(Parser)]
struct Options {
    /// Times that training goes through the 1,797 digits
    #[arg(long, default_value_t = 200)]
    epochs: u64,
    /// Folder for pictures, history and checkpoints
    #[arg(long, default_value = "runs/gan")]
    out: String,
}

#[derive(Module)]
struct Nets {
    generator: Sequential,
    critic: Sequential,
}

struct Rules {
    generator: Optimizer<Adam>,
    critic: Optimizer<Adam>,
}
optimizers!(Rules { generator, critic });

const NOISE: usize = 32;

fn main() -> gradus::Result<()> {
    let Options { epochs, out } = Options::parse();
    let (folder, mut rng) = (RunFolder::create(out)?, Rng::new(1));
    let mut linear = |i, o| Linear::new(i, o).init(&mut rng);
    let generator = Sequential::new()
        .push(linear(NOISE, 128)?)
        .push(BatchNorm1d::new(128).init()?)
        .push(Relu)
        .push(linear(128, 128)?)
        .push(BatchNorm1d::new(128).init()?)
        .push(Relu)
        .push(linear(128, 64)?);
    let critic = Sequential::new()
        .push(linear(64, 128)?)
        .push(Gelu)
        .push(Dropout::new(0.3))
        .push(linear(128, 128)?)
        .push(Gelu)
        .push(Dropout::new(0.3))
        .push(linear(128, 1)?);
    let adam = || Adam::new(1e-3).betas(0.5, 0.999).optimizer();
    let rules = Rules { generator: adam(), critic: adam() };
    let train = DataLoader::new(Digits::load()?).batch_size(64).shuffle(2).drop_last(true);

    let pictures = folder.clone();
    let mut trainer = Trainer::new(Nets { generator, critic }, rules, 3)
        .epochs(epochs)
        .run_folder(folder)
        .show_progress("images")
        .on_epoch(move |event| draw(&event.model.generator, &pictures, event.epoch()));
    trainer.resume_if_any(&train)?;
    trainer.fit_with(&train, None, |turn, (images, _)| {
        let n = images.shape()[0];
        let (ones, zeros) = (Tensor::ones([n, 1]).into(), Tensor::zeros([n, 1]).into());
        let noise = Tensor::normal([n, NOISE], 0.0, 1.0, turn.context.rng())?.into();
        let fake = turn.model.generator.forward(&noise, turn.context)?.sigmoid();
        let real = turn.model.critic.forward(&images.flatten(1)?, turn.context)?;
        let caught = turn.model.critic.forward(&fake.detach(), turn.context)?;
        let loss = bce_with_logits(&real, &ones)?.add(&bce_with_logits(&caught, &zeros)?)?;
        turn.descend(|nets, rules| (&mut nets.critic, &mut rules.critic), &loss)?;
        let believed = turn.model.critic.forward(&fake, turn.context)?;
        let deceived = bce_with_logits(&believed, &ones)?;
        turn.descend(|nets, rules| (&mut nets.generator, &mut rules.generator), &deceived)?;
        Ok(Step::new(loss, n))
    })?;
    Ok(())
}

/// A hundred digits of the same noise, ten in a row, each pixel four by four.
fn draw(generator: &Sequential, folder: &RunFolder, epoch: u64) -> gradus::Result<()> {
    let noise = Tensor::normal([100, NOISE], 0.0, 1.0, &mut Rng::new(4))?.into();
    let digits = no_grad(|| generator.forward(&noise, &mut Context::eval()))?.sigmoid();
    let rows = digits.value().reshape([10, 10, 8, 8])?.transpose(1, 2)?.reshape([80, 1, 80, 1])?;
    let image = Image::from_tensor(&rows.expand([80, 4, 80, 4])?.reshape([1, 320, 320])?)?;
    Ok(save_png(folder.file(format!("epoch-{epoch:03}.png")), &image)?)
}
