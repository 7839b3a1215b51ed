//! Training that is stopped and resumed goes on with the same bits.

use gradus_optim::{Adam, AdamW, Cosine, Optimizer, Rule, Sgd, Warmup};
use gradus_tensor::Float;

use super::common::{Pair, gradients, pair};

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
