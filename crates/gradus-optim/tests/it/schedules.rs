//! Every schedule at its corners, and in an optimizer.

use gradus_optim::{Constant, Cosine, Schedule, Sgd, StepDecay, Then, Warmup};
use gradus_tensor::Tensor;

use super::common::{Pair, assert_close};

#[track_caller]
fn check(schedule: impl Schedule, points: &[(u64, f64)]) {
    schedule.validate().unwrap();
    for &(step, want) in points {
        let got = schedule.factor(step);
        let name = &schedule as &dyn Schedule;
        assert!((got - want).abs() < 1e-12, "{name:?} at {step}: {got} is not {want}");
    }
}

#[test]
fn factors_at_the_corners() {
    let last = u64::MAX;
    check(Constant::new(0.3), &[(0, 0.3), (last, 0.3)]);
    check(StepDecay::new(10, 0.1), &[(0, 1.0), (9, 1.0), (10, 0.1), (29, 0.01), (last, 0.0)]);
    check(StepDecay::new(1, 0.0), &[(0, 1.0), (1, 0.0)]);
    let half = std::f64::consts::FRAC_1_SQRT_2 / 2.0;
    check(
        Cosine::new(8),
        &[(0, 1.0), (2, 0.5 + half), (4, 0.5), (6, 0.5 - half), (8, 0.0), (last, 0.0)],
    );
    check(Cosine::new(8).final_factor(0.2), &[(0, 1.0), (4, 0.6), (8, 0.2), (9, 0.2), (last, 0.2)]);
    check(Cosine::new(1), &[(0, 1.0), (1, 0.0)]);
    check(Warmup::new(5), &[(0, 0.2), (3, 0.8), (4, 1.0), (5, 1.0), (last, 1.0)]);
    check(Warmup::new(1), &[(0, 1.0), (1, 1.0)]);
}

#[test]
fn schedules_follow_each_other() {
    let schedule = Warmup::new(2).then(Cosine::new(4).final_factor(0.5));
    check(schedule, &[(0, 0.5), (1, 1.0), (2, 1.0), (4, 0.75), (6, 0.5), (u64::MAX, 0.5)]);
    let three = Then::new(schedule, 6, StepDecay::new(2, 0.1));
    check(three, &[(0, 0.5), (4, 0.75), (5, schedule.factor(5)), (6, 1.0), (8, 0.1)]);
    let chosen: Box<dyn Schedule> = Box::new(three);
    check(chosen, &[(8, 0.1)]);
}

#[test]
fn the_factor_multiplies_the_rate() {
    let mut model = Pair::new(Tensor::vector([0.0_f64]), Tensor::vector([0.0]));
    let one = Tensor::vector([1.0]);
    let mut sgd = Sgd::new(0.5)
        .optimizer()
        .schedule(Warmup::new(2).then(StepDecay::new(1, 0.5)))
        .group("fc.bias", |g| g.lr_factor(10.0));
    let mut rates = Vec::new();
    for _ in 0..5 {
        let next = sgd.lr();
        let gradients = model.gradients(&one, &one);
        let report = sgd.step(&mut model, &gradients).unwrap();
        assert_eq!(report.lr, next);
        rates.push(next);
    }
    assert_eq!(rates, [0.25, 0.5, 0.5, 0.25, 0.125]);
    assert_close(&model.values(), &[-1.625, -16.25], 1e-15);
}
