//! Whole training steps: forward, loss, backward, optimizer.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use gradus::prelude::*;

fn step(c: &mut Criterion, name: &str, mut net: Sequential, input: &[usize]) {
    let mut rng = Rng::new(1);
    let x = Var::from(Tensor::normal(input, 0.0, 1.0, &mut rng).expect("a valid distribution"));
    let labels = Tensor::filled_by([input[0]], |out| {
        out.iter_mut().for_each(|label| *label = rng.below(10) as i64);
    });
    let mut adam = Adam::new(1e-3).optimizer();
    let mut cx = Context::train(2);
    c.bench_function(name, |bench| {
        bench.iter(|| {
            let scores = net.forward(&x, &mut cx).expect("a fitting input");
            let loss = cross_entropy(&scores, &labels).expect("labels below 10");
            adam.step(&mut net, &loss.backward().expect("a scalar")).expect("finite settings");
        });
    });
}

fn mlp(c: &mut Criterion) {
    let mut rng = Rng::new(0);
    let mut linear = |i, o| Linear::new(i, o).init(&mut rng).expect("sizes above zero");
    let net = Sequential::new()
        .push(linear(784, 512))
        .push(Relu)
        .push(linear(512, 512))
        .push(Relu)
        .push(linear(512, 10));
    step(c, "mlp 784-512-512-10, batch 64, adam", net, &[64, 784]);
}

fn cnn(c: &mut Criterion) {
    let mut rng = Rng::new(0);
    let conv1 = Conv2d::new(1, 32, 3).padding(1).init(&mut rng).expect("sizes above zero");
    let conv2 = Conv2d::new(32, 64, 3).padding(1).init(&mut rng).expect("sizes above zero");
    let net = Sequential::new()
        .push(conv1)
        .push(Relu)
        .push(MaxPool2d::new(2))
        .push(conv2)
        .push(Relu)
        .push(MaxPool2d::new(2))
        .push(Flatten)
        .push(Linear::new(3136, 128).init(&mut rng).expect("sizes above zero"))
        .push(Relu)
        .push(Linear::new(128, 10).init(&mut rng).expect("sizes above zero"));
    step(c, "cnn 1-32-64-128-10, batch 64, adam", net, &[64, 1, 28, 28]);
}

criterion_group!(benches, mlp, cnn);
criterion_main!(benches);
