//! What is found before the first epoch: metrics that nobody gives, data of which there is nothing.

use gradus_data::{DataLoader, Dataset, LoaderState, StreamLoader};
use gradus_nn::Context;
use gradus_optim::Sgd;
use gradus_tensor::Tensor;
use gradus_train::metrics::{Accuracy, Metric};
use gradus_train::{Error, Result, Source, Trainer};

use crate::fixtures::{Lines, Pairs, Shelf, lines, loader, weights};
use crate::message;
use crate::steps::{Halves, halves, line};

/// Before anything is trained, where a batch of validation can tell; after one step where training alone can.
#[test]
fn a_metric_that_no_step_gives_is_refused_with_those_that_there_are() -> Result<()> {
    let data = || Ok::<_, Error>(loader(lines(8)?, 4).shuffle(1));
    let classified = |net: &Halves, batch: &Pairs, cx: &mut Context| {
        let labels = Tensor::vector(vec![0; batch.1.shape()[0]]);
        let step = line(net, batch, cx)?;
        // Training has a metric that validation lacks.
        Ok(match cx.is_training() {
            true => step.with(Accuracy::new().of((&labels, &labels))?),
            false => step,
        })
    };
    for (name, validates, steps, wanted) in [
        ("f2", true, 0, "one that the steps of validation give: loss"),
        ("accuracy", true, 0, "one that the steps of validation give: loss"),
        ("validation_f2", true, 0, "one that the steps of validation give: loss"),
        ("train_f2", true, 1, "one that the steps of training give: loss, accuracy"),
        ("f2", false, 1, "one that the steps of training give: loss, accuracy"),
        ("validation_loss", false, 0, "one of training, since there is no validation data"),
    ] {
        let (train, validation) = (data()?, data()?);
        let validation = validates.then_some(&validation as &dyn Source<Batch = Pairs>);
        let make = || Ok::<_, Error>(Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1));
        for (mut trainer, op) in [(make()?.best(name), "best"), (make()?.observe(name), "observe")]
        {
            let error = message(trainer.fit(&train, validation, classified));
            let got = format!("Trainer::{op}: got the metric {name:?}, wanted {wanted}");
            assert!(error.contains(&got), "{name}: {error}");
            assert_eq!(trainer.position(), (0, steps), "{name}");
        }
    }
    Ok(())
}

/// The look at validation before the first epoch changes no bit of the run, and no position.
#[test]
fn a_look_at_validation_leaves_no_trace() -> Result<()> {
    let run = |best: &str, shared: bool| {
        let (train, other) = (loader(lines(8)?, 4).shuffle(1), loader(lines(8)?, 3).shuffle(2));
        let mut trainer =
            Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1).epochs(2).best(best);
        trainer.fit(&train, Some(if shared { &train } else { &other }), |net, batch, cx| {
            let labels = Tensor::vector(vec![0; batch.1.shape()[0]]);
            Ok(line(net, batch, cx)?.with(Accuracy::new().of((&labels, &labels))?))
        })?;
        let losses = trainer.history.column("validation_loss");
        Ok::<_, Error>((weights(&trainer.model), losses, train.state(), other.state()))
    };
    for shared in [false, true] {
        assert_eq!(run("accuracy", shared)?, run("loss", shared)?);
    }
    Ok(())
}

#[test]
fn nothing_to_train_or_validate_on_is_refused_at_once() -> Result<()> {
    let some = loader(lines(8)?, 4);
    let none = || Ok::<_, Error>(loader(lines(3)?, 4).drop_last(true));
    let mut trainer = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1);
    for error in [
        message(trainer.fit(&none()?, Some(&some), line)),
        message(trainer.fit(&some, Some(&none()?), line)),
    ] {
        assert!(error.contains('3') && error.contains("batch"), "{error}");
    }
    assert_eq!((trainer.position(), lines(3)?.len()), ((0, 0), 3));

    // Nor if the source finds out only when it is asked.
    struct Silent(DataLoader<Lines>);
    impl Source for Silent {
        type Batch = Pairs;
        fn batches(&self) -> Box<dyn Iterator<Item = gradus_data::Result<Pairs>> + '_> {
            Box::new(std::iter::empty())
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
    let silent = Silent(loader(lines(8)?, 4));
    let error = message(trainer.fit(&silent, Some(&some), line));
    assert!(error.contains("got no batches in an epoch of training"), "{error}");
    let error = message(trainer.fit(&some, Some(&silent), line));
    assert!(error.contains("got no batches in an epoch of validation"), "{error}");
    assert!(trainer.history.is_empty());
    let stream = StreamLoader::new(Shelf(lines(0)?.into()));
    let mut trainer = Trainer::new(halves()?, Sgd::new(0.1).optimizer(), 1);
    let error = message(trainer.fit(&stream, Some(&some), line));
    assert!(error.contains("the data set is empty"), "{error}");
    let error = message(trainer.fit(&some, Some(&stream), line));
    assert!(error.contains("the data set is empty"), "{error}");
    Ok(())
}
