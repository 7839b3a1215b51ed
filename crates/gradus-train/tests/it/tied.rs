//! A run whose model has one parameter under two paths, and one with two under one path.

use gradus_autograd::{Param, Var};
use gradus_nn::{Context, Module, ModuleExt, Visitor, VisitorMut};
use gradus_optim::{Optimizer, Sgd};
use gradus_tensor::Tensor;
use gradus_train::{Result, Step, Trainer, WeightAverage};

use crate::fixtures::{Pairs, lines, loader, weights};
use crate::message;

/// `y = x₁ w v + x₂ w`, in which `w` stands under two paths.
struct Tied {
    w: Param,
    v: Param,
}

impl Module for Tied {
    fn visit(&self, v: &mut Visitor<'_>) {
        v.field("encoder", &self.w).field("decoder", &self.w).field("scale", &self.v);
    }
    fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
        v.field("encoder", &mut self.w).field("decoder", &mut self.w).field("scale", &mut self.v);
    }
}

fn tied() -> Tied {
    let one = || Param::new(Tensor::scalar(1.0_f32));
    Tied { w: one(), v: one() }
}

fn step(net: &Tied, (x, y): &Pairs, _: &mut Context) -> Result<Step> {
    let part = |i| x.slice(1, i..i + 1);
    let (w, v) = (net.w.var(), net.v.var());
    let scaled = part(0)?.mul(&w)?.mul(&v)?;
    let error = scaled.add(&part(1)?.mul(&w)?)?.sub(y)?;
    Ok(Step::new(error.square().mean(), y.shape()[0]))
}

fn run(epochs: u64) -> Trainer<Tied, Optimizer<Sgd>> {
    let sgd = Sgd::new(0.05).momentum(0.9).optimizer().clip_norm(1.0);
    Trainer::new(tied(), sgd, 1).epochs(epochs).average(WeightAverage::exponential(0.5))
}

/// A gradient of 1 moves it by the rate, not by twice that.
#[test]
fn a_tied_parameter_is_updated_once() -> Result<()> {
    let one = loader(lines(4)?, 4);
    let mut run = Trainer::new(tied(), Sgd::new(1.0).optimizer(), 1);
    run.fit(&one, None, |net, _, _| {
        let w: Var = net.w.var();
        Ok(Step::new(w.add(&net.v.var().scale(0.0))?, 4))
    })?;
    assert_eq!((run.model.w.value().item()?, run.model.v.value().item()?), (0.0, 1.0));
    assert_eq!(run.model.count_params(), 2);
    Ok(())
}

/// Its momentum, its average and itself are saved once, and a resumed run has the bits of an unbroken one.
#[test]
fn a_run_with_a_tied_parameter_goes_on_exactly() -> Result<()> {
    let data = || Ok::<_, gradus_train::Error>(loader(lines(12)?, 4).shuffle(3));
    let (train, mut unbroken) = (data()?, run(4));
    unbroken.fit(&train, Some(&data()?), step)?;

    let (train, mut first) = (data()?, run(2));
    first.fit(&train, Some(&data()?), step)?;
    let saved = first.checkpoint(&train)?;
    assert_eq!(saved.model.names().collect::<Vec<_>>(), ["encoder", "scale"]);
    let state = saved.optimizer.as_ref().expect("a state");
    assert_eq!(state.tensors.keys().collect::<Vec<_>>(), ["encoder", "scale"]);
    assert_eq!(saved.further.weights["average"].len(), 2);

    let (train, mut second) = (data()?, run(4));
    second.resume(&saved, &train)?;
    second.fit(&train, Some(&data()?), step)?;
    assert_eq!(weights(&second.model), weights(&unbroken.model));
    assert_eq!(second.history.to_csv().lines().count(), 5);
    assert_eq!(second.averaged().map(|dict| dict.len()), Some(2));
    Ok(())
}

#[test]
fn two_parameters_under_one_path_are_refused() -> Result<()> {
    struct Clash(Param, Param);
    impl Module for Clash {
        fn visit(&self, v: &mut Visitor<'_>) {
            v.field("w", &self.0).field("w", &self.1);
        }
        fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
            v.field("w", &mut self.0).field("w", &mut self.1);
        }
    }
    let one = loader(lines(4)?, 4);
    let param = || Param::new(Tensor::scalar(1.0_f32));
    let mut run = Trainer::new(Clash(param(), param()), Sgd::new(1.0).optimizer(), 1);
    let result = run.fit(&one, None, |net, _, _| Ok(Step::new(net.0.var().add(&net.1.var())?, 4)));
    let error = message(result);
    assert!(error.contains("`w`") || error.contains("\"w\""), "{error}");
    assert_eq!((run.model.0.value().item()?, run.model.1.value().item()?), (1.0, 1.0));
    Ok(())
}
