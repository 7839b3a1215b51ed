//! Kernels for sequences: letters to vectors, memory, attention.

use std::hint::black_box;

use criterion::Criterion;
use gradus::prelude::*;
use gradus::tensor::{self, AttentionMask};

use crate::{below, normal, time};

pub fn embedding(c: &mut Criterion) {
    for [words, dim, count] in [[65, 64, 2048], [65, 128, 2048], [30_000, 128, 2048]] {
        let (table, list, grad) =
            (normal([words, dim]), below(words, [count]), normal([count, dim]));
        let case = format!("{count} of {words}x{dim}");
        time(c, "embedding", &case, grad.len(), || table.select(0, black_box(&list)));
        // As in training: into a gradient that starts at zero.
        time(c, "embedding gradient", &case, grad.len(), || {
            let mut sums = Tensor::zeros([words, dim]);
            sums.index_add(0, black_box(&list), &grad).map(|()| sums)
        });
    }
}

/// A whole sequence, in multiply-adds of both products; backward has twice as many.
pub fn lstm(c: &mut Criterion) {
    for [steps, batch, inputs, hidden] in [[64, 32, 64, 256], [64, 1, 64, 256]] {
        let (x, state) = (normal([steps, batch, inputs]), Tensor::zeros([batch, hidden]));
        let (w_ih, w_hh) = (normal([4 * hidden, inputs]), normal([4 * hidden, hidden]));
        let bias = Tensor::zeros([4 * hidden]);
        let weights = [&w_ih, &w_hh, &bias, &bias];
        let forward = || tensor::lstm(black_box(&x), [&state, &state], weights, true);
        let pass = forward().expect("fitting shapes");
        let case = format!("{batch} of {steps}x{inputs}x{hidden}");
        let work = steps * batch * 4 * hidden * (inputs + hidden);
        time(c, "lstm", &case, work, forward);
        time(c, "lstm gradients", &case, 2 * work, || {
            tensor::lstm_grad(black_box(&x), weights, &pass, Some(&pass.output), None, [true; 7])
        });
    }
}

/// Multiply-adds as if there were no mask; backward computes the scores again.
pub fn attention(c: &mut Criterion) {
    for [samples, heads, tokens, dim] in [[32, 4, 64, 32], [1, 4, 1024, 64]] {
        let [q, k, v] = [1, 2, 3].map(|_| normal([samples, heads, tokens, dim]));
        for (name, mask) in [("full", AttentionMask::none()), ("causal", AttentionMask::causal())] {
            let forward = || tensor::attention(black_box(&q), &k, &v, &mask);
            let pass = forward().expect("fitting shapes");
            let case = format!("{samples}x{heads}x{tokens}x{dim} {name}");
            let product = samples * heads * tokens * tokens * dim;
            time(c, "attention", &case, 2 * product, forward);
            time(c, "attention gradients", &case, 5 * product, || {
                tensor::attention_grad([black_box(&q), &k, &v], &mask, &pass, &pass.output)
            });
        }
    }
}
