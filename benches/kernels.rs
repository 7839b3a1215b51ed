//! Single kernels at the sizes that networks use, in elements or multiply-adds per second.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gradus::tensor::{Conv2dSpec, Rng, Tensor, conv2d};

fn normal(shape: impl AsRef<[usize]>) -> Tensor {
    Tensor::normal(shape, 0.0, 1.0, &mut Rng::new(1)).expect("a valid distribution")
}

fn matmul(c: &mut Criterion) {
    let mut group = c.benchmark_group("matmul");
    for [m, k, n] in [[64, 784, 128], [64, 512, 512], [512, 512, 512], [2048, 128, 512]] {
        let (a, b) = (normal([m, k]), normal([k, n]));
        group.throughput(Throughput::Elements((m * k * n) as u64));
        group.bench_function(format!("{m}x{k}x{n}"), |bench| {
            bench.iter(|| black_box(&a).matmul(black_box(&b)).expect("fitting sizes"));
        });
    }
    group.finish();
}

fn convolution(c: &mut Criterion) {
    let mut group = c.benchmark_group("conv2d 3x3, batch 64");
    let spec = Conv2dSpec { padding: [1, 1], ..Conv2dSpec::default() };
    for (channels, size) in [(16, 32), (32, 16), (64, 8), (64, 14)] {
        let x = normal([64, channels, size, size]);
        let w = normal([channels, channels, 3, 3]);
        group.throughput(Throughput::Elements((x.len() * channels * 9) as u64));
        group.bench_function(format!("{channels} channels, {size}x{size}"), |bench| {
            bench.iter(|| conv2d(black_box(&x), black_box(&w), &spec).expect("fitting sizes"));
        });
    }
    group.finish();
}

fn elementwise(c: &mut Criterion) {
    let mut group = c.benchmark_group("elementwise, 1 million");
    let (x, y) = (normal([1 << 20]), normal([1 << 20]));
    group.throughput(Throughput::Elements(1 << 20));
    group.bench_function("add", |bench| bench.iter(|| black_box(&x) + black_box(&y)));
    group.bench_function("exp", |bench| bench.iter(|| black_box(&x).exp()));
    group.bench_function("tanh", |bench| bench.iter(|| black_box(&x).tanh()));
    group.bench_function("sum", |bench| bench.iter(|| black_box(&x).sum()));
    group.finish();
}

criterion_group!(benches, matmul, convolution, elementwise);
criterion_main!(benches);
