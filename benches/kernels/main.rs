//! Single kernels at the sizes that networks use, in elements or multiply-adds per second.
//!
//! `cargo bench -p gradus-benches --bench kernels -- softmax`
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "criterion's macros make public functions")]

mod elements;
mod images;
mod products;
mod rows;
mod rules;
mod sequences;
mod tiny;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gradus::prelude::*;

/// Times `work`, which handles so many elements, or makes so many multiply-adds, as one
/// case of a kernel.
fn time<R, E: std::fmt::Debug>(
    c: &mut Criterion,
    kernel: &str,
    case: &str,
    elements: usize,
    mut work: impl FnMut() -> std::result::Result<R, E>,
) {
    let mut group = c.benchmark_group(kernel);
    group.throughput(Throughput::Elements(elements as u64));
    group.bench_function(case, |bench| bench.iter(|| black_box(work().expect("fitting shapes"))));
    group.finish();
}

fn normal(shape: impl AsRef<[usize]>) -> Tensor {
    Tensor::normal(shape, 0.0, 1.0, &mut Rng::new(1)).expect("a valid distribution")
}

/// Whole numbers below a limit.
fn below(limit: usize, shape: impl AsRef<[usize]>) -> Tensor<i64> {
    let mut rng = Rng::new(2);
    Tensor::filled_by(shape, |out| out.iter_mut().for_each(|x| *x = rng.below(limit) as i64))
}

criterion_group!(
    benches,
    products::matmul,
    products::linear,
    products::linear_grad,
    images::convolution,
    images::max_pool,
    images::avg_pool,
    images::batch_norm,
    rows::layer_norm,
    rows::softmax,
    rows::cross_entropy,
    sequences::embedding,
    sequences::lstm,
    sequences::attention,
    rules::update,
    elements::functions,
    elements::sums,
    tiny::chains,
);
criterion_main!(benches);
