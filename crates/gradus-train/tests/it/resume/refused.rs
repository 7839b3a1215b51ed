//! Settings and data with which a run cannot go on exactly: refused, and named.

use gradus_data::samplers::WeightedRandomSampler;
use gradus_data::{DataLoader, StreamLoader, TensorDataset};
use gradus_optim::Adam;
use gradus_serialize::Checkpoint;
use gradus_tensor::Tensor;
use gradus_train::{Result, Trainer, WeightAverage};

use super::{Run, data, fit, net, step, trainer};
use crate::fixtures::{Lines, Shelf, lines, loader, weights};
use crate::message;

#[test]
fn what_is_not_as_it_was_is_refused_by_name() -> Result<()> {
    let (data, mut run) = (data()?, trainer()?.stop_after(4));
    fit(&mut run, &data)?;
    let checkpoint = run.checkpoint(&data.train)?;
    let refused = |mut run: Run, train: &DataLoader<Lines>| {
        let before = weights(&run.model);
        let error = message(run.resume(&checkpoint, train));
        assert_eq!((weights(&run.model), run.position()), (before, (0, 0)));
        error
    };
    let (x, y) = (Tensor::zeros([11, 2]), Tensor::zeros([11, 1]));
    let others = TensorDataset::new((x, y))?;
    // As many items of the same seed, in another order.
    let halves = WeightedRandomSampler::new([0.5; 11], 11, 1)?;
    let loaders = [
        (loader(lines(11)?, 5).shuffle(1), "batches of 5"),
        (loader(lines(12)?, 4).shuffle(1), "12 items"),
        (loader(lines(11)?, 4).shuffle(1).drop_last(true), "2 batches"),
        (loader(lines(11)?, 4).shuffle(9), "the seed of the training data 9, wanted 1, as in"),
        (loader(lines(11)?, 4).sampler(halves), ", order "),
        (loader(others, 4).shuffle(1), "digest"),
    ];
    for (train, what) in loaders {
        let error = refused(trainer()?, &train);
        assert!(error.contains(what), "{what} is not in {error:?}");
    }
    let error = refused(trainer()?.accumulate(3), &data.train);
    assert!(error.contains("accumulate 3") && error.contains("accumulate 1"), "{error}");
    let error = refused(trainer()?.best("train_loss"), &data.train);
    assert!(error.contains("best train_loss") && error.contains("best loss"), "{error}");
    let error = refused(trainer()?.average(WeightAverage::stochastic(2)), &data.train);
    assert!(error.contains("stochastic 2") && error.contains("exponential 0.8"), "{error}");

    let rules = (Adam::new(0.1).optimizer(), Adam::new(0.1).optimizer());
    let mut two = Trainer::new(net()?, rules, 1).average(WeightAverage::exponential(0.8));
    let error = message(two.resume(&checkpoint, &data.train));
    assert!(error.contains("a checkpoint of one optimizer, wanted the optimizers 0, 1"), "{error}");

    let mut run = trainer()?;
    run.resume(&checkpoint, &data.train)?;
    let error = message(run.fit(&data.train, Some(&loader(lines(11)?, 3).shuffle(2)), step));
    assert!(error.contains("the validation data") && error.contains("batches of 3"), "{error}");
    let error = message(run.fit(&data.train, None, step));
    assert!(
        error.contains("got the validation data none, wanted 11 items in 2 batches"),
        "{error}"
    );

    let mut alone = trainer()?.stop_after(4);
    alone.fit(&data.train, None, step)?;
    let mut run = trainer()?;
    run.resume(&alone.checkpoint(&data.train)?, &data.train)?;
    let error = message(fit(&mut run, &data));
    assert!(error.contains("got the validation data 11 items"), "{error}");
    assert!(error.contains("wanted none, as in the checkpoint"), "{error}");
    run.fit(&data.train, None, step)?;
    Ok(())
}

#[test]
fn a_stream_that_is_not_as_it_was_is_refused_by_name() -> Result<()> {
    let stream = |data: Lines| StreamLoader::new(Shelf(data.into())).batch_size(4);
    let (train, mut run) = (stream(lines(11)?).shuffle(1, 6), trainer()?.stop_after(4));
    run.fit(&train, Some(&stream(lines(11)?)), step)?;
    let checkpoint = run.checkpoint(&train)?;
    let others = || TensorDataset::new((Tensor::zeros([11, 2]), Tensor::zeros([11, 1])));
    for (other, what) in [
        (stream(lines(11)?).shuffle(2, 6), "the seed of the training data 2, wanted 1, as in"),
        (stream(lines(11)?).shuffle(1, 7), "a buffer of 7, in batches of 4 (digest"),
        (stream(lines(11)?).shuffle(1, 6).batch_size(5), "in batches of 5 (digest"),
        (stream(lines(11)?).shuffle(1, 6).drop_last(true), "the last one only if full"),
        (stream(lines(11)?).shuffle(1, 6).interleave(2), "3 shards, 2 at once"),
        (stream(lines(20)?).shuffle(1, 6), "5 shards"),
        (stream(others()?).shuffle(1, 6), "in batches of 4 (digest"),
    ] {
        let error = message(trainer()?.resume(&checkpoint, &other));
        assert!(error.contains("the training data") && error.contains(what), "{what}: {error}");
    }
    for (other, what) in [
        (stream(others()?), "the validation data"),
        (stream(lines(11)?).shuffle(1, 6), "the seed of the validation data"),
    ] {
        let mut run = trainer()?;
        run.resume(&checkpoint, &train)?;
        let error = message(run.fit(&train, Some(&other), step));
        assert!(error.contains(what), "{what}: {error}");
    }
    Ok(())
}

/// Counts at the end of what a number holds, which no run comes to.
#[test]
fn a_checkpoint_of_impossible_counts_is_refused() -> Result<()> {
    let (data, mut run) = (data()?, trainer()?.stop_after(4));
    fit(&mut run, &data)?;
    let changes: [fn(&mut Checkpoint); 4] = [
        |checkpoint| checkpoint.epoch = u64::MAX,
        |checkpoint| checkpoint.step = u64::MAX,
        |checkpoint| checkpoint.loader.as_mut().expect("a position").epoch = u64::MAX,
        |checkpoint| checkpoint.loader.as_mut().expect("a position").batch = u64::MAX,
    ];
    for change in changes {
        let mut checkpoint = run.checkpoint(&data.train)?;
        change(&mut checkpoint);
        let mut other = trainer()?;
        let error = message(other.resume(&checkpoint, &data.train));
        assert!(error.contains("wanted one of at most 9007199254740992 each"), "{error}");
        assert_eq!(other.position(), (0, 0));
    }
    // A count of an average has no end that matters.
    let mut checkpoint = run.checkpoint(&data.train)?;
    checkpoint.meta.insert("average".into(), u64::MAX.to_string());
    let mut other = trainer()?;
    other.resume(&checkpoint, &data.train)?;
    fit(&mut other, &data)?;
    Ok(())
}
