//! The same seed gives the same bits: for any number of threads and loader workers, and across a
//! stop and a resume. And training asks for no more memory than its first steps did.

use gradus::data::transforms::{RandomShift, on_images};
use gradus::data::{DataLoader, Dataset, Digits};
use gradus::optim::{Cosine, Optimizer};
use gradus::prelude::*;
use gradus::serialize::state_dict;
use gradus::tensor::{memory, threads};
use gradus::train::Outcome;

#[derive(Module)]
struct Net {
    conv: Conv2d,
    norm: BatchNorm2d,
    head: Linear,
    dropout: Dropout,
}

impl Net {
    fn new() -> Result<Self> {
        let mut rng = Rng::new(11);
        Ok(Self {
            conv: Conv2d::new(1, 8, 3).padding(1).init(&mut rng)?,
            norm: BatchNorm2d::new(8).init()?,
            head: Linear::new(128, 10).init(&mut rng)?,
            dropout: Dropout::new(0.3),
        })
    }
}

impl Layer for Net {
    fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let x = self.norm.forward(&self.conv.forward(x, cx)?, cx)?.relu().max_pool2d(2)?;
        self.head.forward(&self.dropout.forward(&x.flatten(1)?, cx)?, cx)
    }
}

fn step(
    net: &Net,
    (images, labels): &(Var, Tensor<i64>),
    cx: &mut Context,
) -> gradus::Result<Step> {
    Step::classification(&net.forward(images, cx)?, labels)
}

fn trainer() -> gradus::Result<Trainer<Net, Optimizer<AdamW>>> {
    let optimizer = AdamW::new(3e-3).optimizer().schedule(Cosine::new(60));
    Ok(Trainer::new(Net::new()?, optimizer, 5).epochs(2))
}

fn loader(workers: usize) -> gradus::Result<DataLoader<impl Dataset<Item = (Tensor, i64)>>> {
    let (train, _) = Digits::load()?.split(0.3, 1)?;
    let moved = train.map(9, on_images(RandomShift::new(1)));
    Ok(DataLoader::new(moved).batch_size(32).shuffle(3).workers(workers))
}

/// The bits of every parameter and buffer.
fn bits(net: &Net) -> Vec<u32> {
    let mut bits = Vec::new();
    let weights = state_dict(net).expect("distinct paths");
    for (_, tensor) in weights.iter() {
        let tensor: Tensor = tensor.cast();
        bits.extend(tensor.to_vec().iter().map(|x| x.to_bits()));
    }
    assert!(bits.len() > 1000);
    bits
}

fn trained(workers: usize) -> gradus::Result<Vec<u32>> {
    let train = loader(workers)?;
    let mut trainer = trainer()?;
    trainer.fit(&train, Some(&train_part()?), step)?;
    Ok(bits(&trainer.model))
}

fn train_part() -> gradus::Result<DataLoader<impl Dataset<Item = (Tensor, i64)>>> {
    Ok(DataLoader::new(Digits::load()?.split(0.1, 4)?.0).batch_size(100))
}

#[test]
fn threads_and_workers_do_not_change_a_bit() -> gradus::Result<()> {
    let one = trained(0)?;
    for (count, workers) in [(1, 0), (2, 1), (4, 3)] {
        let other = threads::with_count(count, || trained(workers))??;
        assert_eq!(one, other, "{count} threads and {workers} workers give other bits");
    }
    Ok(())
}

#[test]
fn stop_after_any_step_and_resume_is_as_if_never_stopped() -> gradus::Result<()> {
    let whole = trained(0)?;
    let steps = 2 * loader(0)?.len() as u64;
    // The first and the last step, the ends of the epochs, and some in between.
    for stop in [1, 5, steps / 2 - 1, steps / 2, steps / 2 + 1, steps - 1] {
        let train = loader(0)?;
        let mut first = trainer()?.stop_after(stop);
        assert_eq!(first.fit(&train, Some(&train_part()?), step)?, Outcome::Stopped);
        let bytes = first.checkpoint(&train)?.to_bytes()?;
        drop((first, train));

        let train = loader(1)?;
        let mut second = trainer()?;
        second.resume(&Checkpoint::from_bytes(&bytes)?, &train)?;
        assert_eq!(second.position().1, stop);
        assert_eq!(second.fit(&train, Some(&train_part()?), step)?, Outcome::Finished);
        assert_eq!(bits(&second.model), whole, "stopped after step {stop}");
        assert_eq!(second.history.len(), 2);
    }
    Ok(())
}

#[test]
fn the_same_trainer_goes_on_where_it_stopped() -> gradus::Result<()> {
    let train = loader(0)?;
    let mut trainer = trainer()?.stop_after(7);
    assert_eq!(trainer.fit(&train, Some(&train_part()?), step)?, Outcome::Stopped);
    let mut trainer = trainer.stop_after(u64::MAX);
    assert_eq!(trainer.fit(&train, Some(&train_part()?), step)?, Outcome::Finished);
    assert_eq!(bits(&trainer.model), trained(0)?);
    Ok(())
}

/// A thousand steps live in the memory of the first ones. Other tests of this binary run at the
/// same time and use the same pool, so this one runs in a process of its own.
#[test]
fn no_memory_leaks_over_a_thousand_steps() -> gradus::Result<()> {
    if std::env::var_os("GRADUS_LEAK_TEST").is_none() {
        let status = std::process::Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "bits::no_memory_leaks_over_a_thousand_steps"])
            .env("GRADUS_LEAK_TEST", "1")
            .status()
            .expect("a process of its own");
        assert!(status.success());
        return Ok(());
    }
    let mut net = Net::new()?;
    let mut optimizer = AdamW::new(1e-3).optimizer();
    let mut cx = Context::train(1);
    let x = Var::from(Tensor::normal([16, 1, 8, 8], 0.0, 1.0, &mut Rng::new(1))?);
    let labels = Tensor::vector((0..16).map(|i| i % 10).collect::<Vec<i64>>());
    let mut run = |steps: usize| -> gradus::Result<()> {
        for _ in 0..steps {
            let loss = cross_entropy(&net.forward(&x, &mut cx)?, &labels)?;
            optimizer.step(&mut net, &loss.backward()?)?;
        }
        Ok(())
    };
    threads::with_count(1, || -> gradus::Result<()> {
        run(20)?;
        let before = memory::stats();
        run(1000)?;
        let after = memory::stats();
        assert_eq!(after.live, before.live, "bytes in tensors");
        assert_eq!(after.system_requests, before.system_requests, "requests to the system");
        Ok(())
    })?
}
