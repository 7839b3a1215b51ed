//! The workloads of the comparison with peers (`workloads/`): training steps and the inference of
//! one sample.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

#[path = "workloads/image.rs"]
mod image;
#[path = "workloads/net.rs"]
mod net;
#[path = "workloads/text.rs"]
mod text;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use gradus::optim::{Optimizer, Rule};
use gradus::prelude::*;
use net::{Batch, Net, infer, train_step};

/// Times both, in a group of the workload's name.
fn both<N: Net, R: Rule>(
    c: &mut Criterion,
    name: &str,
    mut net: N,
    data: &Batch<N::Input>,
    mut optimizer: Optimizer<R>,
) {
    let mut group = c.benchmark_group(name);
    group.sample_size(20);
    let mut cx = Context::train(0);
    group.bench_function("training step", |bench| {
        bench.iter(|| {
            black_box(train_step(&mut net, data, &mut optimizer, &mut cx).expect("fitting data"))
        });
    });
    let mut cx = Context::eval();
    group.bench_function("inference of one", |bench| {
        bench.iter(|| black_box(infer(&net, data, &mut cx).expect("fitting data")));
    });
    group.finish();
}

fn mlp1(c: &mut Criterion) {
    let mut rng = Rng::new(0);
    let net = image::mlp(&[784, 128, 10], &mut rng).expect("sizes above zero");
    let data = image::batch(&[64, 784], &mut rng).expect("a valid shape");
    both(c, "mlp1", net, &data, Sgd::new(0.01).optimizer());
}

fn mlp2(c: &mut Criterion) {
    let mut rng = Rng::new(0);
    let net = image::mlp(&[784, 512, 512, 10], &mut rng).expect("sizes above zero");
    let data = image::batch(&[64, 784], &mut rng).expect("a valid shape");
    both(c, "mlp2", net, &data, Adam::new(1e-3).optimizer());
}

fn cnn(c: &mut Criterion) {
    let mut rng = Rng::new(0);
    let net = image::cnn(&mut rng).expect("sizes above zero");
    let data = image::batch(&[64, 1, 28, 28], &mut rng).expect("a valid shape");
    both(c, "cnn", net, &data, Adam::new(1e-3).optimizer());
}

fn resnet(c: &mut Criterion) {
    let mut rng = Rng::new(0);
    let net = image::ResNet20::new(&mut rng).expect("sizes above zero");
    let data = image::batch(&[64, 3, 32, 32], &mut rng).expect("a valid shape");
    let sgd = Sgd::new(0.1).momentum(0.9).weight_decay(1e-4);
    both(c, "resnet", net, &data, sgd.optimizer());
}

fn lstm(c: &mut Criterion) {
    let mut rng = Rng::new(0);
    let net = text::Reader::new(&mut rng).expect("sizes above zero");
    let data = text::batch([32, 64], &mut rng).expect("a valid shape");
    both(c, "lstm", net, &data, Adam::new(1e-3).optimizer());
}

fn gpt(c: &mut Criterion) {
    let mut rng = Rng::new(0);
    let net = text::Gpt::new(&mut rng).expect("sizes above zero");
    let data = text::batch([32, 64], &mut rng).expect("a valid shape");
    both(c, "gpt", net, &data, AdamW::new(1e-3).optimizer());
}

criterion_group!(benches, mlp1, mlp2, cnn, resnet, lstm, gpt);
criterion_main!(benches);
