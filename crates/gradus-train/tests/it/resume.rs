//! Stop, fail, be killed: what goes on from there has the bits of a run that never stopped.

use gradus_autograd::Var;
use gradus_data::{DataLoader, TensorDataset};
use gradus_nn::{BatchNorm1d, Context, Dropout, Layer, Linear, Module, ModuleExt, mse_loss};
use gradus_optim::{Adam, Lbfgs, Optimizer, Plateau, Sgd};
use gradus_serialize::Checkpoint;
use gradus_tensor::{Rng, Tensor};
use gradus_train::{Error, Outcome, Result, RunFolder, Step, Trainer, WeightAverage};

use crate::fixtures::{Lines, Pairs, lines, loader, weights};
use crate::message;

/// Everything that has a state: a buffer, random numbers.
#[derive(Module)]
struct Net {
    first: Linear,
    norm: BatchNorm1d,
    dropout: Dropout,
    second: Linear,
}

impl Layer for Net {
    fn forward(&self, x: &Var, cx: &mut Context) -> gradus_nn::Result<Var> {
        let x = self.norm.forward(&self.first.forward(x, cx)?, cx)?;
        self.second.forward(&self.dropout.forward(&x, cx)?, cx)
    }
}

fn net() -> Result<Net> {
    let mut rng = Rng::new(1);
    Ok(Net {
        first: Linear::new(2, 4).init(&mut rng)?,
        norm: BatchNorm1d::new(4).init()?,
        dropout: Dropout::new(0.2),
        second: Linear::new(4, 1).init(&mut rng)?,
    })
}

/// Batches of 4, 4 and 3; both parts in random order, and validation leaves some out, so that its loss depends on where
/// its loader stands.
struct Data {
    train: DataLoader<Lines>,
    validation: DataLoader<Lines>,
}

fn data() -> Result<Data> {
    Ok(Data {
        train: loader(lines(11)?, 4).shuffle(1),
        validation: loader(lines(11)?, 4).shuffle(2).drop_last(true),
    })
}

type Run = Trainer<Net, Optimizer<Adam>>;

/// Everything that has a state: a schedule that listens, averages, the best weights.
fn trainer() -> Result<Run> {
    let plateau = Plateau::new(0.5).patience(0);
    Ok(Trainer::new(net()?, Adam::new(0.05).optimizer().schedule(plateau), 5)
        .epochs(4)
        .average(WeightAverage::exponential(0.8))
        .early_stopping(50)
        .restore_best())
}

fn step(net: &Net, (x, y): &Pairs, cx: &mut Context) -> Result<Step> {
    Ok(Step::new(mse_loss(&net.forward(x, cx)?, y)?, y.shape()[0]))
}

fn fit(run: &mut Run, data: &Data) -> Result<Outcome> {
    run.fit(&data.train, Some(&data.validation), step)
}

/// All that must be the same in the end, but for the times.
fn end(run: &Run, data: &Data) -> (Vec<u32>, Vec<Vec<u64>>, String) {
    let columns = run.history.columns().iter().filter(|name| *name != "seconds");
    let column = |name: &String| run.history.column(name).expect("a column");
    let history = columns.map(|name| column(name).into_iter().map(f64::to_bits).collect());
    let state = (run.optimizer.state(), run.context.rng_state(), run.averaged());
    let places = (data.train.state(), data.validation.state());
    (weights(&run.model), history.collect(), format!("{state:?} {places:?} {:?}", run.position()))
}

fn unbroken() -> Result<(Vec<u32>, Vec<Vec<u64>>, String)> {
    let (data, mut run) = (data()?, trainer()?);
    assert_eq!(fit(&mut run, &data)?, Outcome::Finished);
    assert_eq!(run.position(), (4, 12));
    Ok(end(&run, &data))
}

#[test]
fn stopped_after_any_step_and_resumed_elsewhere() -> Result<()> {
    let whole = unbroken()?;
    for stop in 1..=12 {
        let (there, mut run) = (data()?, trainer()?.stop_after(stop));
        assert_eq!(fit(&mut run, &there)?, Outcome::Stopped);
        let bytes = run.checkpoint(&there.train)?.to_bytes()?;

        let (here, mut run) = (data()?, trainer()?);
        run.resume(&Checkpoint::from_bytes(&bytes)?, &here.train)?;
        assert_eq!(run.position(), ((stop - 1) / 3, stop));
        assert_eq!(fit(&mut run, &here)?, Outcome::Finished);
        assert!(end(&run, &here) == whole, "stopped after step {stop}");
    }
    Ok(())
}

/// Two optimizers, one of which works every other step.
#[test]
fn several_optimizers_resume_too() -> Result<()> {
    let make = || {
        let rules = (Adam::new(0.05).optimizer(), Sgd::new(0.05).momentum(0.9).optimizer());
        Ok::<_, Error>(Trainer::new(net()?, rules, 5).epochs(3))
    };
    let fit = |run: &mut Trainer<Net, (Optimizer<Adam>, Optimizer<Sgd>)>, data: &Data| {
        run.fit_with(&data.train, Some(&data.validation), |turn, batch| {
            let done = step(turn.model, batch, turn.context)?;
            turn.descend(|net, rules| (&mut net.first, &mut rules.0), &done.loss)?;
            if turn.step() % 2 == 1 {
                let again = step(turn.model, batch, turn.context)?;
                turn.descend(|net, rules| (&mut net.second, &mut rules.1), &again.loss)?;
            }
            Ok(done)
        })
    };
    let end = |run: &Trainer<Net, (Optimizer<Adam>, Optimizer<Sgd>)>| {
        let losses = run.history.column("validation_loss");
        (weights(&run.model), run.optimizer.0.state(), run.optimizer.1.state(), losses)
    };
    let (there, mut whole) = (data()?, make()?);
    fit(&mut whole, &there)?;
    for stop in 1..9 {
        let (there, mut run) = (data()?, make()?.stop_after(stop));
        fit(&mut run, &there)?;
        let bytes = run.checkpoint(&there.train)?.to_bytes()?;
        let (here, mut run) = (data()?, make()?);
        run.resume(&Checkpoint::from_bytes(&bytes)?, &here.train)?;
        fit(&mut run, &here)?;
        assert!(end(&run) == end(&whole), "stopped after step {stop}");
        let mut other = trainer()?;
        let error = message(other.resume(&run.checkpoint(&here.train)?, &here.train));
        assert!(error.contains("average"), "{error}");
    }
    Ok(())
}

/// A rule that computes the loss several times a step, over a buffer and random numbers; in doubles.
#[test]
fn rules_that_compute_the_loss_again_resume_too() -> Result<()> {
    #[derive(Module)]
    #[module(element = f64)]
    struct Wide {
        first: Linear<f64>,
        norm: BatchNorm1d<f64>,
        dropout: Dropout,
        second: Linear<f64>,
    }
    let (x, y) = (Tensor::<f64>::normal([12, 2], 0.0, 1.0, &mut Rng::new(1))?, 2.0);
    let y = x.slice(1, 0..1)?.mul(&Tensor::scalar(y))?;
    let train = || {
        let data = TensorDataset::new((x.clone(), y.clone()))?;
        Ok::<_, Error>(loader(data, 6).shuffle(4))
    };
    let make = || {
        let mut rng = Rng::new(2);
        let net = Wide {
            first: Linear::new(2, 4).init(&mut rng)?,
            norm: BatchNorm1d::new(4).init()?,
            dropout: Dropout::new(0.2),
            second: Linear::new(4, 1).init(&mut rng)?,
        };
        Ok::<_, Error>(Trainer::new(net, Lbfgs::new(0.5).max_iter(3).optimizer(), 5).epochs(3))
    };
    let fit = |run: &mut Trainer<Wide, Optimizer<Lbfgs, f64>, f64>, train: &DataLoader<_>| {
        run.fit(train, None, |net, (x, y), cx| {
            let x = net.norm.forward(&net.first.forward(x, cx)?, cx)?;
            let x = net.second.forward(&net.dropout.forward(&x, cx)?, cx)?;
            Ok(Step::new(mse_loss(&x, y)?, y.shape()[0]))
        })
    };
    let (there, mut whole) = (train()?, make()?);
    fit(&mut whole, &there)?;
    for stop in 1..6 {
        let (there, mut run) = (train()?, make()?.stop_after(stop));
        fit(&mut run, &there)?;
        let bytes = run.checkpoint(&there)?.to_bytes()?;
        let (here, mut run) = (train()?, make()?);
        run.resume(&Checkpoint::from_bytes_as(&bytes)?, &here)?;
        fit(&mut run, &here)?;
        let end = |run: &Trainer<Wide, _, f64>| gradus_serialize::state_dict(&run.model);
        assert!(end(&run)? == end(&whole)?, "stopped after step {stop}");
        assert_eq!(run.optimizer.state(), whole.optimizer.state());
    }
    Ok(())
}

#[test]
fn accumulated_steps_resume_too() -> Result<()> {
    let make = || Ok::<_, Error>(trainer()?.accumulate(2));
    let (there, mut run) = (data()?, make()?);
    fit(&mut run, &there)?;
    let whole = end(&run, &there);
    assert_eq!(run.position(), (4, 8));
    for stop in 1..=8 {
        let (there, mut run) = (data()?, make()?.stop_after(stop));
        fit(&mut run, &there)?;
        let checkpoint = run.checkpoint(&there.train)?;
        let (here, mut run) = (data()?, make()?);
        run.resume(&checkpoint, &here.train)?;
        fit(&mut run, &here)?;
        assert!(end(&run, &here) == whole, "stopped after step {stop}");
    }
    Ok(())
}

/// An error in the data, in the step (after buffers and random numbers have moved), or in a callback.
#[test]
fn after_an_error_it_goes_on_as_if_there_had_been_none() -> Result<()> {
    let whole = unbroken()?;
    for fault in 1..=20 {
        let (data, mut run) = (data()?, trainer()?);
        let mut calls = 0;
        let result = run.fit(&data.train, Some(&data.validation), |net, batch, cx| {
            calls += 1;
            let step = step(net, batch, cx)?;
            if calls == fault { Err(Error::other("the step fails")) } else { Ok(step) }
        });
        assert_eq!(message(result), "the step fails");
        assert_eq!(fit(&mut run, &data)?, Outcome::Finished);
        assert!(end(&run, &data) == whole, "an error at call {fault}");
    }
    for fault in 1..=12 {
        let data = data()?;
        let mut run = trainer()?.on_step(move |event| match event.step() == fault {
            true => Err(Error::other("the callback fails")),
            false => Ok(()),
        });
        assert_eq!(message(fit(&mut run, &data)), "the callback fails");
        assert_eq!(fit(&mut run, &data)?, Outcome::Finished);
        assert!(end(&run, &data) == whole, "an error after step {fault}");
    }
    Ok(())
}

#[test]
fn limits_that_are_reached_stop_at_once() -> Result<()> {
    let (data, mut run) = (data()?, trainer()?.stop_after(2));
    assert_eq!(fit(&mut run, &data)?, Outcome::Stopped);
    let there = run.position();
    assert_eq!(fit(&mut run, &data)?, Outcome::Stopped);
    assert_eq!((run.position(), data.train.state().batch), (there, 2));

    let mut resumed = trainer()?.stop_after(2);
    resumed.resume(&run.checkpoint(&data.train)?, &data.train)?;
    assert_eq!(fit(&mut resumed, &data)?, Outcome::Stopped);
    assert_eq!((resumed.position(), data.train.state().batch), (there, 2));

    let mut none = trainer()?.stop_after(0);
    assert_eq!(fit(&mut none, &data)?, Outcome::Stopped);
    assert_eq!(none.position(), (0, 0));

    let (data, mut run) = (self::data()?, trainer()?);
    assert_eq!(fit(&mut run, &data)?, Outcome::Finished);
    assert_eq!(fit(&mut run, &data)?, Outcome::Finished);
    assert_eq!(run.position(), (4, 12));
    Ok(())
}

/// Early stopping has ended it: it has, after a resume, too.
#[test]
fn a_stalled_run_stays_stalled() -> Result<()> {
    let train = loader(lines(11)?, 4);
    let make = || Ok::<_, Error>(Trainer::new(net()?, Sgd::new(0.0).optimizer(), 1).epochs(50));
    let validation = loader(lines(11)?, 11);
    let mut run = make()?.early_stopping(2);
    // Steps of no length, but the normalisation still learns; so the first epochs differ.
    assert_eq!(run.fit(&train, Some(&validation), step)?, Outcome::Stalled);
    let there = run.position();
    assert_eq!(run.fit(&train, Some(&validation), step)?, Outcome::Stalled);
    let mut resumed = make()?.early_stopping(2);
    resumed.resume(&run.checkpoint(&train)?, &train)?;
    assert_eq!(resumed.fit(&train, Some(&validation), step)?, Outcome::Stalled);
    assert_eq!((run.position(), resumed.position()), (there, there));
    assert!(there.0 < 50);
    Ok(())
}

/// An epoch of the loader that somebody else began and gave up is not continued.
#[test]
fn an_abandoned_epoch_of_the_loader_does_no_harm() -> Result<()> {
    let begun = || {
        let data = data()?;
        assert_eq!(data.train.iter().take(2).count(), 2);
        Ok::<_, Error>(data)
    };
    let (there, mut run) = (begun()?, trainer()?);
    fit(&mut run, &there)?;
    let whole = end(&run, &there);
    let (there, mut run) = (begun()?, trainer()?.stop_after(5));
    fit(&mut run, &there)?;
    let checkpoint = run.checkpoint(&there.train)?;
    let (here, mut run) = (data()?, trainer()?);
    run.resume(&checkpoint, &here.train)?;
    fit(&mut run, &here)?;
    assert!(end(&run, &here) == whole);
    Ok(())
}

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
    let loaders = [
        (loader(lines(11)?, 5).shuffle(1), "batches of 5"),
        (loader(lines(12)?, 4).shuffle(1), "12 items"),
        (loader(lines(11)?, 4).shuffle(1).drop_last(true), "2 batches"),
        (loader(lines(11)?, 4).shuffle(9), "seed"),
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
    let error = message(run.fit(&data.train, Some(&loader(lines(11)?, 3)), step));
    assert!(error.contains("the validation data") && error.contains("batches of 3"), "{error}");
    Ok(())
}

/// What is drawn of a resumed run has the units that its metrics have.
#[test]
fn units_are_remembered() -> Result<()> {
    use gradus_train::metrics::{Goal, Unit};
    let scores = |cx: &Context| Tensor::full([2, 2], if cx.is_training() { 1.0 } else { 2.0 });
    let step = |w: &Net, _: &Pairs, cx: &mut Context| {
        let mut step = Step::classification(&Var::from(scores(cx)), &Tensor::vector([0, 1]))?;
        step.loss = w.second.weight.var().sum();
        Ok(step)
    };
    let train = loader(lines(4)?, 2);
    let mut run = Trainer::new(net()?, Sgd::new(0.1).optimizer(), 1);
    run.fit(&train, None, step)?;
    let mut resumed = Trainer::new(net()?, Sgd::new(0.1).optimizer(), 1);
    resumed.resume(&run.checkpoint(&train)?, &train)?;
    let about = resumed.history.about("train_accuracy");
    assert_eq!(about, Some((Goal::Higher, Unit::Percent)));
    Ok(())
}

/// What is frozen in the course of training stays so.
#[test]
fn frozen_parameters_are_remembered() -> Result<()> {
    let train = loader(lines(12)?, 4);
    let mut run = Trainer::new(net()?, Sgd::new(0.1).optimizer(), 1).epochs(2).on_epoch(|event| {
        event.model.freeze("first");
        Ok(())
    });
    run.fit(&train, None, step)?;
    let checkpoint = run.checkpoint(&train)?;
    let mut resumed = Trainer::new(net()?, Sgd::new(0.1).optimizer(), 1);
    resumed.model.freeze("second");
    resumed.resume(&checkpoint, &train)?;
    let mut frozen = Vec::new();
    resumed.model.for_each_param(|path, param| {
        frozen.extend(param.is_frozen().then(|| path.to_string()));
    });
    assert_eq!(frozen, ["first.weight", "first.bias"]);
    Ok(())
}

/// A disk that is full in the middle of an epoch, and has room later: nothing is lost, `best.ckpt` neither.
#[test]
fn a_folder_that_cannot_be_written_for_a_time_loses_nothing() -> Result<()> {
    for (name, step) in [("last.ckpt", 5), ("last.ckpt", 6), ("best.ckpt", 3)] {
        let place = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(place.path().join("run"))?;
        let file = folder.file(name);
        let (data, pause) = (data()?, std::time::Duration::ZERO);
        let broken = file.clone();
        let mut run =
            trainer()?.run_folder(folder.clone()).save_every(1).save_pause(pause).on_step(
                move |event| {
                    if event.step() == step {
                        // A folder of that name cannot be replaced by a file.
                        let _ = std::fs::remove_file(&broken);
                        std::fs::create_dir(&broken)?;
                    }
                    Ok(())
                },
            );
        let error = message(fit(&mut run, &data));
        assert!(error.contains(name), "{error}");
        std::fs::remove_dir(file)?;
        assert_eq!(fit(&mut run, &data)?, Outcome::Finished);
        assert!(end(&run, &data) == unbroken()?, "{name} at step {step}");
        assert_eq!(Checkpoint::load(folder.last_checkpoint())?.step, 12);
        let losses = run.history.column("validation_loss").expect("a column");
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let best = Checkpoint::load(folder.best_checkpoint())?.epoch;
        assert_eq!(losses[best as usize - 1], least, "{losses:?}");
    }
    Ok(())
}
