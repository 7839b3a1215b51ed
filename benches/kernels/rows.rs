//! Kernels that go along rows.

use std::hint::black_box;

use criterion::Criterion;
use gradus::prelude::*;
use gradus::{nn, tensor};

use crate::{below, normal, time};

pub fn layer_norm(c: &mut Criterion) {
    for [rows, width] in [[2048, 128], [2048, 768]] {
        let (x, grad) = (normal([rows, width]), normal([rows, width]));
        let (weight, bias) = (normal([width]), normal([width]));
        let case = format!("{rows}x{width}");
        time(c, "layer norm", &case, x.len(), || {
            tensor::layer_norm(black_box(&x), &weight, &bias, 1e-5)
        });
        time(c, "layer norm gradients", &case, x.len(), || {
            tensor::layer_norm_grad(black_box(&x), &grad, &weight, 1e-5)
        });
    }
}

pub fn softmax(c: &mut Criterion) {
    for [rows, classes] in [[64, 10], [2048, 65], [64, 1000]] {
        let x = normal([rows, classes]);
        let case = format!("{rows}x{classes}");
        time(c, "softmax", &case, x.len(), || black_box(&x).softmax(-1));
    }
}

/// Softmax and cross-entropy in one, forward and with the gradient.
pub fn cross_entropy(c: &mut Criterion) {
    for [rows, classes] in [[64, 10], [2048, 65], [64, 1000]] {
        let (scores, labels) = (normal([rows, classes]), below(classes, [rows]));
        let case = format!("{rows}x{classes}");
        let fixed = Var::constant(scores.clone());
        time(c, "cross-entropy", &case, scores.len(), || {
            nn::cross_entropy(black_box(&fixed), &labels)
        });
        time(c, "cross-entropy and gradient", &case, scores.len(), || -> Result<_> {
            let scores = Var::leaf(scores.clone());
            Ok(nn::cross_entropy(&scores, &labels)?.backward()?)
        });
    }
}
