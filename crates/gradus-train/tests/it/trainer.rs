//! The training loop: early stopping, checkpoints, resume, and what it says when something is off.

use gradus_autograd::{Param, Var};
use gradus_data::{DataLoader, Dataset, Digits, TensorDataset};
use gradus_nn::{Context, Flatten, Layer, Linear, Module, Sequential, mse_loss};
use gradus_optim::{Adam, Sgd};
use gradus_serialize::{Checkpoint, load, state_dict};
use gradus_tensor::{Rng, Tensor};
use gradus_train::{History, Outcome, Result, RunFolder, Step, Trainer};

use crate::message;

type Batch = (Var, Tensor<i64>);

fn net(seed: u64) -> Result<Sequential> {
    let head = Linear::new(64, 10).init(&mut Rng::new(seed))?;
    Ok(Sequential::new().push(Flatten).push(head))
}

fn step(net: &Sequential, (images, labels): &Batch, cx: &mut Context) -> Result<Step> {
    Step::classification(&net.forward(images, cx)?, labels)
}

type Digit = (Tensor, i64);

fn data() -> Result<[DataLoader<impl Dataset<Item = Digit>>; 2]> {
    let (train, test) = Digits::load()?.split(0.8, 1)?;
    Ok([(train, 64), (test, 256)]
        .map(|(part, size)| DataLoader::new(part).batch_size(size).shuffle(2)))
}

#[test]
fn a_run_leaves_its_files() -> Result<()> {
    let place = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::create(place.path().join("run"))?;
    let [train, test] = data()?;
    let mut trainer = Trainer::new(net(1)?, Adam::new(1e-2).optimizer(), 1)
        .epochs(4)
        .best("accuracy")
        .run_folder(folder.clone());
    assert_eq!(trainer.fit(&train, Some(&test), step)?, Outcome::Finished);
    assert_eq!(trainer.position(), (4, 4 * 23));

    let history = History::read(folder.history_csv())?;
    assert_eq!(history, trainer.history);
    let losses = history.column("train_loss").expect("a column");
    assert!(losses.windows(2).all(|pair| pair[1] < pair[0]), "{losses:?}");
    let accuracies = history.column("validation_accuracy").expect("a column");
    assert!(accuracies[3] > 0.88, "{accuracies:?}");

    // The last checkpoint is the model; the best one is that of the best epoch.
    let mut again = net(2)?;
    load(&mut again, &Checkpoint::load(folder.last_checkpoint())?.model)?;
    assert_eq!(state_dict(&again)?, state_dict(&trainer.model)?);
    let best = Checkpoint::load(folder.best_checkpoint())?;
    let first_best = (0..4).reduce(|a, b| if accuracies[b] > accuracies[a] { b } else { a });
    assert_eq!(best.epoch as usize, first_best.expect("four epochs") + 1);

    // Evaluation is what fit wrote down, and changes nothing.
    let tally = trainer.evaluate(&test, step)?;
    assert_eq!(tally.value("accuracy"), Some(accuracies[3]));
    assert_eq!(tally.items(), 359);
    Ok(())
}

#[test]
fn training_stops_when_nothing_becomes_better() -> Result<()> {
    let [train, test] = data()?;
    // Steps of no length: no epoch is better than the first.
    let mut trainer =
        Trainer::new(net(1)?, Sgd::new(0.0).optimizer(), 1).epochs(50).early_stopping(3);
    assert_eq!(trainer.fit(&train, Some(&test), step)?, Outcome::Stalled);
    assert_eq!(trainer.position().0, 4);
    Ok(())
}

#[test]
fn checkpoints_within_an_epoch_are_written_when_asked_for() -> Result<()> {
    let place = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::create(place.path())?;
    let [train, _] = data()?;
    let mut trainer = Trainer::new(net(1)?, Adam::new(1e-2).optimizer(), 1)
        .run_folder(folder.clone())
        .save_every(10)
        .stop_after(15);
    assert_eq!(trainer.fit(&train, Some(&data()?[1]), step)?, Outcome::Stopped);
    let stopped = Checkpoint::load(folder.last_checkpoint())?;
    assert_eq!((stopped.epoch, stopped.step), (0, 15));
    assert_eq!(stopped.loader.map(|state| state.batch), Some(15));
    Ok(())
}

#[test]
fn another_model_cannot_resume_and_nothing_changes() -> Result<()> {
    let [train, test] = data()?;
    let mut trainer = Trainer::new(net(1)?, Adam::new(1e-2).optimizer(), 1);
    trainer.fit(&train, Some(&test), step)?;
    let checkpoint = trainer.checkpoint(&train)?;

    let head = Linear::new(64, 9).init(&mut Rng::new(0))?;
    let other = Sequential::new().push(Flatten).push(head);
    let mut other = Trainer::new(other, Adam::new(1e-2).optimizer(), 1);
    let [train, _] = data()?;
    let before = state_dict(&other.model)?;
    let error = message(other.resume(&checkpoint, &train));
    assert!(error.contains("1.weight") && error.contains("[9, 64]"), "{error}");
    assert_eq!(state_dict(&other.model)?, before);
    assert_eq!((other.position(), train.state().epoch), ((0, 0), 0));
    assert_eq!(other.optimizer.steps(), 0);

    let mut sgd = Trainer::new(net(1)?, Sgd::new(0.1).optimizer(), 1);
    let error = message(sgd.resume(&checkpoint, &train));
    assert!(error.contains("Adam") && error.contains("Sgd"), "{error}");

    let mut foreign = Trainer::new(net(1)?, Adam::new(0.1).optimizer(), 1);
    let error = message(foreign.resume(&Checkpoint::default(), &train));
    assert!(error.contains("Trainer::resume: got a checkpoint without"), "{error}");
    Ok(())
}

#[test]
fn a_parameter_that_the_loss_does_not_reach_is_named() -> Result<()> {
    #[derive(Module)]
    struct Forgetful {
        used: Linear,
        forgotten: Linear,
    }
    let mut rng = Rng::new(0);
    let net = Forgetful {
        used: Linear::new(64, 10).init(&mut rng)?,
        forgotten: Linear::new(2, 2).init(&mut rng)?,
    };
    let [train, _] = data()?;
    let mut trainer = Trainer::new(net, Adam::new(1e-2).optimizer(), 1);
    trainer.fit(&train, Some(&data()?[1]), |net, (images, labels), cx| {
        Step::classification(&net.used.forward(&images.flatten(1)?, cx)?, labels)
    })?;
    let [warning] = trainer.warnings() else { panic!("{:?}", trainer.warnings()) };
    assert!(warning.contains("forgotten.weight, forgotten.bias"), "{warning}");
    Ok(())
}

#[test]
fn errors_of_data_and_settings_come_through() -> Result<()> {
    let [_, test] = data()?;
    let empty = DataLoader::new(Digits::load()?).batch_size(0);
    let mut trainer = Trainer::new(net(1)?, Adam::new(1e-2).optimizer(), 1);
    let error = message(trainer.fit(&empty, Some(&test), step));
    assert!(error.contains("batch size") || error.contains("batch_size"), "{error}");

    let [train, _] = data()?;
    for rate in [f64::NAN, -1.0] {
        let mut trainer = Trainer::new(net(1)?, Adam::new(rate).optimizer(), 1);
        let error = message(trainer.fit(&train, Some(&test), step));
        assert!(error.contains("learning rate"), "{error}");
    }
    Ok(())
}

/// Without validation and without accuracy: a line through points.
#[test]
fn regression_works_too() -> Result<()> {
    #[derive(Module)]
    struct Slope {
        slope: Param,
    }
    let x = Tensor::<f32>::linspace(-1.0, 1.0, 64).reshape([64, 1])?;
    let y = &x * 3.0;
    let train = DataLoader::new(TensorDataset::new((x, y))?).batch_size(16).shuffle(1);
    let slope = Slope { slope: Param::new(Tensor::scalar(0.0)) };
    let mut trainer = Trainer::new(slope, Sgd::new(0.5).optimizer(), 1).epochs(20);
    trainer.fit(&train, None, |net, (x, y), _| {
        let loss = mse_loss(&x.mul(&net.slope.var())?, y)?;
        Ok(Step::new(loss, x.shape()[0]))
    })?;
    let slope = trainer.model.slope.value().item()?;
    assert!((slope - 3.0).abs() < 1e-3, "{slope}");
    assert_eq!(trainer.history.columns(), ["epoch", "train_loss", "lr", "seconds"]);
    Ok(())
}
