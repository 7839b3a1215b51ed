//! Training that is stopped and resumed goes on with the same bits.

use gradus_autograd::Var;
use gradus_optim::settings::Value;
use gradus_optim::{
    Adam, AdamW, Cosine, Lamb, Optimizer, Plateau, RULES, Rule, Sam, Sgd, Warmup, rule,
};
use gradus_tensor::Float;

use super::common::{Pair, gradients, pair, random};

/// 7 steps at once, and 7 steps with a stop after each of them.
fn check<T: Float, R: Rule<T>>(build: impl Fn() -> Optimizer<R, T>) {
    let (mut straight, mut stopped): (Pair<T>, Pair<T>) = (pair(), pair());
    let mut optimizer = build();
    let mut state = build().state();
    assert!(state.tensors.is_empty());
    for step in 0..7 {
        let g = gradients(&straight, step);
        optimizer.step(&mut straight, &g).unwrap();

        let mut fresh = build();
        fresh.load_state(state).unwrap();
        assert_eq!(fresh.steps(), step);
        let g = gradients(&stopped, step);
        fresh.step(&mut stopped, &g).unwrap();
        state = fresh.state();
        // A model that is loaded holds its numbers in tensors of its own.
        stopped = Pair::new(stopped.weight.value().contiguous(), stopped.bias.value().clone());
    }
    assert_eq!(straight.values(), stopped.values());
    assert_eq!(optimizer.state(), state);
    assert_eq!(optimizer.lr(), {
        let mut o = build();
        o.load_state(state).unwrap();
        o.lr()
    });
}

#[test]
fn a_saved_state_goes_on_with_the_same_bits() {
    let schedule = || Warmup::new(3).then(Cosine::new(4));
    check::<f32, _>(|| Sgd::new(0.1).optimizer());
    check::<f32, _>(|| Sgd::new(0.1).momentum(0.9).nesterov(true).optimizer().schedule(schedule()));
    check::<f32, _>(|| Adam::new(0.1).optimizer().schedule(schedule()).clip_norm(0.5));
    check::<f64, _>(|| AdamW::new(0.1).optimizer().group("fc.bias", |g| g.weight_decay(0.0)));
}

#[test]
fn a_saved_state_does_not_change_with_later_steps() {
    let mut model = pair::<f32>();
    let mut adam = Adam::new(0.1).optimizer();
    let g = gradients(&model, 0);
    adam.step(&mut model, &g).unwrap();
    let state = adam.state();
    let copy: Vec<Vec<f32>> = state.tensors.values().flatten().map(|t| t.to_vec()).collect();
    adam.step(&mut model, &g).unwrap();
    let now: Vec<Vec<f32>> = state.tensors.values().flatten().map(|t| t.to_vec()).collect();
    assert_eq!(copy, now);
    assert_eq!(state.rule, "Adam");
    let shapes: Vec<_> = state.tensors["fc.weight"].iter().map(|t| t.shape().to_vec()).collect();
    assert_eq!(shapes, [vec![3, 4], vec![3, 4], vec![]]);
}

/// A loss that bends, with every parameter in it.
fn loss<T: Float>(model: &Pair<T>) -> gradus_nn::Result<Var<T>> {
    let weight = model.weight.var().shift(T::from_f64(-0.3)).square();
    let scale = Var::constant(random::<T>(&[3, 4], 9).map(|x| x + T::from_f64(1.5)));
    let bias = model.bias.var().square().square().sum();
    Ok(weight.mul(&scale)?.sum().add(&bias)?.add(&model.bias.var().cos().sum())?)
}

/// The same for losses: whatever the rule keeps, in whatever type of number.
fn check_loss<T: Float, R: Rule<T>>(build: impl Fn() -> Optimizer<R, T>) {
    let (mut straight, mut stopped): (Pair<T>, Pair<T>) = (pair(), pair());
    let mut optimizer = build();
    let mut state = optimizer.state();
    for _ in 0..6 {
        let report = optimizer.step_with(&mut straight, loss).unwrap();
        let mut fresh = build();
        fresh.load_state(state).unwrap();
        assert_eq!(fresh.step_with(&mut stopped, loss).unwrap(), report);
        state = fresh.state();
    }
    assert_eq!(straight.values(), stopped.values(), "{optimizer:?}");
    assert_eq!(optimizer.state(), state);
    assert_ne!(straight.values(), pair::<T>().values());
}

#[test]
fn every_rule_goes_on_with_the_same_bits() {
    for about in RULES {
        let name = about.name;
        let few = |rule: &mut Box<dyn Rule<f32>>| rule.set("max_iter", Value::Count(2));
        let build = || {
            let mut all = rule("Muon", &[("lr", Value::Number(0.05))]).unwrap();
            if name != "Muon" {
                all = rule(name, &[("lr", Value::Number(0.05))]).unwrap();
                // Else it is done before the last step.
                assert_eq!(few(&mut all).is_ok(), name == "Lbfgs");
            }
            let other = |_| Box::new(Sgd::new(0.05)) as Box<dyn Rule>;
            match name {
                // For matrices alone.
                "Muon" => Optimizer::new(all).group("fc.bias", |g| g.set(other)),
                _ => Optimizer::new(all).clip_norm(100.0),
            }
        };
        check_loss::<f32, _>(build);
    }
    check_loss::<f32, _>(|| Sam::new(Adam::new(0.1)).optimizer());
    check_loss::<f64, _>(|| {
        Sam::new(Lamb::new(0.1))
            .optimizer()
            .group("fc.bias", |g| g)
            .group_where(|_| false, |g| g)
            .clip_value(10.0)
    });
}

#[test]
fn what_was_set_by_hand_or_heard_goes_on() {
    let build = || {
        Sgd::new(0.5)
            .optimizer::<f32>()
            .schedule(Warmup::new(2).then(Plateau::new(0.1).patience(0)))
            .group("fc.bias", |g| g.schedule(Plateau::new(0.5).patience(0)).lr(3.0))
    };
    let mut sgd = build();
    let mut model = pair::<f32>();
    let step = |sgd: &mut Optimizer<Sgd>, model: &mut Pair| {
        let g = gradients(model, 0);
        sgd.step(model, &g).unwrap().lr
    };
    sgd.set_lr(0.1);
    assert_eq!([step(&mut sgd, &mut model), step(&mut sgd, &mut model)], [0.05, 0.1]);
    for metric in [0.1, 0.3] {
        sgd.observe(metric);
    }
    assert!((sgd.lr() - 0.01).abs() < 1e-15);
    let state = sgd.state();
    let keys: Vec<_> = state.numbers.keys().map(String::as_str).collect();
    assert_eq!(keys, ["lr", "schedule", "schedule.1"]);
    // The first number is 0.1 as a double, whatever the parameters are.
    assert_eq!(state.numbers["lr"], [0.1, 3.0]);
    let mut again = build();
    again.load_state(state.clone()).unwrap();
    assert_eq!((again.lr(), again.state()), (sgd.lr(), state));
    let mut other = model.clone();
    step(&mut sgd, &mut model);
    step(&mut again, &mut other);
    assert_eq!(model.values(), other.values());
}
