//! Element by element, and sums of elements.

use std::convert::Infallible;
use std::hint::black_box;

use criterion::Criterion;
use gradus::prelude::*;

use crate::{normal, time};

/// In the cache, and beyond it.
const SIZES: [usize; 2] = [1 << 14, 1 << 20];

type Function = fn(&Tensor) -> Tensor;

pub fn functions(c: &mut Criterion) {
    let functions: [(&str, Function); 9] = [
        ("exp", Tensor::exp),
        ("ln", Tensor::ln),
        ("tanh", Tensor::tanh),
        ("sigmoid", Tensor::sigmoid),
        ("erf", Tensor::erf),
        ("sqrt", Tensor::sqrt),
        ("abs", Tensor::abs),
        ("add", |x| x + x),
        ("mul", |x| x * x),
    ];
    for size in SIZES {
        let any = normal([size]);
        let positive = any.abs();
        for (name, f) in functions {
            let x = if matches!(name, "ln" | "sqrt") { &positive } else { &any };
            time(c, name, &size.to_string(), size, || Ok::<_, Infallible>(f(black_box(x))));
        }
    }
}

pub fn sums(c: &mut Criterion) {
    for size in SIZES {
        let x = normal([size / 128, 128]);
        time(c, "sum", &size.to_string(), size, || Ok::<_, Infallible>(black_box(&x).sum()));
        for (name, axis) in [("rows", 1), ("columns", 0)] {
            time(c, "sum", &format!("of {name}, {size}"), size, || {
                black_box(&x).sum_axes(&[axis], false)
            });
        }
    }
}
