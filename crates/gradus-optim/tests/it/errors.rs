//! Bad settings, bad gradients and bad states: the message, and that nothing was changed.

use gradus_autograd::Param;
use gradus_nn::{Module, Visitor, VisitorMut};
use gradus_optim::{
    Adam, AdamW, Constant, Cosine, Optimizer, OptimizerState, Result, Rule, Schedule, Sgd,
    StepDecay, Then, Warmup,
};
use gradus_tensor::Tensor;

use super::common::{gradient, gradients, pair};

fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().to_string()
}

/// The step and `validate` give the message, and the step changes nothing.
#[track_caller]
fn check<R: Rule>(mut optimizer: Optimizer<R>, want: &str) {
    assert_eq!(message(optimizer.validate()), want);
    let mut model = pair();
    let before = model.values();
    let gradients = gradients(&model, 0);
    assert_eq!(message(optimizer.step(&mut model, &gradients)), want);
    assert_eq!(model.values(), before);
    assert_eq!((optimizer.steps(), optimizer.state().tensors.len()), (0, 0));
}

#[test]
fn settings_outside_their_domain() {
    let finite = "wanted a finite number >= 0";
    for (lr, text) in [(f64::NAN, "NaN"), (-0.1, "-0.1"), (f64::INFINITY, "inf")] {
        check(Adam::new(lr).optimizer(), &format!("Adam: got learning rate {text}, {finite}"));
        check(AdamW::new(lr).optimizer(), &format!("AdamW: got learning rate {text}, {finite}"));
        check(Sgd::new(lr).optimizer(), &format!("Sgd: got learning rate {text}, {finite}"));
    }
    check(
        Sgd::new(0.1).weight_decay(-1.0).optimizer(),
        "Sgd: got weight decay -1, wanted a finite number >= 0",
    );
    for (momentum, text) in [(1.0, "1"), (-0.5, "-0.5"), (f64::NAN, "NaN")] {
        let want = format!("Sgd: got momentum {text}, wanted a number in [0, 1)");
        check(Sgd::new(0.1).momentum(momentum).optimizer(), &want);
    }
    check(
        Sgd::new(0.1).nesterov(true).optimizer(),
        "Sgd: got nesterov(true) without a momentum, wanted a momentum above 0, such as 0.9",
    );
    check(
        Adam::new(0.1).betas(1.0, 0.9).optimizer(),
        "Adam: got beta1 1, wanted a number in [0, 1)",
    );
    check(
        AdamW::new(0.1).betas(0.9, f64::NAN).optimizer(),
        "AdamW: got beta2 NaN, wanted a number in [0, 1)",
    );
    check(Adam::new(0.1).eps(0.0).optimizer(), "Adam: got eps 0, wanted a finite number > 0");
    for limit in [0.0, -1.0, f64::NAN] {
        let want = format!("Adam: got clip_norm {limit}, wanted a number > 0");
        check(Adam::new(0.1).optimizer().clip_norm(limit), &want);
    }
    check(
        Adam::new(0.1).optimizer().group("fc", |g| g).group("fc.bias", |g| g.lr_factor(-1.0)),
        "Adam, group 1 (`fc.bias`): got learning rate factor -1, wanted a finite number >= 0",
    );
    check(
        Adam::new(0.1).optimizer().group_where(|_| true, |g| g.weight_decay(f64::NAN)),
        "Adam, group 0 (by a condition): got weight decay NaN, wanted a finite number >= 0",
    );
}

#[derive(Debug)]
struct Negative;

impl Schedule for Negative {
    fn factor(&self, step: u64) -> f64 {
        -(step as f64) - 1.0
    }
}

#[test]
fn schedules_outside_their_domain() {
    let with = |schedule: Box<dyn Schedule>| Adam::new(0.1).optimizer::<f32>().schedule(schedule);
    let one_step = "wanted at least 1 step";
    check(with(Box::new(Warmup::new(0))), &format!("Warmup: got steps 0, {one_step}"));
    check(with(Box::new(Cosine::new(0))), &format!("Cosine: got total 0, {one_step}"));
    check(with(Box::new(StepDecay::new(0, 0.5))), &format!("StepDecay: got every 0, {one_step}"));
    let never = Then::new(Constant::new(1.0), 0, Constant::new(1.0));
    check(with(Box::new(never)), &format!("Then: got steps 0, {one_step}"));
    let inside = Warmup::new(5).then(Cosine::new(0));
    check(with(Box::new(inside)), &format!("Cosine: got total 0, {one_step}"));
    let finite = "wanted a finite number >= 0";
    check(with(Box::new(Constant::new(-1.0))), &format!("Constant: got factor -1, {finite}"));
    let nan = Cosine::new(5).final_factor(f64::NAN);
    check(with(Box::new(nan)), &format!("Cosine: got final factor NaN, {finite}"));
    let decay = StepDecay::new(5, f64::INFINITY);
    check(with(Box::new(decay)), &format!("StepDecay: got factor inf, {finite}"));
    check(
        with(Box::new(Negative)),
        &format!("Adam: got a schedule's factor at step 0 of -1, {finite}"),
    );
}

#[test]
fn a_gradient_of_another_shape_names_the_parameter_and_changes_nothing() {
    let mut model = pair::<f32>();
    let gradients = gradients(&model, 0);
    model.bias.set(Tensor::zeros([5]));
    let before = model.values();
    let mut adam = Adam::new(0.1).optimizer();
    assert_eq!(
        message(adam.step(&mut model, &gradients)),
        "step: the gradient of `fc.bias` has shape [4], wanted [5], the parameter's; \
         was the parameter replaced after the forward pass?"
    );
    assert_eq!(model.values(), before, "the weight comes first, and must not be updated");
    assert_eq!((adam.steps(), adam.state().tensors.len()), (0, 0));
}

#[test]
fn gradients_of_another_model_are_not_ignored() {
    let model = pair::<f32>();
    let mut clone = model.clone();
    let gradients = gradients(&model, 0);
    let mut sgd = Sgd::new(0.1).optimizer();
    assert_eq!(
        message(sgd.step(&mut clone, &gradients)),
        "step: none of the model's 2 trained parameters has a gradient; compute the loss with this \
         model itself: a clone's parameters are parameters of their own"
    );
    clone.weight.freeze();
    clone.bias.freeze();
    assert_eq!(sgd.step(&mut clone, &gradients).unwrap().updated, 0, "all are frozen on purpose");
}

#[test]
fn a_group_that_takes_nothing_is_a_slip_of_the_pen() {
    let mut model = pair::<f32>();
    let gradients = gradients(&model, 0);
    let mut sgd = Sgd::new(0.1).optimizer().group("encodr.", |g| g.lr_factor(0.1));
    assert_eq!(
        message(sgd.step(&mut model, &gradients)),
        "step: no parameter of the model is `encodr.` or lies in it, as its group wants; names \
         count as a whole; the first path is `fc.weight`"
    );
    let mut sgd = Sgd::new(0.1).optimizer().group_where(|_| false, |g| g.lr_factor(0.1));
    assert_eq!(sgd.step(&mut model, &gradients).unwrap().updated, 2);
}

/// Its author gave two fields one name.
struct Twins(Param, Param);

impl Module for Twins {
    fn visit(&self, v: &mut Visitor<'_>) {
        v.field("w", &self.0).field("w", &self.1);
    }
    fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
        v.field("w", &mut self.0).field("w", &mut self.1);
    }
}

#[test]
fn two_parameters_of_one_path_would_share_their_state() {
    let mut twins = Twins(Param::new(Tensor::scalar(1.0)), Param::new(Tensor::scalar(1.0)));
    let gradients = gradient(&twins.0, &Tensor::scalar(1.0));
    assert_eq!(
        message(Sgd::new(0.1).optimizer().step(&mut twins, &gradients)),
        "step: two parameters of the model have the path `w`; give their fields two names"
    );
}

#[test]
fn a_state_that_does_not_fit() {
    let mut model = pair::<f32>();
    let mut adam = Adam::new(0.1).optimizer();
    let g = gradients(&model, 0);
    adam.step(&mut model, &g).unwrap();
    let good = adam.state();
    let load = |change: fn(&mut OptimizerState)| {
        let mut adam = Adam::new(0.1).optimizer();
        let mut state = good.clone();
        change(&mut state);
        let result = message(adam.load_state(state));
        assert_eq!((adam.steps(), adam.state().tensors.len()), (0, 0));
        result
    };
    fn bias(state: &mut OptimizerState) -> &mut Vec<Tensor> {
        state.tensors.get_mut("fc.bias").unwrap()
    }
    let message_of_sgd = message(Sgd::new(0.1).optimizer().load_state(good.clone()));
    assert_eq!(message_of_sgd, "load_state: got a state of Adam, wanted a state of Sgd");
    assert_eq!(
        load(|state| drop(bias(state).remove(0))),
        "load_state: got 2 tensors for `fc.bias`, wanted 3: 2 of the rule, and the number of updates"
    );
    assert_eq!(
        load(|state| bias(state).clear()),
        "load_state: got 0 tensors for `fc.bias`, wanted 3: 2 of the rule, and the number of updates"
    );
    assert_eq!(
        load(|state| bias(state)[1] = Tensor::zeros([2, 2])),
        "load_state: got shapes [4] and [2, 2] for `fc.bias`, wanted one shape, the parameter's"
    );
    assert_eq!(
        load(|state| bias(state)[2] = Tensor::zeros([1])),
        "load_state: got updates of `fc.bias` of shape [1], wanted a whole number, as a tensor of \
         shape []"
    );
    for (count, text) in [(-1.0, "-1"), (0.5, "0.5"), (f32::NAN, "NaN"), (f32::INFINITY, "inf")] {
        let mut state = good.clone();
        bias(&mut state)[2] = Tensor::scalar(count);
        assert_eq!(
            message(Adam::new(0.1).optimizer().load_state(state)),
            format!(
                "load_state: got {text} updates of `fc.bias`, wanted a whole number, as a tensor \
                 of shape []"
            )
        );
    }
    let mut with_momentum = Sgd::new(0.1).momentum(0.9).optimizer();
    with_momentum.step(&mut model, &g).unwrap();
    assert_eq!(
        message(Sgd::new(0.1).optimizer().load_state(with_momentum.state())),
        "load_state: got 2 tensors for `fc.bias`, wanted 1: 0 of the rule, and the number of updates"
    );
}

#[test]
fn a_state_of_another_model_names_the_parameter_and_changes_nothing() {
    let mut model = pair::<f32>();
    let mut adam = Adam::new(0.1).optimizer();
    let g = gradients(&model, 0);
    adam.step(&mut model, &g).unwrap();
    let mut state = adam.state();
    let updates = state.tensors["fc.bias"][2].clone();
    let other = vec![Tensor::zeros([9]), Tensor::zeros([9]), updates];
    state.tensors.insert("fc.bias".into(), other);
    let before = model.values();
    adam.load_state(state).unwrap();
    assert_eq!(
        message(adam.step(&mut model, &g)),
        "step: the state kept for `fc.bias` has shape [9], wanted [4], the parameter's; \
         does the state belong to another model?"
    );
    assert_eq!((model.values(), adam.steps()), (before, 1));
}
