//! Callbacks, learning rates, the best weights, averages of weights, and what lies in the run folder.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use gradus_autograd::Param;
use gradus_data::DataLoader;
use gradus_nn::{Context, Layer, Linear, Module, Visitor, VisitorMut, mse_loss};
use gradus_optim::{Optimizer, Plateau, Schedule, Sgd, StepDecay};
use gradus_serialize::{Checkpoint, load};
use gradus_tensor::{Rng, Tensor};
use gradus_train::plots::Plot;
use gradus_train::{History, Outcome, Result, RunFolder, Step, Trainer, WeightAverage};

use crate::fixtures::{Lines, Pairs, lines, loader, weights};
use crate::message;

type Run = Trainer<Linear, Optimizer<Sgd>>;

fn net() -> Result<Linear> {
    Ok(Linear::new(2, 1).init(&mut Rng::new(1))?)
}

fn run(lr: f64) -> Result<Run> {
    Ok(Trainer::new(net()?, Sgd::new(lr).optimizer(), 1).epochs(4))
}

/// Three steps an epoch.
fn train() -> Result<DataLoader<Lines>> {
    Ok(loader(lines(12)?, 4))
}

fn step(net: &Linear, (x, y): &Pairs, cx: &mut Context) -> Result<Step> {
    Ok(Step::new(mse_loss(&net.forward(x, cx)?, y)?, y.shape()[0]))
}

#[test]
fn callbacks_see_everything_change_the_rate_and_stop() -> Result<()> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let notes = Rc::clone(&seen);
    let mut run = run(0.1)?
        .on_step(move |event| {
            let gradients = event.gradients().expect("gradients");
            assert!(gradients.get(event.model.weight.id()).is_some());
            assert_eq!(event.train().items(), 4 * ((event.step() - 1) % 3 + 1));
            notes.borrow_mut().push((event.step(), event.loss()));
            if event.step() == 4 {
                event.optimizer.set_lr(0.01);
            }
            Ok(())
        })
        .on_epoch(|event| {
            assert_eq!(event.train().items(), 12);
            let validation = event.validation().expect("validation").loss();
            event.log(format!("validated: {validation}"));
            if event.epoch() == 3 {
                event.stop();
            }
            Ok(())
        });
    assert_eq!(run.fit(&train()?, Some(&train()?), step)?, Outcome::Stopped);
    assert_eq!(run.position(), (3, 9));
    // The rate that the epoch's last step was made with.
    assert_eq!(run.history.column("lr"), Some(vec![0.1, 0.01, 0.01]));
    let steps: Vec<u64> = seen.borrow().iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, (1..=9).collect::<Vec<_>>());
    let mean = seen.borrow()[..3].iter().map(|(_, loss)| 4.0 * loss).sum::<f64>() / 12.0;
    assert_eq!(run.history.column("train_loss").expect("a column")[0], mean);
    assert_eq!(run.fit(&train()?, Some(&train()?), step)?, Outcome::Finished);
    Ok(())
}

#[test]
fn the_history_has_the_rate_that_the_epoch_was_trained_with() -> Result<()> {
    let halved = Sgd::new(0.1).optimizer().schedule(StepDecay::new(1, 0.5).epochs(3));
    let mut run = Trainer::new(net()?, halved, 1).epochs(3);
    run.fit(&train()?, None, step)?;
    assert_eq!(run.history.column("lr"), Some(vec![0.1, 0.05, 0.025]));
    Ok(())
}

#[test]
fn a_plateau_listens_to_validation() -> Result<()> {
    // Steps of next to no length: the loss gets no better by a tenth.
    let plateau = Plateau::new(0.5).patience(0).threshold(0.1);
    let make = || Sgd::new(1e-6).optimizer().schedule(plateau);
    let mut run = Trainer::new(net()?, make(), 1).epochs(4);
    run.fit(&train()?, Some(&train()?), step)?;
    assert_eq!(run.history.column("lr"), Some(vec![1e-6, 1e-6, 5e-7, 2.5e-7]));
    let mut run = Trainer::new(net()?, make(), 1).observe("bleu");
    let error = message(run.fit(&train()?, None, step));
    assert!(error.contains("Trainer::observe: got the metric \"bleu\""), "{error}");
    Ok(())
}

/// A parameter that walks away from the best place: epoch e ends at e, and e - 2 squared is judged.
fn walk(folder: Option<RunFolder>) -> Trainer<Param, Optimizer<Sgd>> {
    let start = Param::new(Tensor::scalar(0.0_f32));
    let run = Trainer::new(start, Sgd::new(1.0).optimizer(), 1).epochs(5);
    match folder {
        Some(folder) => run.run_folder(folder),
        None => run,
    }
}

fn away(w: &Param, _: &Pairs, cx: &mut Context) -> Result<Step> {
    match cx.is_training() {
        true => Ok(Step::new(-w.var(), 1)),
        false => Ok(Step::new((w.var() - 2.0).square(), 1)),
    }
}

#[test]
fn the_best_weights_come_back_with_and_without_a_folder() -> Result<()> {
    let one = loader(lines(4)?, 4);
    for restores in [false, true] {
        let place = tempfile::tempdir().expect("a folder");
        for folder in [None, Some(RunFolder::create(place.path())?)] {
            let run = walk(folder.clone());
            let mut run = if restores { run.restore_best() } else { run };
            run.fit(&one, Some(&one), away)?;
            assert_eq!(run.model.value().item()?, if restores { 2.0 } else { 5.0 });
            if let Some(folder) = folder {
                let mut best = Param::new(Tensor::scalar(0.0_f32));
                load(&mut best, &Checkpoint::load(folder.best_checkpoint())?.model)?;
                assert_eq!(best.value().item()?, 2.0);
                load(&mut best, &Checkpoint::load(folder.last_checkpoint())?.model)?;
                assert_eq!(best.value().item()?, 5.0);
            }
        }
    }
    // After early stopping, too.
    let mut run = walk(None).restore_best().early_stopping(2);
    assert_eq!(run.fit(&one, Some(&one), away)?, Outcome::Stalled);
    assert_eq!((run.position().0, run.model.value().item()?), (4, 2.0));
    Ok(())
}

#[test]
fn averages_follow_their_formulas_and_are_what_is_validated() -> Result<()> {
    let one = loader(lines(4)?, 4);
    let validated = |run: &Trainer<Param, Optimizer<Sgd>>| {
        let losses = run.history.column("validation_loss").expect("a column");
        losses.into_iter().map(|loss| loss.sqrt()).collect::<Vec<_>>()
    };
    // Weights 1, 2, 3, 4, 5; a ← a + (w - a) / 4.
    let mut run = walk(None).average(WeightAverage::exponential(0.75));
    run.fit(&one, Some(&one), away)?;
    let averages = [1.0, 1.25, 1.6875, 2.265625, 2.94921875];
    let wanted = averages.map(|a: f64| (a - 2.0).abs()).to_vec();
    let far = |(a, b): (f64, f64)| (a - b).abs() > 1e-6;
    assert!(!validated(&run).into_iter().zip(wanted).any(far), "{:?}", validated(&run));
    assert_eq!(run.model.value().item()?, 5.0);
    let average = run.averaged().expect("an average").tensor::<f32>("")?;
    assert_eq!(f64::from(average.item()?), averages[4]);

    // The mean of the weights at the ends of epochs 3, 4, 5.
    let place = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::create(place.path())?;
    let mut run = walk(Some(folder.clone())).average(WeightAverage::stochastic(3));
    run.fit(&one, Some(&one), away)?;
    assert_eq!(validated(&run), [1.0, 0.0, 1.0, 1.5, 2.0]);
    let last = Checkpoint::load(folder.last_checkpoint())?;
    assert_eq!(last.model.tensor::<f32>("")?.item()?, 5.0);
    assert_eq!(last.further.weights["average"].tensor::<f32>("")?.item()?, 4.0);

    for decay in [-0.1, 1.0, f64::NAN] {
        let mut run = walk(None).average(WeightAverage::exponential(decay));
        let error = message(run.fit(&one, Some(&one), away));
        assert!(error.contains(&format!("got decay {decay}")), "{error}");
    }
    Ok(())
}

/// One parameter under two paths: averaged once, and put back as it was.
#[test]
fn a_parameter_under_two_paths_is_averaged_once() -> Result<()> {
    struct Tied(Param);
    impl Module for Tied {
        fn visit(&self, v: &mut Visitor<'_>) {
            v.field("one", &self.0).field("other", &self.0);
        }
        fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
            v.field("one", &mut self.0).field("other", &mut self.0);
        }
    }
    let one = loader(lines(4)?, 4);
    let tied = Tied(Param::new(Tensor::scalar(0.0_f32)));
    let mut run = Trainer::new(tied, Sgd::new(1.0).optimizer(), 1)
        .epochs(3)
        .average(WeightAverage::stochastic(1));
    run.fit(&one, Some(&one), |tied, batch, cx| away(&tied.0, batch, cx))?;
    // 1, 2, 3; with the averages 1, 1.5 and 2 validated.
    assert_eq!(run.model.0.value().item()?, 3.0);
    assert_eq!(run.history.column("validation_loss"), Some(vec![1.0, 0.25, 0.0]));
    Ok(())
}

#[test]
fn the_search_for_a_rate_leaves_everything_as_it_was() -> Result<()> {
    let mut run = run(0.1)?;
    let before = (weights(&run.model), run.optimizer.state(), run.context.rng_state());
    let train = loader(lines(12)?, 12).shuffle(3);
    let curve = run.find_lr(&train, 1e-4, 1e3, 80, step)?;
    let after = (weights(&run.model), run.optimizer.state(), run.context.rng_state());
    assert!(before == after && train.state().epoch == 0 && train.state().batch == 0);
    assert_eq!((run.position(), run.optimizer.lr()), ((0, 0), 0.1));
    // For y = 2 x₁ - x₂ with inputs of variance 1 the slope of the loss is twice the error: 0.5 is the best rate, and from 1 on
    // it diverges.
    let found = curve.suggestion().expect("a fall");
    assert!((0.02..1.0).contains(&found), "{found}");
    assert!(curve.rates.len() < 80 && curve.rates[0] == 1e-4, "{}", curve.rates.len());
    assert!(curve.plot().svg()?.contains("learning rate, as a power of 10"));
    for (from, to, steps) in [(0.0, 1.0, 9), (1.0, 0.1, 9), (0.1, f64::NAN, 9), (0.1, 1.0, 1)] {
        let error = message(run.find_lr(&train, from, to, steps, step));
        assert!(error.contains("Trainer::find_lr: got rates"), "{error}");
    }
    Ok(())
}

#[test]
fn a_folder_with_a_run_is_not_overwritten_and_not_mixed() -> Result<()> {
    let place = tempfile::tempdir().expect("a folder");
    let [folder, other] = ["one", "two"].map(|name| place.path().join(name));
    let [folder, other] = [RunFolder::create_new(folder)?, RunFolder::create_new(other)?];
    let mut first = run(0.1)?.run_folder(folder.clone());
    first.fit(&train()?, None, step)?;
    let before = std::fs::read(folder.last_checkpoint())?;

    let mut second = run(0.2)?.run_folder(folder.clone());
    let error = message(second.fit(&train()?, None, step));
    assert!(error.contains("with a run in it") && error.contains("last.ckpt"), "{error}");
    let error = message(RunFolder::create_new(folder.path()));
    assert!(error.contains("which holds a run"), "{error}");
    assert_eq!((second.position(), std::fs::read(folder.last_checkpoint())?), ((0, 0), before));

    // Nor by one that goes on from another folder's run.
    let mut third = run(0.2)?.run_folder(other.clone());
    third.fit(&train()?, None, step)?;
    let mut mixed = run(0.2)?.run_folder(folder.clone()).epochs(5);
    mixed.resume(&Checkpoint::load(other.last_checkpoint())?, &train()?)?;
    let error = message(mixed.fit(&train()?, None, step));
    assert!(error.contains("with a run in it"), "{error}");

    // The same run goes on, also from its best epoch.
    let mut again = run(0.1)?.run_folder(folder.clone()).epochs(5);
    assert!(again.resume_if_any(&train()?)?);
    again.fit(&train()?, None, step)?;
    assert_eq!(again.position(), (5, 15));
    let mut best = run(0.1)?.run_folder(folder.clone()).epochs(6);
    best.resume(&Checkpoint::load(folder.best_checkpoint())?, &train()?)?;
    best.fit(&train()?, None, step)?;
    assert_eq!(History::read(folder.history_csv())?.len(), 6);

    // Looking at the best epoch does not take the run back to it.
    let mut look = run(0.1)?.run_folder(folder.clone()).epochs(1);
    look.resume(&Checkpoint::load(folder.best_checkpoint())?, &train()?)?;
    assert_eq!(look.fit(&train()?, None, step)?, Outcome::Finished);
    assert_eq!(Checkpoint::load(folder.last_checkpoint())?.epoch, 6);

    folder.clear()?;
    assert!(!folder.holds_run());
    // A wrong name is no run.
    let mut wrong = run(0.1)?.run_folder(folder.clone()).best("f1");
    assert!(message(wrong.fit(&train()?, None, step)).contains("training give: loss"));
    assert!(!folder.holds_run());
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
    assert!(!run(0.1)?.run_folder(folder).resume_if_any(&train()?)?);
    Ok(())
}

/// Short epochs share their writes; the last one and the best one are on the disk in the end.
#[test]
fn writes_are_rare_and_nothing_is_lost() -> Result<()> {
    let place = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::create(place.path())?;
    let written = Rc::new(RefCell::new(Vec::new()));
    let (notes, path) = (Rc::clone(&written), folder.history_csv());
    let one = loader(lines(4)?, 4);
    let mut run = walk(Some(folder.clone()))
        .epochs(60)
        .save_pause(Duration::from_secs(3600))
        .on_epoch(move |_| {
            notes.borrow_mut().push(History::read(&path).map_or(0, |history| history.len()));
            Ok(())
        });
    run.fit(&one, Some(&one), away)?;
    // Before an epoch is saved; the first one is.
    assert_eq!(written.borrow()[..3], [0, 1, 1]);
    assert_eq!(written.borrow()[59], 1);
    assert_eq!(History::read(folder.history_csv())?, run.history);
    let [last, best] = [folder.last_checkpoint(), folder.best_checkpoint()].map(Checkpoint::load);
    let (last, best) = (last?, best?);
    assert_eq!([last.epoch, best.epoch], [60, 2]);
    // The history of the best is that of its time.
    assert_eq!(best.meta["history"].lines().count(), 3);
    assert_eq!(last.meta["history"], run.history.to_csv());
    assert!(folder.file("curves.svg").exists());
    assert_eq!(weights(&run.model), [60.0_f32.to_bits()]);
    Ok(())
}
