//! What an operation costs beside its arithmetic: a chain of them on tensors of four numbers.

use std::hint::black_box;

use criterion::Criterion;
use gradus::prelude::*;

use crate::{normal, time};

/// Operations of each chain.
const LENGTH: usize = 300;

/// Products and sums with another tensor, and a function.
fn chain(x: &Var, y: &Var) -> Var {
    let mut z = x.clone();
    for _ in 0..LENGTH / 3 {
        z = (&(&z * y) + y).tanh();
    }
    z
}

/// In operations per second: forward alone, then with the gradients of both tensors.
pub fn chains(c: &mut Criterion) {
    let (x, y) = (normal([4]), normal([4]));
    let (x_fixed, y_fixed) = (Var::constant(x.clone()), Var::constant(y.clone()));
    time(c, "tiny", "forward", LENGTH, || {
        Ok::<_, std::convert::Infallible>(chain(black_box(&x_fixed), &y_fixed))
    });
    time(c, "tiny", "recorded, forward", LENGTH, || {
        let (x, y) = (Var::leaf(x.clone()), Var::leaf(y.clone()));
        Ok::<_, std::convert::Infallible>(chain(&x, &y))
    });
    time(c, "tiny", "forward and backward", LENGTH, || {
        let (x, y) = (Var::leaf(x.clone()), Var::leaf(y.clone()));
        chain(&x, &y).sum().backward()
    });
}
