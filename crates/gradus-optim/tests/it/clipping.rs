//! Clipping by the norm of all gradients together.

use gradus_optim::{Adam, Sgd};
use gradus_tensor::Tensor;

use super::common::{Pair, assert_close, gradients, pair};

/// A model whose gradients are 3 and −4.
fn three_four() -> (Pair<f64>, gradus_autograd::Gradients<f64>) {
    let model = Pair::new(Tensor::vector([0.0]), Tensor::vector([0.0]));
    let gradients = model.gradients(&Tensor::vector([3.0]), &Tensor::vector([-4.0]));
    (model, gradients)
}

#[test]
fn the_direction_stays_and_the_norm_is_the_limit() {
    for (limit, want) in [(1.0, [-0.6, 0.8]), (5.0, [-3.0, 4.0]), (f64::INFINITY, [-3.0, 4.0])] {
        let (mut model, gradients) = three_four();
        let mut sgd = Sgd::new(1.0).optimizer().clip_norm(limit);
        let report = sgd.step(&mut model, &gradients).unwrap();
        assert_eq!(report.grad_norm, Some(5.0));
        assert_close(&model.values(), &want, 1e-15);
    }
}

#[test]
fn frozen_parameters_do_not_count() {
    let (mut model, gradients) = three_four();
    model.bias.freeze();
    let report = Sgd::new(1.0).optimizer().clip_norm(1.0).step(&mut model, &gradients).unwrap();
    assert_eq!(report.grad_norm, Some(3.0));
    assert_close(&model.values(), &[-1.0, 0.0], 1e-15);
}

#[test]
fn every_rule_gives_what_clipped_gradients_give() {
    let sgd = Sgd::new(0.1).weight_decay(0.1);
    for rule in [sgd, sgd.momentum(0.9), sgd.momentum(0.9).nesterov(true)] {
        same(rule.optimizer(), rule.optimizer().clip_norm(0.7));
    }
    let adam = Adam::new(0.1).eps(0.1).weight_decay(0.1);
    same(adam.optimizer(), adam.optimizer().clip_norm(0.7));
}

fn same<R: gradus_optim::Rule<f64>>(
    mut plain: gradus_optim::Optimizer<R, f64>,
    mut clipping: gradus_optim::Optimizer<R, f64>,
) {
    let (mut a, mut b) = (pair::<f64>(), pair::<f64>());
    for step in 0..3 {
        let mut clipped = gradients(&a, step);
        let norm = clipped.clip_global_norm(0.7);
        assert!(norm > 0.7);
        plain.step(&mut a, &clipped).unwrap();
        let gradients = gradients(&b, step);
        let report = clipping.step(&mut b, &gradients).unwrap();
        assert!((report.grad_norm.unwrap() - norm).abs() < 1e-12);
    }
    assert_close(&a.values(), &b.values(), 1e-13);
}
