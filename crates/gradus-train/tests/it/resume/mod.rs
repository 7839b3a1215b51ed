//! Stop, fail, be killed: what goes on from there has the bits of a run that never stopped.

mod ends;
mod exact;
mod refused;
mod remembered;

use gradus_autograd::Var;
use gradus_data::DataLoader;
use gradus_nn::{BatchNorm1d, Context, Dropout, Layer, Linear, Module, mse_loss};
use gradus_optim::{Adam, Optimizer, Plateau};
use gradus_tensor::Rng;
use gradus_train::{Outcome, Result, Step, Trainer, WeightAverage};

use crate::fixtures::{Lines, Pairs, lines, loader, weights};

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
