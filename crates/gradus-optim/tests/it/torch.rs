//! Every rule and schedule that PyTorch has, beside what PyTorch computes. `tests/data/rules.py` and
//! `schedules.py` recorded it; the registry says what there must be.

use std::collections::BTreeSet;

use gradus_autograd::{Param, Var};
use gradus_optim::settings::Value;
use gradus_optim::{
    Constant, Cosine, Exponential, Optimizer, Plateau, RULES, Ramp, Rule, SCHEDULES, Schedule, Sgd,
    rule, schedule,
};
use gradus_tensor::{Float, Tensor};
use serde_json::Value as Json;

use super::common::Pair;

fn data(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

fn rules() -> Json {
    data(include_str!("../data/rules.json"))
}

fn schedules() -> Json {
    data(include_str!("../data/schedules.json"))
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Settings as the registry takes them.
fn settings(json: &Json) -> Vec<(&str, Value)> {
    let settings = json.as_object().unwrap().iter();
    settings.map(|(name, value)| (name.as_str(), of(value))).collect()
}

fn of(json: &Json) -> Value {
    match json {
        Json::Bool(flag) => Value::Flag(*flag),
        Json::String(word) => Value::Word(word.clone()),
        Json::Array(values) => Value::List(values.iter().map(of).collect()),
        number => match number.as_u64() {
            Some(count) => Value::Count(count),
            None => Value::Number(number.as_f64().unwrap()),
        },
    }
}

fn tensors<T: Float>(numbers: &[f64]) -> [Tensor<T>; 2] {
    let values: Vec<T> = numbers.iter().map(|&x| T::from_f64(x)).collect();
    let weight = Tensor::from_vec(values[..12].to_vec(), [3, 4]).unwrap();
    [weight, Tensor::vector(&values[12..])]
}

#[track_caller]
fn close<T: Float>(got: &[T], want: &Json, tolerance: f64, what: &Json) {
    let want = numbers(want);
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let error = (got.to_f64() - want).abs();
        assert!(error <= tolerance * want.abs().max(1.0), "{what}: element {i}: {got}, not {want}");
    }
}

fn ten_steps<T: Float>(all: &Json, case: &Json, of: &str, tolerance: f64) {
    let name = case["rule"].as_str().unwrap();
    let rule: Box<dyn Rule<T>> = rule(name, &settings(&case["settings"])).unwrap();
    let [weight, bias] = tensors(&numbers(&all["start"]));
    let mut model = Pair::<T>::new(weight, bias);
    let matrices_only = name == "Muon";
    if matrices_only {
        model.bias.freeze();
    }
    let mut optimizer = Optimizer::new(rule);
    let shown = numbers(&all["shown"]);
    for (step, gradients) in (1..).zip(all["gradients"].as_array().unwrap()) {
        let [weight, bias] = tensors(&numbers(gradients));
        let gradients = match matrices_only {
            true => super::common::gradient(&model.weight, &weight),
            false => model.gradients(&weight, &bias),
        };
        optimizer.step(&mut model, &gradients).unwrap();
        if let Some(i) = shown.iter().position(|&shown| shown == f64::from(step)) {
            let values = model.values();
            let values = if matrices_only { &values[..12] } else { &values[..] };
            close(values, &case[of][i], tolerance, case);
        }
    }
}

#[test]
fn ten_steps_of_every_rule() {
    let all = rules();
    let mut seen = BTreeSet::from(["Lbfgs"]);
    for case in all["cases"].as_array().unwrap() {
        ten_steps::<f64>(&all, case, "f64", 1e-12);
        ten_steps::<f32>(&all, case, "f32", 1e-6);
        seen.insert(case["rule"].as_str().unwrap());
    }
    let in_torch = RULES.iter().filter(|about| !about.torch.is_empty());
    assert_eq!(seen, in_torch.map(|about| about.name).collect());
}

fn rosenbrock<T: Float>(x: &Var<T>, y: &Var<T>) -> Var<T> {
    let [one, hundred] = [1.0, 100.0].map(T::from_f64);
    let valley = y.sub(&x.mul(x).unwrap()).unwrap().square().scale(hundred);
    x.affine(-T::ONE, one).square().add(&valley).unwrap()
}

fn bowl<T: Float>(x: &Var<T>, y: &Var<T>) -> Var<T> {
    let [half, three] = [0.5, 3.0].map(T::from_f64);
    let mixed = x.mul(y).unwrap().scale(half);
    let bottom = y.shift(-T::ONE).square().scale(three);
    x.square().add(&mixed).unwrap().add(&bottom).unwrap()
}

/// A curved valley makes much of rounding: PyTorch's own results in `f32` are so far from those in `f64`.
fn rounding(case: &Json) -> f64 {
    let off = |i: usize| {
        let [a, b] = ["f32", "f64"].map(|of| numbers(&case[of][i]));
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    (0..10).map(off).fold(0.0, f64::max)
}

fn ten_searches<T: Float>(all: &Json, case: &Json, of: &str, tolerance: f64) {
    let lbfgs: Box<dyn Rule<T>> = rule("Lbfgs", &settings(&case["settings"])).unwrap();
    let mut optimizer = Optimizer::new(lbfgs);
    let point: Vec<T> = numbers(&all["point"]).into_iter().map(T::from_f64).collect();
    let mut point = Param::new(Tensor::vector(point));
    let function = match case["function"].as_str() {
        Some("bowl") => bowl::<T>,
        _ => rosenbrock::<T>,
    };
    for want in case[of].as_array().unwrap() {
        let loss = |point: &Param<T>| {
            let (x, y) = (point.var().index(0, 0)?, point.var().index(0, 1)?);
            Ok(function(&x, &y))
        };
        optimizer.step_with(&mut point, loss).unwrap();
        close(&point.value().to_vec(), want, tolerance, case);
    }
}

#[test]
fn ten_steps_of_lbfgs() {
    let all = rules();
    for case in all["searches"].as_array().unwrap() {
        let scaled = rounding(case) * f64::EPSILON / f64::from(f32::EPSILON);
        ten_searches::<f64>(&all, case, "f64", (2.0 * scaled).max(1e-12));
        let is_bowl = case["function"].as_str() == Some("bowl");
        assert!(!is_bowl || rounding(case) < 5e-7, "{case}");
        ten_searches::<f32>(&all, case, "f32", (2.0 * rounding(case)).max(1e-6));
    }
}

fn hundred(schedule: &dyn Schedule, factors: &Json, what: &Json) {
    schedule.validate().unwrap();
    let got: Vec<f64> = (0..100).map(|step| schedule.factor(step)).collect();
    close(&got, factors, 1e-12, what);
}

#[test]
fn a_hundred_steps_of_every_schedule() {
    let all = schedules();
    let mut seen = BTreeSet::from(["Constant", "Plateau"]);
    for case in all["cases"].as_array().unwrap() {
        let name = case["schedule"].as_str().unwrap();
        let schedule = schedule(name, &settings(&case["settings"])).unwrap();
        hundred(&*schedule, &case["factors"], &case["settings"]);
        seen.insert(name);
    }
    for case in all["others"].as_array().unwrap() {
        let line = |steps| Ramp::new(0.1, 1.0, steps);
        let schedule: Box<dyn Schedule> = match case["name"].as_str().unwrap() {
            "constant" => Box::new(Constant::new(0.25).until(30, Constant::new(1.0))),
            "lambda" => Box::new(|step: u64| 0.95_f64.powf(step as f64)),
            "multiplicative" => Box::new(|step: u64| {
                (1..=step).map(|step| 0.9 + 0.001 * step as f64).product::<f64>()
            }),
            "averaging, linear" => Box::new(Ramp::new(1.0, 0.1, 30)),
            "averaging, cosine" => Box::new(Cosine::new(30).final_factor(0.1)),
            "sequence" => Box::new(line(10).until(10, Cosine::new(90))),
            "product" => Box::new(line(20).times(Exponential::new(0.9))),
            other => panic!("{other}"),
        };
        hundred(&*schedule, &case["factors"], &case["name"]);
    }
    let in_torch = SCHEDULES.iter().filter(|about| !about.torch.is_empty());
    assert_eq!(seen, in_torch.map(|about| about.name).collect());
}

#[test]
fn a_hundred_values_on_plateaus() {
    let all = schedules();
    for case in all["plateaus"].as_array().unwrap() {
        let plateau: Plateau =
            gradus_optim::settings::from_values(&settings(&case["settings"])).unwrap();
        let mut sgd = Sgd::new(1.0).optimizer::<f32>().schedule(plateau);
        let metrics = numbers(&all["metrics"]);
        let mut rate = |(step, metric): (usize, &f64)| {
            // A stop half-way, and on with another optimizer.
            if step == 50 {
                let state = sgd.state();
                sgd = Sgd::new(1.0).optimizer().schedule(plateau);
                sgd.load_state(state).unwrap();
            }
            sgd.observe(*metric);
            sgd.lr()
        };
        let rates: Vec<f64> = metrics.iter().enumerate().map(&mut rate).collect();
        close(&rates, &case["factors"], 1e-12, &case["settings"]);
    }
}

#[test]
fn a_hundred_steps_of_momenta_that_go_the_other_way() {
    let all = schedules();
    for case in all["momenta"].as_array().unwrap() {
        let setting = case["setting"].as_str().unwrap();
        let of = if setting == "momentum" { "Sgd" } else { "Adam" };
        let mut rule: Box<dyn Rule> = rule(of, &[("lr", Value::Number(0.0))]).unwrap();
        rule.set(setting, Value::Number(case["base"].as_f64().unwrap())).unwrap();
        let varying = schedule(case["schedule"].as_str().unwrap(), &settings(&case["settings"]));
        let mut optimizer = Optimizer::new(rule).vary(setting, varying.unwrap());
        let mut model = Param::new(Tensor::scalar(1.0));
        let mut momentum = |_| {
            let gradients = model.var().square().backward().unwrap();
            optimizer.step(&mut model, &gradients).unwrap();
            match optimizer.rule().value(setting) {
                Some(Value::Number(momentum)) => momentum,
                other => panic!("{other:?}"),
            }
        };
        let got: Vec<f64> = (0..100).map(&mut momentum).collect();
        close(&got, &case["values"], 1e-12, &case["settings"]);
    }
}
