//! One step. What fails changes nothing.

use gradus_autograd::Gradients;
use gradus_nn::ModuleExt;
use gradus_tensor::{Float, Tensor};

use super::plan::{Plan, clip, plan};
use super::{Driver, Objective, Rules, key, validate};
use crate::state::Slots;
use crate::{All, At, Result, StepReport};

/// One step, down the given gradients or, without any, down the loss of the objective.
pub(crate) fn step<T: Float>(
    driver: &mut Driver<T>,
    rules: &Rules<'_, T>,
    objective: &mut dyn Objective<T>,
    gradients: Option<&Gradients<T>>,
) -> Result<StepReport> {
    validate(driver, rules)?;
    let mut loss = None;
    let plan = match gradients {
        Some(gradients) => plan(driver, rules, objective.model(), gradients)?,
        None => {
            let (value, gradients) = objective.evaluate()?;
            loss = Some(value);
            plan(driver, rules, objective.model(), &gradients)?
        }
    };
    let lr = rules.first().map_or(0.0, |rule| driver.lr(*rule, 0));
    let report = StepReport { lr, grad_norm: plan.grad_norm, updated: plan.places.len(), loss };
    // Where no rule can fail half-way the parameters are taken out of the model and changed in place. Otherwise the
    // model and the driver keep theirs, and what is written goes to other memory.
    match rules.iter().all(|rule| rule.is_atomic()) {
        true => in_place(driver, rules, objective, plan)?,
        false => aside(driver, rules, objective, plan, loss)?,
    }
    driver.steps = driver.steps.saturating_add(1);
    Ok(report)
}

/// Updates where the numbers lie.
fn in_place<T: Float>(
    driver: &mut Driver<T>,
    rules: &Rules<'_, T>,
    objective: &mut dyn Objective<T>,
    mut plan: Plan<T>,
) -> Result<()> {
    let hole = Tensor::zeros([0]);
    objective.model().for_each_param_mut(|_, param| {
        if plan.places.contains_key(&param.id()) {
            *param.value_mut() = hole.clone();
        }
    });
    for at in plan.groups.iter().flatten() {
        if let Some(slots) = driver.slots.get_mut(&at.path) {
            slots.tensors.clear();
        }
    }
    let mut result = Ok(());
    for (group, (rule, params)) in rules.iter().zip(&mut plan.groups).enumerate() {
        if result.is_ok() && !params.is_empty() {
            let numbers = driver.numbers.entry(key("rule", group).into()).or_default();
            result = rule.update_all(&mut All { params, numbers, loss: None, evaluate: None });
        }
    }
    if result.is_err() {
        // Nothing was written, and no update took place.
        plan.groups.iter_mut().flatten().for_each(|at| at.step.number -= 1);
    }
    write(objective, &plan);
    keep(driver, plan);
    result
}

/// Updates copies, so that there is a way back.
fn aside<T: Float>(
    driver: &mut Driver<T>,
    rules: &Rules<'_, T>,
    objective: &mut dyn Objective<T>,
    mut plan: Plan<T>,
    loss: Option<f64>,
) -> Result<()> {
    let old: Vec<Vec<Tensor<T>>> =
        plan.groups.iter().map(|group| group.iter().map(|at| at.param.clone()).collect()).collect();
    let mut memories: Vec<Vec<f64>> = (0..rules.len())
        .map(|group| driver.numbers.get(&*key("rule", group)).cloned().unwrap_or_default())
        .collect();
    let result = each_group(driver, rules, objective, &mut plan, &mut memories, loss);
    if let Err(error) = result {
        for (group, old) in plan.groups.iter_mut().zip(old) {
            group.iter_mut().zip(old).for_each(|(at, old)| at.param = old);
        }
        write(objective, &plan);
        return Err(error);
    }
    for (group, memory) in memories.into_iter().enumerate() {
        driver.numbers.insert(key("rule", group).into(), memory);
    }
    write(objective, &plan);
    keep(driver, plan);
    Ok(())
}

/// The rules, one after another.
fn each_group<T: Float>(
    driver: &Driver<T>,
    rules: &Rules<'_, T>,
    objective: &mut dyn Objective<T>,
    plan: &mut Plan<T>,
    memories: &mut [Vec<f64>],
    loss: Option<f64>,
) -> Result<()> {
    for (group, (rule, numbers)) in rules.iter().zip(memories).enumerate() {
        if plan.groups[group].is_empty() {
            continue;
        }
        let mut params = std::mem::take(&mut plan.groups[group]);
        let result = {
            let has_loss = objective.has_loss();
            let places = &plan.places;
            let mut evaluate = |params: &mut [At<T>]| {
                put(objective, |at| (at.0 == group).then(|| params[at.1].param.clone()), places);
                let (loss, gradients) = objective.evaluate()?;
                let model = objective.model();
                model.for_each_param(|_, param| {
                    if let Some(&(_, i)) = places.get(&param.id()).filter(|at| at.0 == group) {
                        params[i].grad = match gradients.get(param.id()) {
                            Some(gradient) => gradient.clone(),
                            None => Tensor::zeros(params[i].param.shape()),
                        };
                    }
                });
                reclip(driver, params);
                Ok(loss)
            };
            let evaluate: Option<&mut crate::at::Evaluate<'_, T>> =
                if has_loss { Some(&mut evaluate) } else { None };
            rule.update_all(&mut All { params: &mut params, numbers, loss, evaluate })
        };
        plan.groups[group] = params;
        result?;
        write(objective, plan);
    }
    Ok(())
}

/// Clips gradients that were computed anew.
fn reclip<T: Float>(driver: &Driver<T>, params: &mut [At<T>]) {
    let mut groups = [params.iter_mut().map(stand_in).collect::<Vec<_>>()];
    clip(driver, &mut groups);
    for (at, clipped) in params.iter_mut().zip(groups.into_iter().flatten()) {
        (at.grad, at.step) = (clipped.grad, clipped.step);
    }
}

/// The gradient and the numbers of a parameter, without the rest.
fn stand_in<T: Float>(at: &mut At<T>) -> At<T> {
    let (path, grad) = (String::new(), at.grad.clone());
    At { path, param: grad.clone(), grad, state: Vec::new(), step: at.step }
}

/// Puts the parameters of a plan into the model.
fn write<T: Float>(objective: &mut dyn Objective<T>, plan: &Plan<T>) {
    let value = |(group, i): (usize, usize)| plan.groups[group].get(i).map(|at| at.param.clone());
    put(objective, value, &plan.places);
}

/// Puts values into the model.
fn put<T: Float>(
    objective: &mut dyn Objective<T>,
    value: impl Fn((usize, usize)) -> Option<Tensor<T>>,
    places: &std::collections::BTreeMap<gradus_autograd::ParamId, (usize, usize)>,
) {
    objective.model().for_each_param_mut(|_, param| {
        if let Some(value) = places.get(&param.id()).and_then(|&place| value(place)) {
            *param.value_mut() = value;
        }
    });
}

/// Keeps the states of a plan for the next step.
fn keep<T: Float>(driver: &mut Driver<T>, plan: Plan<T>) {
    for at in plan.groups.into_iter().flatten().filter(|at| at.step.number > 0) {
        let (tensors, updates) = (at.state, at.step.number);
        match driver.slots.get_mut(&at.path) {
            Some(slots) if slots.of.as_ref().is_some_and(|of| of == at.param.shape()) => {
                (slots.tensors, slots.updates) = (tensors, updates);
            }
            _ => {
                let of = Some(at.param.shape().to_vec());
                driver.slots.insert(at.path, Slots { tensors, updates, of });
            }
        }
    }
}
