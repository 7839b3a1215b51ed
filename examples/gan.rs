//! Two networks: one makes digits of noise, the other learns to tell them from real ones (Goodfellow and others, 2014).
//! `cargo run --release --example gan -- --epochs 300`, and once more to go on, should it have been stopped.
use clap::Parser;
use gradus::data::vision::{Image, save_png};
use gradus::prelude::*;
use gradus::train::RunFolder;
use gradus::train::metrics::{Mean, Metric};

#[derive(Parser)]
struct Options {
    /// Times that training goes through the digits
    #[arg(long, default_value_t = 300)]
    epochs: u64,
    /// Folder for a picture after each epoch, history and checkpoints
    #[arg(long, default_value = "runs/gan")]
    out: String,
}

#[derive(Module)]
struct Nets {
    maker: Sequential,
    critic: Sequential,
}

fn main() -> gradus::Result<()> {
    let Options { epochs, out } = Options::parse();
    let (folder, mut rng) = (RunFolder::create(out)?, Rng::new(1));
    let mut linear = |inputs, outputs| Linear::new(inputs, outputs).init(&mut rng);
    let maker = Sequential::new().push(linear(32, 128)?).push(BatchNorm1d::new(128).init()?);
    let maker = maker.push(Relu).push(linear(128, 128)?).push(BatchNorm1d::new(128).init()?);
    let maker = maker.push(Relu).push(linear(128, 64)?);
    let critic = Sequential::new().push(linear(64, 128)?).push(Gelu).push(Dropout::new(0.3));
    let critic = critic.push(linear(128, 128)?).push(Gelu).push(Dropout::new(0.3));
    let critic = critic.push(linear(128, 1)?);
    let adam = || Adam::new(1e-3).betas(0.5, 0.999).optimizer();
    let train = DataLoader::new(Digits::load()?).batch_size(64).shuffle(2).drop_last(true);
    let pictures = folder.clone();
    let mut trainer = Trainer::new(Nets { maker, critic }, (adam(), adam()), 3)
        .epochs(epochs)
        .run_folder(folder)
        .show_progress("images")
        .on_epoch(move |event| draw(&event.model.maker, &pictures, event.epoch()));
    trainer.resume_if_any(&train)?;
    let (ones, zeros) = (Tensor::ones([64, 1]).into(), Tensor::zeros([64, 1]).into());
    trainer.fit_with(&train, None, |turn, (images, _)| {
        let noise = Tensor::normal([64, 32], 0.0, 1.0, turn.context.rng())?.into();
        let made = turn.model.maker.forward(&noise, turn.context)?.sigmoid();
        let real = turn.model.critic.forward(&images.flatten(1)?, turn.context)?;
        let caught = turn.model.critic.forward(&made.detach(), turn.context)?;
        let loss = bce_with_logits(&real, &ones)?.add(&bce_with_logits(&caught, &zeros)?)?;
        turn.descend(|nets, rules| (&mut nets.critic, &mut rules.1), &loss)?;
        let believed = turn.model.critic.forward(&made, turn.context)?;
        let deceived = bce_with_logits(&believed, &ones)?;
        turn.descend(|nets, rules| (&mut nets.maker, &mut rules.0), &deceived)?;
        let deceived = Mean::new("deceived").of((deceived.item()?, 64))?;
        Ok(Step::new(loss, 64).with(deceived))
    })?;
    Ok(())
}

/// A hundred digits of the same noise, ten in a row, each pixel four by four.
fn draw(maker: &Sequential, folder: &RunFolder, epoch: u64) -> gradus::Result<()> {
    let noise = Tensor::normal([100, 32], 0.0, 1.0, &mut Rng::new(4))?.into();
    let digits = no_grad(|| maker.forward(&noise, &mut Context::eval()))?.sigmoid();
    let digits = digits.value().reshape([100, 8, 8])?.pad(&[(0, 0), (1, 1), (1, 1)], 0.3)?;
    let rows = digits.reshape([10, 10, 10, 10])?.transpose(1, 2)?.reshape([100, 1, 100, 1])?;
    let image = Image::from_tensor(&rows.expand([100, 4, 100, 4])?.reshape([1, 400, 400])?)?;
    Ok(save_png(folder.file(format!("epoch-{epoch:03}.png")), &image)?)
}
