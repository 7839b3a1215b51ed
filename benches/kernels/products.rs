//! Products of matrices. Those of all networks, beside PyTorch: `benches/peers/run --products`.

use std::hint::black_box;

use criterion::Criterion;
use gradus::prelude::*;
use gradus::tensor;

use crate::{normal, time};

/// Samples, inputs and outputs of layers.
const LAYERS: [[usize; 3]; 4] = [[64, 784, 128], [64, 512, 512], [512, 512, 512], [2048, 128, 512]];

pub fn matmul(c: &mut Criterion) {
    for [m, k, n] in LAYERS {
        let (a, b) = (normal([m, k]), normal([k, n]));
        time(c, "matmul", &format!("{m}x{k}x{n}"), m * k * n, || a.matmul(black_box(&b)));
    }
    let (a, b) = (normal([128, 64, 32]), normal([128, 32, 64]));
    time(c, "matmul", "128 of 64x32x64", 128 * 64 * 32 * 64, || a.matmul(black_box(&b)));
}

pub fn linear(c: &mut Criterion) {
    for [samples, inputs, outputs] in LAYERS {
        let (x, w, b) = (normal([samples, inputs]), normal([outputs, inputs]), normal([outputs]));
        for activation in [Activation::Identity, Activation::Relu] {
            let case = format!("{samples}x{inputs}x{outputs} {activation:?}");
            let work = || x.linear(black_box(&w), Some(&b), activation);
            time(c, "linear", &case, samples * inputs * outputs, work);
        }
    }
}

/// All three gradients; each of the two products is as large as the one forward. A copy of the
/// gradient of the output, which is overwritten, is part of it.
pub fn linear_grad(c: &mut Criterion) {
    for [samples, inputs, outputs] in LAYERS {
        let (x, w) = (normal([samples, inputs]), normal([outputs, inputs]));
        let relu = Activation::Relu;
        let y = x.linear(&w, None, relu).expect("fitting shapes");
        let grad = normal([samples, outputs]);
        let case = format!("{samples}x{inputs}x{outputs} Relu");
        let work = || tensor::linear_grad(black_box(&x), &w, &y, grad.clone(), relu, [true; 3]);
        time(c, "linear gradients", &case, 2 * samples * inputs * outputs, work);
    }
}
