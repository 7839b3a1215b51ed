//! Rules and schedules that PyTorch does not have, beside their papers' formulas, written again with plain
//! numbers in doubles.

use std::collections::BTreeSet;

use gradus_optim::{
    InverseSqrt, Lamb, Lars, Lion, Optimizer, RULES, Rise, Rule, SCHEDULES, Sam, Schedule, Sgd,
    Warmup,
};
use gradus_tensor::Float;

use super::common::{Pair, assert_close, gradients, pair};

/// One tensor's values after each gradient, by a function of tensor, state, gradient and step.
type Reference<'a> = &'a dyn Fn(&mut [f64], &mut [Vec<f64>], &[f64], i32);

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn check<T: Float, R: Rule<T>>(rule: R, tolerance: f64, reference: Reference<'_>) {
    let mut model: Pair<T> = pair();
    let doubles = |values: Vec<T>| values.into_iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
    let mut wanted = [doubles(model.weight.value().to_vec()), doubles(model.bias.value().to_vec())];
    let mut states = [12, 4].map(|n| vec![vec![0.0; n]; 2]);
    let mut optimizer = Optimizer::new(rule);
    for step in 0..10 {
        let gradients = gradients(&model, step);
        let of =
            [&model.weight, &model.bias].map(|p| doubles(gradients.get(p.id()).unwrap().to_vec()));
        optimizer.step(&mut model, &gradients).unwrap();
        for ((w, state), g) in wanted.iter_mut().zip(&mut states).zip(&of) {
            reference(w, state, g, step as i32 + 1);
        }
        assert_close(&model.values(), &wanted.concat(), tolerance);
    }
}

/// Chen and others, 2023, program 1.
#[test]
fn lion_is_its_papers() {
    let reference = |w: &mut [f64], state: &mut [Vec<f64>], g: &[f64], _| {
        for ((w, m), g) in w.iter_mut().zip(&mut state[0]).zip(g) {
            let c = 0.8 * *m + (1.0 - 0.8) * g;
            *w -= 0.1 * (c.signum() + 0.3 * *w);
            *m = 0.95 * *m + (1.0 - 0.95) * g;
        }
    };
    let rule = Lion::new(0.1).betas(0.8, 0.95).weight_decay(0.3);
    check::<f64, _>(rule, 1e-12, &reference);
    check::<f32, _>(rule, 1e-6, &reference);
}

/// You, Gitman and Ginsburg, 2017, algorithm 1.
#[test]
fn lars_is_its_papers() {
    let reference = |w: &mut [f64], state: &mut [Vec<f64>], g: &[f64], _| {
        let local = 0.02 * norm(w) / (norm(g) + 0.1 * norm(w));
        for ((w, v), g) in w.iter_mut().zip(&mut state[0]).zip(g) {
            *v = 0.8 * *v + 0.5 * local * (g + 0.1 * *w);
            *w -= *v;
        }
    };
    let rule = Lars::new(0.5).momentum(0.8).weight_decay(0.1).trust(0.02);
    check::<f64, _>(rule, 1e-12, &reference);
    check::<f32, _>(rule, 1e-6, &reference);
    // Without a trust it is SGD with momentum, as the rate stays the same.
    let plain = |w: &mut [f64], state: &mut [Vec<f64>], g: &[f64], _| {
        for ((w, v), g) in w.iter_mut().zip(&mut state[0]).zip(g) {
            *v = 0.8 * *v + g;
            *w -= 0.05 * *v;
        }
    };
    check::<f64, _>(Lars::new(0.05).momentum(0.8).trust(None), 1e-12, &plain);
    check::<f64, _>(Sgd::new(0.05).momentum(0.8), 1e-12, &plain);
}

/// You and others, 2020, algorithm 2.
#[test]
fn lamb_is_its_papers() {
    let reference = |w: &mut [f64], state: &mut [Vec<f64>], g: &[f64], t: i32| {
        let mut r = Vec::new();
        for i in 0..w.len() {
            state[0][i] = 0.9 * state[0][i] + 0.1 * g[i];
            state[1][i] = 0.99 * state[1][i] + 0.01 * g[i] * g[i];
            let m = state[0][i] / (1.0 - 0.9_f64.powi(t));
            let v = state[1][i] / (1.0 - 0.99_f64.powi(t));
            r.push(m / (v.sqrt() + 1e-6) + 0.2 * w[i]);
        }
        let ratio = norm(w) / norm(&r);
        w.iter_mut().zip(r).for_each(|(w, r)| *w -= 0.1 * ratio * r);
    };
    let rule = Lamb::new(0.1).betas(0.9, 0.99).weight_decay(0.2);
    check::<f64, _>(rule, 1e-12, &reference);
    check::<f32, _>(rule, 1e-6, &reference);
}

/// Foret and others, 2021, algorithm 1, on `Σ w⁴` and `Σ w²`, whose gradients are `4 w³` and `2 w`.
#[test]
fn sam_is_its_papers() {
    let mut model = pair::<f64>();
    let mut sam = Sam::new(Sgd::new(0.05).momentum(0.9)).rho(0.3).optimizer();
    let mut w = model.values();
    let slope = |w: &[f64]| -> Vec<f64> {
        let of = |(i, w): (usize, &f64)| if i < 12 { 4.0 * w.powi(3) } else { 2.0 * w };
        w.iter().enumerate().map(of).collect()
    };
    let mut v = [0.0; 16];
    for _ in 0..10 {
        let g = slope(&w);
        let size = norm(&g);
        let worse: Vec<f64> = w.iter().zip(&g).map(|(w, g)| w + 0.3 * g / size).collect();
        for ((w, v), g) in w.iter_mut().zip(&mut v).zip(slope(&worse)) {
            *v = 0.9 * *v + g;
            *w -= 0.05 * *v;
        }
        sam.step_with(&mut model, |model| {
            let fourth = model.weight.var().square().square().sum();
            Ok(fourth.add(&model.bias.var().square().sum())?)
        })
        .unwrap();
        assert_close(&model.values(), &w, 1e-12);
    }
}

fn factors(schedule: impl Schedule, want: impl Fn(f64) -> f64) {
    for step in 0..100 {
        let (got, want) = (schedule.factor(step), want(step as f64));
        assert!((got - want).abs() < 1e-12, "{step}: {got} is not {want}");
    }
}

#[test]
fn schedules_are_their_papers() {
    // Vaswani and others, 2017, equation 3: d^-½ min(n^-½, n · warmup^-3/2), n from 1; the highest is at n = warmup.
    let rate = |n: f64| f64::min(n.powf(-0.5), n * 25.0_f64.powf(-1.5));
    factors(InverseSqrt::new(25), |step| rate(step + 1.0) / rate(25.0));
    // Goyal and others, 2017, section 2.2; Ma and Yarats, 2021, equations 4 and 5.
    factors(Warmup::new(40), |step| f64::min(1.0, (step + 1.0) / 40.0));
    factors(Warmup::new(40).rise(Rise::Exponential), |step| 1.0 - (-(step + 1.0) / 40.0).exp());
}

/// What PyTorch has is in `torch.rs`; all the rest must be here.
#[test]
fn every_entry_that_pytorch_lacks_is_here() {
    let ours = RULES.iter().chain(SCHEDULES).filter(|about| about.torch.is_empty());
    let names: BTreeSet<&str> = ours.map(|about| about.name).collect();
    assert_eq!(names, BTreeSet::from(["Lion", "Lars", "Lamb", "InverseSqrt", "Warmup"]));
}
