//! Who speaks? Nine men say two vowels, and a network that reads in both directions learns to tell them apart.
//!
//! `cargo run --release --example vowels`; with `-- --help` it lists its options.
//!
//! A recording is 7 to 29 frames of 12 numbers, which are brought to mean 0 and deviation 1 by what the training
//! part has. A convolution looks at five frames at a time; a bidirectional LSTM reads what it found from the start and
//! from the end, each recording to its own end; the mean of its outputs over the frames is what the last layer
//! sees. In training a little noise is added, so that no two epochs are the same.

use clap::Parser;
use gradus::data::{DataLoader, Recordings, Vowels};
use gradus::nn::{Buffer, Conv1d, CrossEntropy, Sequence};
use gradus::optim::{Cosine, Optimizer, Warmup};
use gradus::prelude::*;
use gradus::tensor::Activation;
use gradus::train::metrics::{Accuracy, ConfusionMatrix, Metric};
use gradus::train::{Outcome, RunFolder};

/// Train a network to recognise nine speakers by two vowels.
#[derive(Parser)]
#[command(name = "vowels")]
struct Options {
    /// Times that training goes through the 270 recordings
    #[arg(long, default_value_t = 60)]
    epochs: u64,

    /// Seed of everything random: the same seed gives the same bits
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Folder for history, pictures and checkpoints
    #[arg(long, default_value = "runs/vowels")]
    out: String,

    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    resume: bool,
}

/// A batch: frames `[N, 29, 12]`, how many of them each recording has, and the speakers.
type Batch = (Var, Tensor<i64>, Tensor<i64>);

#[derive(Module)]
struct Net {
    /// Mean and deviation of each of the 12 numbers: saved with the network, but not trained.
    mean: Buffer,
    deviation: Buffer,
    near: Conv1d,
    far: Lstm,
    dropout: Dropout,
    head: Linear,
}

impl Net {
    fn new(train: &Recordings, rng: &mut Rng) -> Result<Self> {
        let (frames, counts, _) = train.rows();
        // Behind the ends there are zeros, which add nothing to a sum.
        let all = counts.to_vec().iter().sum::<i64>() as f32;
        let mean_of = |x: &Tensor| x.sum_axes(&[0, 1], false).map(|sum| &sum / all);
        let mean = mean_of(frames)?;
        let deviation = mean_of(&frames.mul(frames)?)?.sub(&mean.mul(&mean)?)?.sqrt();
        let near = Conv1d::new(Vowels::FEATURES, 64, 5).padding(2).activation(Activation::Relu);
        Ok(Self {
            mean: Buffer::new(mean),
            deviation: Buffer::new(deviation),
            near: near.init(rng)?,
            far: Lstm::new(64, 64).batch_first(true).bidirectional(true).init(rng)?,
            dropout: Dropout::new(0.3),
            head: Linear::new(128, Vowels::SPEAKERS).init(rng)?,
        })
    }

    /// A score for each speaker, `[N, 9]`.
    fn forward(&self, (frames, counts, _): &Batch, cx: &mut Context) -> Result<Var> {
        let (mean, deviation) = (self.mean.get().into(), self.deviation.get().into());
        let mut frames = frames.sub(&mean)?.div(&deviation)?;
        if cx.is_training() {
            frames = frames.add(&Tensor::normal(frames.shape(), 0.0, 0.3, cx.rng())?.into())?;
        }
        // Zero again behind the end, where the convolution would see it.
        let lengths: Vec<usize> = counts.to_vec().into_iter().map(|n| n as usize).collect();
        let within =
            |i: usize| f32::from(u8::from(i % Vowels::FRAMES < lengths[i / Vowels::FRAMES]));
        let within: Vec<f32> = (0..lengths.len() * Vowels::FRAMES).map(within).collect();
        frames =
            frames.mul(&Tensor::from_vec(within, [lengths.len(), Vowels::FRAMES, 1])?.into())?;
        let near = self.near.forward(&frames.transpose(1, 2)?, cx)?.transpose(1, 2)?;
        let (far, _) = self.far.forward(&near, Sequence::new().lengths(&lengths), cx)?;
        // Behind its end a recording is zero, so the sum over all frames is that over its own.
        let counts = Var::from(counts.cast::<f32>().reshape([lengths.len(), 1])?);
        let mean = far.sum_axes(&[1], false)?.div(&counts)?;
        self.head.forward(&self.dropout.forward(&mean, cx)?, cx)
    }
}

fn main() -> gradus::Result<()> {
    let Options { epochs, seed, out, resume } = Options::parse();
    let Vowels { train, test } = Vowels::load()?;
    let net = Net::new(&train, &mut Rng::new(seed))?;
    let train = DataLoader::new(train).batch_size(32).shuffle(seed);
    let test = DataLoader::new(test).batch_size(370);

    println!("{}\n{} parameters", gradus::runtime_info(), net.count_params());
    let steps = epochs * train.len() as u64;
    let schedule = Warmup::new(steps / 20 + 1).then(Cosine::new(steps));
    let optimizer = AdamW::new(3e-3).weight_decay(0.01).optimizer().schedule(schedule);
    let folder = RunFolder::create(out)?;
    let mut trainer = Trainer::new(net, optimizer, seed)
        .epochs(epochs)
        .clip_norm(1.0)
        .best("accuracy")
        .run_folder(folder.clone())
        .show_progress("recordings");
    if resume {
        trainer.resume(&Checkpoint::load(folder.last_checkpoint())?, &train)?;
    }
    let outcome = trainer.fit(&train, Some(&test), |net, batch, cx| {
        // A smoothed target keeps a network of 72,000 numbers from being too sure of 270 recordings.
        let scores = net.forward(batch, cx)?;
        let loss = CrossEntropy::new().label_smoothing(0.1).forward(&scores, &batch.2)?;
        Ok(Step::new(loss, batch.2.len()).with(Accuracy::new().of((&scores, &batch.2))?))
    })?;
    if outcome == Outcome::Finished {
        report(&trainer, &test, &folder)?;
    }
    Ok(())
}

/// Which speakers are taken for which.
fn report(
    trainer: &Trainer<Net, Optimizer<AdamW>>,
    test: &DataLoader<Recordings>,
    folder: &RunFolder,
) -> gradus::Result<()> {
    let names = (1..=Vowels::SPEAKERS).map(|n| format!("man {n}"));
    let mut matrix = ConfusionMatrix::with_names(names)?;
    for batch in test.iter() {
        let batch = batch?;
        let scores = no_grad(|| trainer.model.forward(&batch, &mut Context::eval()))?;
        matrix.add_logits(scores.value(), &batch.2)?;
    }
    println!("\n{matrix}\n\n{:.2} % of {} right", 100.0 * matrix.accuracy()?, matrix.total());
    folder.write_confusion(&matrix)?;
    println!(
        "History, curves, confusion matrix and checkpoints are in {}",
        folder.path().display()
    );
    Ok(())
}
