//! Stopped after any step and resumed elsewhere: the bits of a run that never stopped, for every kind of run.

use gradus_data::{DataLoader, LoaderState, StreamLoader, TensorDataset};
use gradus_nn::{BatchNorm1d, Dropout, Layer, Linear, Module, mse_loss};
use gradus_optim::{Adam, Lbfgs, Optimizer, Sgd};
use gradus_serialize::Checkpoint;
use gradus_tensor::{Rng, Tensor};
use gradus_train::{Error, Outcome, Result, Source, Step, Trainer};

use super::{Data, Net, Run, data, end, fit, net, step, trainer, unbroken};
use crate::fixtures::{Lines, Pairs, Shelf, lines, loader, weights};
use crate::message;

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

/// A source whose length nobody knows: the last step of an epoch, which has fewer batches, is found when there are no more.
#[test]
fn a_source_of_unknown_length_resumes_too() -> Result<()> {
    struct Stream(DataLoader<Lines>);
    impl Source for Stream {
        type Batch = Pairs;
        fn batches(&self) -> Box<dyn Iterator<Item = gradus_data::Result<Pairs>> + '_> {
            Box::new(self.0.iter())
        }
        fn steps(&self) -> Option<usize> {
            None
        }
        fn state(&self) -> LoaderState {
            self.0.state()
        }
        fn restore(&self, state: LoaderState) -> gradus_data::Result<()> {
            self.0.restore(state)
        }
    }
    let make = || Ok::<_, Error>((trainer()?.accumulate(2), Stream(data()?.train)));
    let (mut whole, train) = make()?;
    whole.fit(&train, None, step)?;
    let mut known = trainer()?.accumulate(2);
    known.fit(&data()?.train, None, step)?;
    assert_eq!((weights(&whole.model), whole.position()), (weights(&known.model), (4, 8)));
    for stop in 1..=8 {
        let (run, train) = make()?;
        let mut run = run.stop_after(stop);
        assert_eq!(run.fit(&train, None, step)?, Outcome::Stopped);
        let checkpoint = run.checkpoint(&train)?;
        let (mut run, train) = make()?;
        run.resume(&checkpoint, &train)?;
        run.fit(&train, None, step)?;
        assert_eq!(weights(&run.model), weights(&whole.model), "stopped after step {stop}");
        let losses = |run: &Run| run.history.column("train_loss");
        assert_eq!(losses(&run), losses(&whole), "stopped after step {stop}");
    }
    Ok(())
}

#[test]
fn a_stream_resumes_too() -> Result<()> {
    let make = |workers| {
        let shelf = Shelf(lines(22)?.into());
        let stream = StreamLoader::new(shelf).batch_size(4).shuffle(1, 6).interleave(2);
        Ok::<_, Error>((trainer()?, stream.workers(workers)))
    };
    let (mut whole, train) = make(0)?;
    whole.fit(&train, None, step)?;
    for stop in [1, 5, 6, 7, 20, 24] {
        let (run, train) = make(2)?;
        let mut run = run.stop_after(stop);
        run.fit(&train, None, step)?;
        let checkpoint = run.checkpoint(&train)?;
        let (mut run, train) = make(0)?;
        run.resume(&checkpoint, &train)?;
        run.fit(&train, None, step)?;
        assert_eq!(run.position(), (4, 24));
        assert_eq!(weights(&run.model), weights(&whole.model), "stopped after step {stop}");
    }
    Ok(())
}

/// One loader for both parts has one position.
#[test]
fn a_loader_for_both_parts_resumes_too() -> Result<()> {
    let both = || Ok::<_, Error>(data()?.train);
    let (train, mut whole) = (both()?, trainer()?);
    whole.fit(&train, Some(&train), step)?;
    for stop in [1, 2, 3, 4, 8, 12] {
        let (train, mut run) = (both()?, trainer()?.stop_after(stop));
        run.fit(&train, Some(&train), step)?;
        let checkpoint = run.checkpoint(&train)?;
        let (train, mut run) = (both()?, trainer()?);
        run.resume(&checkpoint, &train)?;
        run.fit(&train, Some(&train), step)?;
        assert_eq!(weights(&run.model), weights(&whole.model), "stopped after step {stop}");
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
