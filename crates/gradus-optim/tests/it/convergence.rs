//! The rules find the bottom of valleys whose bottom is known.

use gradus_autograd::{Param, Var};
use gradus_optim::{Adam, AdamW, Cosine, Optimizer, Rule, Sgd};
use gradus_tensor::Tensor;

use super::common::assert_close;

/// `Σ aᵢ (wᵢ − bᵢ)²` with `a = (1, 10)` and `b = (3, −2)`.
fn quadratic(w: &Var<f64>) -> Var<f64> {
    let [a, b] = [[1.0, 10.0], [3.0, -2.0]].map(|x| Var::constant(Tensor::vector(x)));
    let off = w.sub(&b).unwrap();
    off.mul(&off).unwrap().mul(&a).unwrap().sum()
}

/// `(1 − x)² + 100 (y − x²)²`: a bent valley with its bottom at `(1, 1)`.
fn rosenbrock(w: &Var<f64>) -> Var<f64> {
    let [x, y] = [0, 1].map(|i| w.slice(0, i..i + 1).unwrap());
    let first = x.sub(&Var::constant(Tensor::vector([1.0]))).unwrap();
    let second = y.sub(&x.mul(&x).unwrap()).unwrap();
    let second = second.mul(&second).unwrap().scale(100.0);
    first.mul(&first).unwrap().add(&second).unwrap().sum()
}

fn descend<R: Rule<f64>>(
    mut optimizer: Optimizer<R, f64>,
    start: [f64; 2],
    steps: usize,
    loss: fn(&Var<f64>) -> Var<f64>,
) -> Vec<f64> {
    let mut w = Param::new(Tensor::vector(start));
    for _ in 0..steps {
        let gradients = loss(&w.var()).backward().unwrap();
        optimizer.step(&mut w, &gradients).unwrap();
    }
    w.value().to_vec()
}

#[test]
fn every_rule_finds_the_bottom_of_a_bowl() {
    let bottom = [3.0, -2.0];
    let start = [0.0, 0.0];
    let momentum = Sgd::new(0.02).momentum(0.8);
    let all = [
        descend(Sgd::new(0.04).optimizer(), start, 400, quadratic),
        descend(momentum.optimizer(), start, 300, quadratic),
        descend(momentum.nesterov(true).optimizer(), start, 300, quadratic),
        descend(Adam::new(0.1).optimizer(), start, 2000, quadratic),
        descend(AdamW::new(0.1).weight_decay(0.0).optimizer(), start, 2000, quadratic),
    ];
    all.iter().for_each(|w| assert_close(w, &bottom, 1e-6));
}

#[test]
fn weight_decay_pulls_towards_zero() {
    // The least of (w − 3)² + λ w² / 2 is at 6 / (2 + λ).
    let l2 = descend(Sgd::new(0.04).weight_decay(1.0).optimizer(), [0.0; 2], 400, quadratic);
    assert_close(&l2, &[2.0, -40.0 / 21.0], 1e-6);
    let none = descend(Sgd::new(0.04).optimizer(), [0.0; 2], 400, quadratic);
    assert!(none[0] > l2[0]);
}

#[test]
fn every_rule_follows_rosenbrocks_valley() {
    let start = [-1.2, 1.0];
    let falling = Adam::new(0.05).optimizer().schedule(Cosine::new(6000));
    let momentum = Sgd::new(2e-4).momentum(0.95);
    let all = [
        descend(falling, start, 6000, rosenbrock),
        descend(momentum.optimizer(), start, 10_000, rosenbrock),
        descend(momentum.nesterov(true).optimizer(), start, 10_000, rosenbrock),
    ];
    all.iter().for_each(|w| assert_close(w, &[1.0, 1.0], 1e-3));
}
