//! Steps that fail in the rule or in the loss: the message, and that nothing was changed.

use gradus_autograd::Var;
use gradus_optim::settings::Value;
use gradus_optim::{
    At, Decay, Error, Formula, Lbfgs, Muon, RULES, Result, Rule, Sam, Search, Settings, Sgd, Step,
    rule,
};
use gradus_tensor::{Float, Tensor};

use super::common::{Pair, gradients, pair};

fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().to_string()
}

/// Fails for a parameter of rank 1, after others were written.
#[derive(Settings, Debug, Clone)]
struct Picky {
    /// The learning rate.
    lr: f64,
}

impl Formula for Picky {
    fn slots(&self) -> usize {
        1
    }
    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        at.each(Decay::NONE, |w, [m], g| {
            *m = g;
            *w = g;
        })?;
        match at.param.rank() {
            1 => Err(Error::setting("Picky", &at.path, "a matrix")),
            _ => Ok(()),
        }
    }
}
rule!(Picky);

#[test]
fn a_rule_that_fails_half_way_changes_nothing() {
    let mut model = pair::<f32>();
    let (before, g) = (model.values(), gradients(&model, 0));
    let mut picky = Picky::new(0.1).optimizer();
    assert_eq!(message(picky.step(&mut model, &g)), "Picky: got fc.bias, wanted a matrix");
    assert_eq!((model.values(), picky.steps()), (before, 0));
    assert_eq!(picky.state(), Picky::new(0.1).optimizer().state());
    model.bias.freeze();
    let updated = picky.step(&mut model, &g).unwrap().updated;
    assert_eq!(
        (updated, &model.values()[..12]),
        (1, &g.get(model.weight.id()).unwrap().to_vec()[..])
    );
}

#[test]
fn rules_that_need_the_loss_say_so() {
    let mut model = pair::<f32>();
    let (before, g) = (model.values(), gradients(&model, 0));
    let wanted = "step: got gradients, wanted the loss: the rule computes it several times; call \
                  `step_with(&mut model, |model| loss)`";
    let mut lbfgs = Lbfgs::new(1.0).optimizer();
    assert_eq!(message(lbfgs.step(&mut model, &g)), wanted);
    let mut sam = Sam::new(Sgd::new(0.1)).optimizer();
    assert_eq!(message(sam.step(&mut model, &g)), wanted);
    assert_eq!((model.values(), lbfgs.steps(), sam.steps()), (before, 0, 0));
    let mut muon = Muon::new(0.1).optimizer();
    assert_eq!(
        message(muon.step(&mut model, &g)),
        "Muon: got `fc.bias` of shape [4], wanted a matrix; set other parameters apart with \
         `group_where`, and there `set` another rule"
    );
}

#[test]
fn a_loss_that_fails_in_a_search_changes_nothing() {
    let mut model = pair::<f64>();
    let mut lbfgs = Lbfgs::new(0.1).max_iter(4).search(Search::StrongWolfe).optimizer();
    let loss = |model: &Pair<f64>| model.weight.var().square().add(&model.bias.var().cos());
    lbfgs.step_with(&mut model, |model| Ok(loss(model)?.sum())).unwrap();
    let (before, state) = (model.values(), lbfgs.state());
    let mut count = 0;
    let failing = |model: &Pair<f64>| {
        count += 1;
        match count {
            3 => Ok(model.weight.var().add(&Var::constant(Tensor::zeros([7])))?),
            _ => Ok(loss(model)?.sum()),
        }
    };
    let error = message(lbfgs.step_with(&mut model, failing));
    assert!(error.contains("[7]"), "{error}");
    assert_eq!((model.values(), lbfgs.state(), count), (before, state, 3));
}

#[test]
fn an_update_by_hand_with_no_state_is_an_error() {
    for about in RULES.iter().filter(|about| about.name != "Lbfgs") {
        let rule: Box<dyn Rule> = rule(about.name, &[("lr", Value::Number(0.1))]).unwrap();
        let param = Tensor::ones([2, 3]);
        let step = Step { number: 1, lr: 0.1, grad_scale: 1.0 };
        let (path, grad) = ("w".to_string(), param.clone());
        let mut at = At { path, param, grad, state: vec![], step };
        match rule.start(&at.param).is_empty() {
            true => rule.update(&mut at).unwrap(),
            false => {
                let error = message(rule.update(&mut at));
                assert!(
                    error.starts_with("update: got 0 state tensors of `w`, wanted "),
                    "{error}"
                );
                assert_eq!(at.param, Tensor::ones([2, 3]));
            }
        }
    }
}
