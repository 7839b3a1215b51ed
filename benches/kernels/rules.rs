//! The update rules, on one parameter.

use std::hint::black_box;

use criterion::Criterion;
use gradus::optim::{At, Rule, Step};
use gradus::prelude::*;

use crate::{normal, time};

pub fn update(c: &mut Criterion) {
    let rules: [(&str, Box<dyn Rule>); 4] = [
        ("SGD", Box::new(Sgd::new(0.01))),
        ("SGD with momentum", Box::new(Sgd::new(0.01).momentum(0.9).weight_decay(1e-4))),
        ("Adam", Box::new(Adam::new(1e-3))),
        ("AdamW", Box::new(AdamW::new(1e-3))),
    ];
    for (name, rule) in rules {
        for size in [128, 1 << 18] {
            let (param, grad) = (normal([size]), normal([size]));
            let state = rule.start(&param);
            let step = Step { number: 1000, lr: 1e-3, grad_scale: 1.0 };
            let mut at = At { path: "weight".into(), param, grad, state, step };
            time(c, "rule", &format!("{name} of {size}"), size, || rule.update(black_box(&mut at)));
        }
    }
}
