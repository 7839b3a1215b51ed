//! Errors, limits, early stopping, epochs that were given up, a full disk: what goes on after them, and what does not.

use gradus_optim::Sgd;
use gradus_serialize::Checkpoint;
use gradus_train::{Error, Outcome, Result, RunFolder, Trainer};

use super::{data, end, fit, net, step, trainer, unbroken};
use crate::fixtures::{lines, loader};
use crate::message;

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
