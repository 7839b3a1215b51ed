//! One step. What fails changes nothing.

use gradus_autograd::{Gradients, ParamId};
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
    let report = StepReport { lr, grad_norm: plan.grad_norm, updated: plan.len(), loss };
    // Where no rule can fail half-way the parameters are changed where they lie. Otherwise the
    // model and the driver keep theirs, and what is written goes to other memory.
    match rules.iter().all(|rule| rule.is_local()) {
        true => in_place(driver, rules, objective, plan)?,
        false => aside(driver, rules, objective, plan, loss)?,
    }
    driver.steps = driver.steps.saturating_add(1);
    Ok(report)
}

/// Updates where the numbers lie, one parameter after another.
fn in_place<T: Float>(
    driver: &mut Driver<T>,
    rules: &Rules<'_, T>,
    objective: &mut dyn Objective<T>,
    mut plan: Plan<T>,
) -> Result<()> {
    // Stands where a tensor is that the rule has in its hands, so that there is one owner.
    let hole = Tensor::zeros([0]);
    let mut result = Ok(());
    objective.model().for_each_param_mut(|path, param| {
        let (Ok(()), Some((group, i))) = (&result, plan.place(param.id())) else { return };
        let at = &mut plan.groups[group][i];
        if at.path != path {
            return;
        }
        let slots = match driver.slots.get_mut(&at.path) {
            Some(slots) => slots,
            None => driver.slots.entry(at.path.clone()).or_insert_with(Slots::none),
        };
        slots.tensors.clear();
        at.param = std::mem::replace(param.value_mut(), hole.clone());
        result = rules[group].update(at);
        if result.is_ok() {
            slots.updates = at.step.number;
            slots.fit(at.param.shape());
        }
        slots.tensors = std::mem::take(&mut at.state);
        *param.value_mut() = std::mem::replace(&mut at.param, hole.clone());
    });
    if result.is_err() {
        driver.slots.retain(|_, slots| slots.updates > 0);
    }
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
            let plan = &*plan;
            let mut evaluate = |params: &mut [At<T>]| {
                put(objective, |id| match plan.place(id) {
                    Some((of, i)) if of == group => Some(params[i].param.clone()),
                    _ => None,
                });
                let (loss, gradients) = objective.evaluate()?;
                let model = objective.model();
                model.for_each_param(|_, param| {
                    if let Some((_, i)) = plan.place(param.id()).filter(|at| at.0 == group) {
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
    put(objective, |id| {
        let (group, i) = plan.place(id)?;
        plan.groups[group].get(i).map(|at| at.param.clone())
    });
}

/// Puts values into the model.
fn put<T: Float>(objective: &mut dyn Objective<T>, value: impl Fn(ParamId) -> Option<Tensor<T>>) {
    objective.model().for_each_param_mut(|_, param| {
        if let Some(value) = value(param.id()) {
            *param.value_mut() = value;
        }
    });
}

/// Keeps the states of a plan for the next step.
fn keep<T: Float>(driver: &mut Driver<T>, plan: Plan<T>) {
    for at in plan.groups.into_iter().flatten() {
        let of = Some(at.param.shape().to_vec());
        let slots = Slots { tensors: at.state, updates: at.step.number, of };
        driver.slots.insert(at.path, slots);
    }
}
