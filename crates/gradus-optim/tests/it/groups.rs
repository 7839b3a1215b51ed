//! Groups by path, frozen parameters, and parameters without a gradient.

use gradus_autograd::Gradients;
use gradus_optim::settings::Value;
use gradus_optim::{Adam, Optimizer, Rule, Sgd};
use gradus_tensor::Tensor;

use super::common::{Pair, assert_close, gradient, gradients, pair};

/// A model whose parameters are 1 and whose gradients are 1.
fn ones() -> (Pair, Gradients) {
    let one = Tensor::vector([1.0]);
    let model = Pair::new(one.clone(), one.clone());
    let gradients = model.gradients(&one, &one);
    (model, gradients)
}

fn after(mut optimizer: Optimizer<Sgd>) -> Vec<f32> {
    let (mut model, gradients) = ones();
    optimizer.step(&mut model, &gradients).unwrap();
    model.values()
}

#[test]
fn a_group_has_its_own_decay_and_rate() {
    let sgd = || Sgd::new(0.1).weight_decay(0.5).optimizer();
    assert_close(&after(sgd()), &[0.85, 0.85], 1e-7);
    let no_bias = |path: &str| path.ends_with("bias");
    assert_close(&after(sgd().group_where(no_bias, |g| g.weight_decay(0.0))), &[0.85, 0.9], 1e-7);
    assert_close(&after(sgd().group("fc.weight", |g| g.lr_factor(2.0))), &[0.7, 0.85], 1e-7);
    let both = sgd().group("fc", |g| g.lr_factor(0.0).weight_decay(1.0));
    assert_close(&after(both), &[1.0, 1.0], 0.0);
    // Names count as a whole.
    let (mut model, gradients) = ones();
    let error = sgd().group("f", |g| g).step(&mut model, &gradients).unwrap_err().to_string();
    assert!(error.starts_with("step: no parameter of the model is `f` or lies in it"), "{error}");
}

#[test]
fn the_first_group_that_takes_a_path_wins() {
    let sgd = || Sgd::new(0.1).optimizer();
    let special_first =
        sgd().group("fc.bias", |g| g.lr_factor(2.0)).group("fc", |g| g.lr_factor(5.0));
    assert_close(&after(special_first), &[0.5, 0.8], 1e-7);
    let special_last = sgd().group("", |g| g.lr_factor(5.0)).group("fc.bias", |g| g.lr_factor(2.0));
    assert_close(&after(special_last), &[0.5, 0.5], 1e-7);
}

#[test]
fn frozen_parameters_stay() {
    let (mut model, gradients) = ones();
    let mut sgd = Sgd::new(0.1).momentum(0.9).optimizer();
    model.weight.freeze();
    assert_eq!(sgd.step(&mut model, &gradients).unwrap().updated, 1);
    assert_close(&model.values(), &[1.0, 0.9], 1e-7);
    assert_eq!(sgd.state().tensors.keys().collect::<Vec<_>>(), ["fc.bias"]);

    model.weight.unfreeze();
    assert_eq!(sgd.step(&mut model, &gradients).unwrap().updated, 2);
    assert_close(&model.values(), &[0.9, 0.71], 1e-6);
}

#[test]
fn a_parameter_that_is_trained_later_starts_as_if_it_were_the_first_step() {
    // The bias correction counts the updates of each parameter, so the first moves by the rate.
    let (mut model, gradients) = ones();
    let mut adam = Adam::new(0.01).optimizer();
    model.weight.freeze();
    for _ in 0..50 {
        adam.step(&mut model, &gradients).unwrap();
    }
    model.weight.unfreeze();
    adam.step(&mut model, &gradients).unwrap();
    assert_close(&model.values(), &[0.99, 1.0 - 0.51], 1e-5);
    let state = adam.state();
    let count = |path: &str| state.tensors[path][2].item().unwrap();
    assert_eq!((state.step, count("fc.weight"), count("fc.bias")), (51, 1.0, 51.0));
}

#[test]
fn a_missing_gradient_is_no_gradient_of_zero() {
    let mut model = pair::<f32>();
    let mut adam = Adam::new(0.1).optimizer();
    let gradients = gradients(&model, 0);
    adam.step(&mut model, &gradients).unwrap();
    let before = model.values();
    let state = adam.state();
    let only_bias = gradient(&model.bias, &Tensor::ones([4]));
    assert_eq!(adam.step(&mut model, &only_bias).unwrap().updated, 1);
    assert_eq!(model.values()[..12], before[..12]);
    assert_ne!(model.values()[12..], before[12..]);
    assert_eq!(adam.state().tensors["fc.weight"], state.tensors["fc.weight"]);
}

#[test]
fn a_group_can_have_any_setting_of_the_rule() {
    let sgd = || Sgd::new(0.1).momentum(0.9).optimizer();
    // An absolute rate stays when the optimizer's is set by hand, and a factor follows.
    let mut both = sgd().group("fc.bias", |g| g.lr(0.5));
    both.set_lr(0.2);
    assert_close(&after(both), &[0.8, 0.5], 1e-7);
    let mut both = sgd().group("fc.bias", |g| g.lr_factor(2.0));
    both.set_lr(0.2);
    assert_close(&after(both), &[0.8, 0.6], 1e-7);
    let mut both = sgd().group("fc.bias", |g| g.set(|rule| rule.lr(0.3).momentum(0.0)));
    both.set_lr(0.2);
    let (mut model, gradients) = ones();
    both.step(&mut model, &gradients).unwrap();
    both.step(&mut model, &gradients).unwrap();
    assert_close(&model.values(), &[0.42, 0.4], 1e-6);
    // Without a momentum nothing is kept but the number of updates.
    let kept: Vec<usize> = both.state().tensors.values().map(Vec::len).collect();
    assert_eq!(kept, [1, 2]);
    let scheduled = sgd().group("fc.bias", |g| g.schedule(|_: u64| 0.5)).schedule(|_: u64| 3.0);
    assert_close(&after(scheduled), &[0.7, 0.95], 1e-7);
    let named = sgd().group("fc.bias", |g| g.option("weight_decay", Value::Number(1.0)));
    assert_close(&after(named), &[0.9, 0.8], 1e-7);
    let mut changed = sgd().group("fc.bias", |g| g.lr(0.5));
    changed.change(|rule| *rule = rule.weight_decay(1.0));
    assert_close(&after(changed), &[0.8, 0.0], 1e-7);
}

#[test]
fn up_instead_of_down_and_clipped_by_value() {
    assert_close(&after(Sgd::new(0.1).optimizer().maximize(true)), &[1.1, 1.1], 1e-7);
    let clipped = Sgd::new(0.1).optimizer().clip_value(0.25).maximize(true).clip_norm(100.0);
    assert_close(&after(clipped), &[1.025, 1.025], 1e-7);
    // Adam goes up as far as it goes down.
    let (mut model, gradients) = ones();
    Adam::new(0.1).optimizer().maximize(true).step(&mut model, &gradients).unwrap();
    assert_close(&model.values(), &[1.1, 1.1], 1e-6);
}

#[test]
fn rules_of_several_kinds_in_one_optimizer() {
    let rule: Box<dyn Rule> = Box::new(Sgd::new(0.1));
    let mut optimizer =
        Optimizer::new(rule).group("fc.bias", |g| g.set(|_| Box::new(Adam::new(0.25))));
    let (mut model, gradients) = ones();
    optimizer.step(&mut model, &gradients).unwrap();
    assert_close(&model.values(), &[0.9, 0.75], 1e-6);
    let mut copy = optimizer.clone();
    let mut other = model.clone();
    optimizer.step(&mut model, &gradients).unwrap();
    let gradients = other.gradients(&Tensor::vector([1.0]), &Tensor::vector([1.0]));
    copy.step(&mut other, &gradients).unwrap();
    assert_eq!(model.values(), other.values());
}
