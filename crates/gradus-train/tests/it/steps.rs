//! What a step may be: any metric, either type of float, several optimizers, several batches, losses that go wrong.

use std::cell::Cell;

use gradus_autograd::{Param, Var};
use gradus_data::{DataLoader, TensorDataset};
use gradus_nn::{Layer, Linear, Module, Relu, Sequential, cross_entropy, mse_loss};
use gradus_optim::{Adam, Lbfgs, Optimizer, Rule, Sam, Sgd};
use gradus_serialize::state_dict;
use gradus_tensor::{Float, Rng, Tensor};
use gradus_train::metrics::{Accuracy, Metric};
use gradus_train::{Error, Outcome, Result, RunFolder, Step, Trainer, optimizers};

use crate::fixtures::{Pairs, lines, loader, weights};
use crate::message;

#[derive(Module)]
pub struct Halves<T: Float = f32> {
    left: Linear<T>,
    right: Linear<T>,
}

pub fn halves() -> Result<Halves> {
    let mut rng = Rng::new(1);
    let left = Linear::new(2, 3).init(&mut rng)?;
    Ok(Halves { left, right: Linear::new(3, 1).init(&mut rng)? })
}

#[test]
fn columns_come_from_what_the_steps_gave() -> Result<()> {
    let x = Tensor::<f32>::normal([30, 2], 0.0, 1.0, &mut Rng::new(1))?;
    let labels = x.slice(1, 0..1)?.reshape([30])?.map(|x| i64::from(x > 0.0));
    let train = DataLoader::new(TensorDataset::new((x, labels))?).batch_size(8);
    let net = Linear::new(2, 2).init(&mut Rng::new(2))?;
    let mut trainer = Trainer::new(net, Sgd::new(0.1).optimizer(), 1).epochs(2).best("top1");
    /// Accuracy under another name.
    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    struct Top1(Accuracy);
    impl Metric for Top1 {
        type Batch<'a> = <Accuracy as Metric>::Batch<'a>;
        fn name(&self) -> String {
            "top1".into()
        }
        fn goal(&self) -> gradus_train::metrics::Goal {
            self.0.goal()
        }
        fn take(&mut self, batch: Self::Batch<'_>) -> Result<()> {
            self.0.take(batch)
        }
        fn merge(&mut self, other: &Self) -> Result<()> {
            self.0.merge(&other.0)
        }
        fn value(&self) -> f64 {
            self.0.value()
        }
    }
    trainer.fit(&train, Some(&train), |net, (x, labels), cx| {
        let scores = net.forward(x, cx)?;
        let step = Step::new(cross_entropy(&scores, labels)?, labels.len());
        let top = step.with(Top1(Accuracy::new()).of((&scores, labels))?);
        Ok(match cx.is_training() {
            true => top.with(Accuracy::new().of((&scores, labels))?),
            false => top,
        })
    })?;
    let columns = trainer.history.columns().join(" ");
    assert_eq!(
        columns,
        "epoch train_loss train_top1 train_accuracy validation_loss validation_top1 lr seconds"
    );
    assert_eq!(trainer.history.column("train_top1"), trainer.history.column("train_accuracy"));
    let tally = trainer.evaluate(&train, |net, (x, labels), cx| {
        Step::classification(&net.forward(x, cx)?, labels)
    })?;
    assert_eq!(tally.value("accuracy"), trainer.history.last("validation_top1"));
    assert_eq!((tally.items(), tally.value("top5")), (30, None));
    Ok(())
}

pub fn line(net: &Halves, (x, y): &Pairs, cx: &mut gradus_nn::Context) -> Result<Step> {
    let x = net.left.forward(x, cx)?;
    Ok(Step::new(mse_loss(&net.right.forward(&x, cx)?, y)?, y.shape()[0]))
}

#[test]
fn labels_that_cross_entropy_ignores_count_for_nothing() -> Result<()> {
    let scores = Var::from(Tensor::from_vec(vec![2.0_f32, 1.0, 0.0, 3.0, 9.0, 0.0], [3, 2])?);
    let some = Step::classification(&scores, &Tensor::vector([0, 0, -100]))?;
    let kept = scores.value().slice(0, 0..2)?;
    let all = Step::classification(&Var::from(kept), &Tensor::vector([0, 0]))?;
    assert_eq!((some.loss.item()?, some.items), (all.loss.item()?, 2));
    Ok(())
}

#[test]
fn doubles_train_too() -> Result<()> {
    let x = Tensor::<f64>::linspace(-1.0, 1.0, 64).reshape([64, 1])?;
    let train = DataLoader::new(TensorDataset::new((x.clone(), &x * 3.0))?).batch_size(16);
    let slope = Param::new(Tensor::scalar(0.0_f64));
    let mut trainer = Trainer::new(slope, Sgd::new(0.5).optimizer(), 1).epochs(80);
    trainer.fit(&train, None, |slope, (x, y), _| {
        Ok(Step::new(mse_loss(&x.mul(&slope.var())?, y)?, x.shape()[0]))
    })?;
    assert!((trainer.model.value().item()? - 3.0).abs() < 1e-12);
    Ok(())
}

/// Closures that count, and the number of the step.
#[test]
fn a_step_may_count() -> Result<()> {
    let train = loader(lines(12)?, 4);
    let (mut calls, seen) = (0, Cell::new(0));
    let mut trainer = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).epochs(2);
    trainer.fit(&train, None, |net, batch, cx| {
        calls += 1;
        line(net, batch, cx)
    })?;
    assert_eq!(calls, 6);
    let mut trainer = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).epochs(2);
    trainer.fit_with(&train, Some(&train), |turn, batch| {
        if turn.is_training() {
            assert_eq!((turn.step(), turn.epoch()), (seen.get(), seen.get() / 3));
            seen.set(seen.get() + 1);
        }
        line(turn.model, batch, turn.context)
    })?;
    assert_eq!((seen.get(), trainer.position()), (6, (2, 6)));
    // Nothing descended.
    assert_eq!(state_dict(&trainer.model)?, state_dict(&halves()?)?);
    Ok(())
}

#[test]
fn one_descent_of_the_whole_is_what_fit_does() -> Result<()> {
    let train = || Ok::<_, Error>(loader(lines(12)?, 4).shuffle(3));
    let make = || Ok::<_, Error>(Trainer::new(halves()?, Adam::new(0.1).optimizer(), 1).epochs(3));
    let mut one = make()?;
    one.fit(&train()?, None, line)?;
    let mut other = make()?;
    other.fit_with(&train()?, None, |turn, batch| {
        let step = line(turn.model, batch, turn.context)?;
        turn.descend(|net, adam| (net, adam), &step.loss)?;
        Ok(step)
    })?;
    assert_eq!(weights(&one.model), weights(&other.model));
    assert_eq!(one.history.column("train_loss"), other.history.column("train_loss"));
    Ok(())
}

struct Rules {
    left: Optimizer<Adam>,
    right: Optimizer<Sgd>,
}
optimizers!(Rules { left, right });

#[test]
fn parts_descend_with_optimizers_of_their_own() -> Result<()> {
    let train = loader(lines(12)?, 4);
    let rules = || Rules { left: Adam::new(0.1).optimizer(), right: Sgd::new(0.05).optimizer() };
    let mut trainer = Trainer::new(halves()?, rules(), 1);
    trainer.fit_with(&train, None, |turn, batch| {
        let step = line(turn.model, batch, turn.context)?;
        turn.descend(|net, rules| (&mut net.left, &mut rules.left), &step.loss)?;
        let step = line(turn.model, batch, turn.context)?;
        turn.descend(|net, rules| (&mut net.right, &mut rules.right), &step.loss)?;
        Ok(step)
    })?;
    // By hand.
    let (mut net, mut rules) = (halves()?, rules());
    let mut cx = gradus_nn::Context::train(1);
    for batch in loader(lines(12)?, 4).iter() {
        let batch = batch?;
        let gradients = line(&net, &batch, &mut cx)?.loss.backward()?;
        rules.left.step(&mut net.left, &gradients)?;
        let gradients = line(&net, &batch, &mut cx)?.loss.backward()?;
        rules.right.step(&mut net.right, &gradients)?;
    }
    assert_eq!(weights(&trainer.model), weights(&net));
    let rates = ["lr_left", "lr_right"].map(|name| trainer.history.last(name));
    assert_eq!(rates, [Some(0.1), Some(0.05)]);
    let error = message(trainer.accumulate(2).fit_with(&train, None, |_, _| unreachable!()));
    assert!(error.contains("Trainer::fit_with: got accumulate(2)"), "{error}");
    Ok(())
}

/// `Σ nᵢ gᵢ / Σ nᵢ` in the order of the batches, whatever their sizes, also for the last of an epoch.
#[test]
fn accumulated_batches_are_one_step_in_the_order_that_is_written() -> Result<()> {
    // Batches of 4, 4, 4, 4, 2: three, and then two for a step.
    let data = lines(18)?;
    let mut trainer = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).epochs(2).accumulate(3);
    trainer.fit(&loader(data.clone(), 4), None, line)?;
    assert_eq!(trainer.position(), (2, 4));

    let (mut net, mut sgd) = (halves()?, Sgd::new(0.1).optimizer());
    let mut cx = gradus_nn::Context::train(1);
    for _ in 0..2 {
        let batches = loader(data.clone(), 4).iter().collect::<gradus_data::Result<Vec<_>>>()?;
        for group in batches.chunks(3) {
            let (mut sum, mut items) = (None::<gradus_autograd::Gradients>, 0);
            for batch in group {
                let step = line(&net, batch, &mut cx)?;
                items += step.items;
                let mut gradients = step.loss.backward()?;
                gradients.scale(step.items as f32);
                match &mut sum {
                    None => sum = Some(gradients),
                    Some(sum) => sum.merge(gradients)?,
                }
            }
            let mut gradients = sum.expect("a batch");
            gradients.scale((1.0 / items as f64) as f32);
            sgd.step(&mut net, &gradients)?;
        }
    }
    assert_eq!(weights(&trainer.model), weights(&net));

    // And it is near the step over all of them at once.
    let mut whole = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).epochs(1);
    whole.fit(&loader(data.clone(), 18), None, line)?;
    let mut parts = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).accumulate(9);
    parts.fit(&loader(data, 4), None, line)?;
    let far = weights(&whole.model)
        .iter()
        .zip(weights(&parts.model))
        .any(|(a, b)| (f32::from_bits(*a) - f32::from_bits(b)).abs() > 1e-6);
    assert!(!far, "one batch of 18 is five batches of 18 items");
    Ok(())
}

#[test]
fn limits_that_are_no_limits_are_refused() -> Result<()> {
    let train = loader(lines(8)?, 4);
    for limit in [-1.0, 0.0, f64::NAN] {
        for by_value in [false, true] {
            let trainer = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1);
            let mut trainer =
                if by_value { trainer.clip_value(limit) } else { trainer.clip_norm(limit) };
            let error = message(trainer.fit(&train, None, line));
            let name = if by_value { "clip_value" } else { "clip_norm" };
            assert!(error.contains(&format!("got {name} {limit}")), "{error}");
            assert_eq!(trainer.position(), (0, 0));
        }
    }
    let error = message(
        Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).accumulate(0).fit(&train, None, line),
    );
    assert!(error.contains("accumulate: got 0 batches"), "{error}");
    let mut clipped = Trainer::new(halves()?, Sgd::new(1.0).optimizer(), 1).clip_norm(1e-3);
    let before = weights(&halves()?);
    clipped.fit(&loader(lines(4)?, 4), None, line)?;
    let moved: f32 = (weights(&clipped.model).iter().zip(before))
        .map(|(a, b)| (f32::from_bits(*a) - f32::from_bits(b)).powi(2))
        .sum();
    assert!((moved.sqrt() - 1e-3).abs() < 1e-5, "{moved}");
    Ok(())
}

#[test]
fn a_loss_that_is_not_finite_names_the_step_and_the_gradient_and_changes_nothing() -> Result<()> {
    let place = tempfile::tempdir().expect("a folder");
    let folder = RunFolder::create(place.path())?;
    let train = loader(lines(12)?, 4);
    let mut trainer =
        Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).epochs(9).run_folder(folder.clone());
    let mut calls = 0;
    let mut fit = |trainer: &mut Trainer<Halves, Optimizer<Sgd>>, factor: f32| {
        trainer.fit(&train, None, |net, batch, cx| {
            calls += 1;
            let step = line(net, batch, cx)?;
            Ok(if calls == 5 { Step::new(step.loss.scale(factor), step.items) } else { step })
        })
    };
    let error = message(fit(&mut trainer, f32::NAN));
    assert!(error.contains("step 5: the loss is NaN"), "{error}");
    assert!(error.contains("left.weight") && error.contains("last.ckpt"), "{error}");
    assert!(error.contains("after 1 epochs and 3 steps"), "{error}");
    let kept = gradus_serialize::Checkpoint::load(folder.last_checkpoint())?;
    assert_eq!((kept.epoch, kept.step, trainer.position()), (1, 3, (1, 4)));

    // It goes on from there with the same batch, and to the same end.
    fit(&mut trainer, 1.0)?;
    let mut unbroken = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).epochs(9);
    unbroken.fit(&loader(lines(12)?, 4), None, line)?;
    assert_eq!(weights(&trainer.model), weights(&unbroken.model));
    assert_eq!(trainer.history.column("train_loss"), unbroken.history.column("train_loss"));

    // The loss is finite here, its slope is not.
    let root = Param::new(Tensor::scalar(0.0_f32));
    let mut trainer = Trainer::new(root, Sgd::new(0.1).optimizer(), 1);
    let error = message(
        trainer.fit(&loader(lines(4)?, 4), None, |root, _, _| Ok(Step::new(root.var().sqrt(), 1))),
    );
    assert!(
        error.contains("step 1: the gradient of the parameter has inf, though the loss is 0"),
        "{error}"
    );
    Ok(())
}

#[test]
fn rules_that_compute_the_loss_again_work() -> Result<()> {
    fn end<R: Rule<f32>>(rule: R, batches: usize) -> Result<f64> {
        let train = loader(lines(24)?, 24 / batches);
        let mut trainer = Trainer::new(halves()?, rule.optimizer(), 1).epochs(30);
        trainer.fit(&train, Some(&train), line)?;
        Ok(trainer.history.last("validation_loss").expect("a column"))
    }
    let sgd = end(Sgd::new(0.05), 1)?;
    assert!(end(Lbfgs::new(1.0), 1)? < 1e-6 * sgd);
    let sam = end(Sam::new(Sgd::new(0.05)), 2)?;
    assert!(sam < 0.9 * end(Sgd::new(0.0), 2)?, "{sam}");

    let mut trainer = Trainer::new(halves()?, Lbfgs::new(1.0).optimizer(), 1).accumulate(2);
    let error = message(trainer.fit(&loader(lines(8)?, 4), None, line));
    assert!(error.contains("accumulate: got 2 batches"), "{error}");
    // An error of the step comes through the rule as it is.
    let mut trainer = Trainer::new(halves()?, Lbfgs::new(1.0).optimizer(), 1);
    let mut calls = 0;
    let error = message(trainer.fit(&loader(lines(8)?, 4), None, |net, batch, cx| {
        calls += 1;
        if calls == 4 { Err(Error::other("enough")) } else { line(net, batch, cx) }
    }));
    assert_eq!(error, "enough");
    Ok(())
}

#[test]
fn frozen_parameters_are_not_missed() -> Result<()> {
    use gradus_nn::ModuleExt;
    let mut net = Sequential::new()
        .push(Linear::new(2, 3).init(&mut Rng::new(1))?)
        .push(Relu)
        .push(Linear::new(3, 1).init(&mut Rng::new(2))?);
    net.freeze("0");
    let mut trainer = Trainer::new(net, Sgd::new(0.1).optimizer(), 1).epochs(3);
    let outcome = trainer.fit(&loader(lines(8)?, 4), None, |net, (x, y), cx| {
        Ok(Step::new(mse_loss(&net.forward(x, cx)?, y)?, 4))
    })?;
    assert_eq!((outcome, trainer.warnings().len()), (Outcome::Finished, 0));
    Ok(())
}
