//! What a checkpoint holds besides: units, what is frozen, averages beside the weights of training.

use gradus_autograd::Var;
use gradus_nn::{Context, ModuleExt};
use gradus_optim::Sgd;
use gradus_serialize::Checkpoint;
use gradus_tensor::Tensor;
use gradus_train::{Result, RunFolder, Step, Trainer};

use super::{Net, data, fit, net, step, trainer};
use crate::fixtures::{Pairs, lines, loader};

/// `best.ckpt` has averages for who uses it, and the weights of training for who goes on from it.
#[test]
fn the_best_checkpoint_of_averages_is_one_to_use_and_one_to_go_on_from() -> Result<()> {
    let place = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::create(place.path())?;
    let (there, mut run) = (data()?, trainer()?.run_folder(folder.clone()));
    fit(&mut run, &there)?;
    let best = Checkpoint::load(folder.best_checkpoint())?;
    let (here, mut run) = (data()?, trainer()?.epochs(best.epoch));
    fit(&mut run, &here)?;
    let (mut used, mut resumed) = (net()?, trainer()?);
    gradus_serialize::load(&mut used, &best.model)?;
    assert_eq!(run.averaged(), Some(gradus_serialize::state_dict(&used)?));
    resumed.resume(&best, &here.train)?;
    assert_eq!(resumed.averaged(), run.averaged());
    fit(&mut resumed.epochs(4), &here)?;
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
