//! Bad settings, bad gradients and bad states: the message, and that nothing was changed.

use gradus_autograd::Param;
use gradus_nn::{Module, Visitor, VisitorMut};
use gradus_optim::settings::Value;
use gradus_optim::{
    Adam, AdamW, Constant, Cosine, Optimizer, OptimizerState, Plateau, Result, Rule, Schedule, Sgd,
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
        Sgd::new(0.1).momentum(0.9).nesterov(true).dampening(0.5).optimizer(),
        "Sgd: got nesterov(true) with a dampening, wanted a dampening of 0",
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
        let want = format!("Adam: got clip_value {limit}, wanted a number > 0");
        check(Adam::new(0.1).optimizer().clip_value(limit), &want);
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
        with(Box::new(|step: u64| -(step as f64) - 1.0)),
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
        load(|state| bias(state).clear()),
        "load_state: got no tensors for `fc.bias`, wanted those of the rule, and the number of updates"
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
    let mut numbers = good.clone();
    numbers.numbers.insert("lr".into(), vec![0.1, 0.2]);
    assert_eq!(
        message(Adam::new(0.1).optimizer().load_state(numbers.clone())),
        "load_state: got learning rates of 2 groups, wanted learning rates of 1 groups"
    );
    numbers.numbers = [("schedule".to_string(), vec![1.0])].into();
    let mut plateau = Adam::new(0.1).optimizer().schedule(Plateau::new(0.1));
    assert_eq!(
        message(plateau.load_state(numbers)),
        "load_state: got 1 numbers of a schedule, wanted 4 numbers of a schedule"
    );
}

/// States that are not the parameter's are seen by the step, which then changes nothing.
#[test]
fn a_state_of_another_model_names_the_parameter_and_changes_nothing() {
    let mut model = pair::<f32>();
    let mut adam = Adam::new(0.1).optimizer();
    let g = gradients(&model, 0);
    adam.step(&mut model, &g).unwrap();
    let good = adam.state();
    let number = good.tensors["fc.bias"][2].clone();
    let four = || Tensor::zeros([4]);
    for (tensors, shapes) in [
        (vec![Tensor::zeros([9]), Tensor::zeros([9])], "[[9], [9]]"),
        (vec![four(), Tensor::zeros([2, 2])], "[[4], [2, 2]]"),
        (vec![four()], "[[4]]"),
        (vec![four(), four(), four()], "[[4], [4], [4]]"),
    ] {
        let mut state = good.clone();
        state.tensors.insert("fc.bias".into(), [tensors, vec![number.clone()]].concat());
        let before = model.values();
        let mut adam = Adam::new(0.1).optimizer();
        adam.load_state(state.clone()).unwrap();
        assert_eq!(
            message(adam.step(&mut model, &g)),
            format!(
                "step: the state kept for `fc.bias` has the shapes {shapes}, which Adam does not keep \
                 for a parameter of shape [4]; does the state belong to another model, or to other \
                 settings?"
            )
        );
        assert_eq!((model.values(), adam.steps(), adam.state()), (before, 1, state));
    }
}

#[test]
fn settings_that_cannot_vary() {
    check(
        Adam::new(0.1).optimizer().vary("momentum", Constant::new(1.0)),
        "Adam: got vary(\"momentum\", …), wanted the name of a number among its settings",
    );
    check(
        Adam::new(0.1).optimizer().vary("beta1", Cosine::new(0)),
        "Cosine: got total 0, wanted at least 1 step",
    );
    let mut model = pair::<f32>();
    let g = gradients(&model, 0);
    let mut adam = Adam::new(0.1).optimizer().vary("beta2", Constant::new(1.5));
    assert_eq!(
        message(adam.step(&mut model, &g)),
        "Adam: got beta2 1.4985, wanted a number in [0, 1)"
    );
}

#[test]
fn options_of_groups_that_the_rule_does_not_have() {
    let with = |name: &'static str, value: Value| {
        Adam::new(0.1).optimizer().group("fc.bias", move |g| g.option(name, value))
    };
    check(
        with("momentum", Value::Number(0.9)),
        "Adam, group 0 (`fc.bias`): got a setting `momentum`, wanted one of lr, betas, eps, \
         weight_decay, amsgrad",
    );
    check(
        with("amsgrad", Value::Number(1.0)),
        "Adam, group 0 (`fc.bias`): got amsgrad 1.0, wanted a value of its type",
    );
    check(
        with("betas", "[0.9, 1]".parse().unwrap()),
        "Adam, group 0 (`fc.bias`): got beta2 1, wanted a number in [0, 1)",
    );
    check(
        Adam::new(0.1).optimizer().group("fc.bias", |g| g.lr(-1.0)),
        "Adam, group 0 (`fc.bias`): got learning rate -1, wanted a finite number >= 0",
    );
}
