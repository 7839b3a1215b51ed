//! The driver: the work of an optimizer, whatever the types of its rule and of the model are, so that
//! it is compiled once, and not for each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gradus_autograd::{Gradients, Param};
use gradus_nn::{Module, ModuleExt};
use gradus_tensor::{Float, Tensor};

use crate::clip::sum_of_squares;
use crate::error::not_negative;
use crate::group::Groups;
use crate::schedules::Constant;
use crate::state::Slots;
use crate::{Error, OptimizerState, Result, Rule, Schedule, Step, StepReport};

/// An optimizer without its rule.
#[derive(Debug, Clone)]
pub(crate) struct Driver<T: Float> {
    pub(crate) groups: Groups,
    pub(crate) schedule: Arc<dyn Schedule>,
    pub(crate) clip_norm: Option<f64>,
    pub(crate) steps: u64,
    slots: BTreeMap<String, Slots<T>>,
}

impl<T: Float> Driver<T> {
    /// One group, the same learning rate for every step, no clipping.
    pub(crate) fn new() -> Self {
        let schedule = Arc::new(Constant::new(1.0));
        let (groups, slots) = (Groups::default(), BTreeMap::new());
        Self { groups, schedule, clip_norm: None, steps: 0, slots }
    }

    /// The learning rate of the next step, before the factors of the groups.
    pub(crate) fn lr(&self, rule: &dyn Rule<T>) -> f64 {
        rule.lr() * self.schedule.factor(self.steps)
    }
}

/// Checks every setting.
pub(crate) fn validate<T: Float>(driver: &Driver<T>, rule: &dyn Rule<T>) -> Result<()> {
    let name = rule.name();
    not_negative(name, "learning rate", rule.lr())?;
    not_negative(name, "weight decay", rule.weight_decay())?;
    rule.validate()?;
    driver.groups.validate(name)?;
    driver.schedule.validate()?;
    let factor = format!("a schedule's factor at step {} of", driver.steps);
    not_negative(name, &factor, driver.schedule.factor(driver.steps))?;
    match driver.clip_norm {
        Some(limit) if limit.is_nan() || limit <= 0.0 => {
            Err(Error::setting(name, format!("clip_norm {limit}"), "a number > 0"))
        }
        _ => Ok(()),
    }
}

/// One step. Everything is checked before anything is written.
pub(crate) fn step<T: Float>(
    driver: &mut Driver<T>,
    rule: &dyn Rule<T>,
    model: &mut dyn Module<T>,
    gradients: &Gradients<T>,
) -> Result<StepReport> {
    validate(driver, rule)?;
    let (updated, grad_norm) = plan(driver, model, gradients)?;
    let lr = driver.lr(rule);
    let grad_scale = match (grad_norm, driver.clip_norm) {
        (Some(norm), Some(limit)) if norm > limit => limit / norm,
        _ => 1.0,
    };
    let mut result = Ok(());
    model.for_each_param_mut(|path, param| {
        if let (Ok(()), Some(gradient)) = (&result, wanted(param, gradients)) {
            let group = driver.groups.of(path);
            if !driver.slots.contains_key(path) {
                driver.slots.insert(path.to_string(), Slots::new(rule.slots(), param.shape()));
            }
            let Some(slots) = driver.slots.get_mut(path) else { return };
            slots.updates = slots.updates.saturating_add(1);
            let step = Step {
                number: slots.updates,
                lr: lr * group.lr_factor,
                weight_decay: group.weight_decay.unwrap_or(rule.weight_decay()),
                grad_scale,
            };
            result = rule.update(param.value_mut(), gradient, &mut slots.tensors, step);
        }
    });
    result?;
    driver.steps = driver.steps.saturating_add(1);
    Ok(StepReport { lr, grad_norm, updated })
}

/// Checks that a step is possible; the number of parameters that it will update, and the norm
/// of their gradients if that is wanted.
fn plan<T: Float>(
    driver: &Driver<T>,
    model: &dyn Module<T>,
    gradients: &Gradients<T>,
) -> Result<(usize, Option<f64>)> {
    let mut paths = BTreeSet::new();
    let mut first = None;
    let (mut trained, mut updated, mut squares) = (0, 0, 0.0);
    let mut result = Ok(());
    model.for_each_param(|path, param| {
        if result.is_err() {
            return;
        }
        first.get_or_insert_with(|| path.to_string());
        if !paths.insert(path.to_string()) {
            result = Err(Error::SamePath { path: path.into() });
            return;
        }
        trained += usize::from(!param.is_frozen());
        if let Some(gradient) = wanted(param, gradients) {
            updated += 1;
            let (path, wanted) = (path.to_string(), param.shape().to_vec());
            let slots = driver.slots.get(&path).into_iter().flat_map(|slots| &slots.tensors);
            if gradient.shape() != param.shape() {
                let got = gradient.shape().to_vec();
                result = Err(Error::GradientShape { path, got, wanted });
            } else if let Some(slot) = slots.into_iter().find(|s| s.shape() != param.shape()) {
                let got = slot.shape().to_vec();
                result = Err(Error::StateShape { path, got, wanted });
            } else if driver.clip_norm.is_some() {
                squares += sum_of_squares(gradient);
            }
        }
    });
    result?;
    if let (Some(part), Some(first)) =
        (driver.groups.unused(paths.iter().map(String::as_str)), first)
    {
        return Err(Error::EmptyGroup { part: part.into(), first });
    }
    if trained > 0 && updated == 0 {
        return Err(Error::NoGradients { params: trained });
    }
    Ok((updated, driver.clip_norm.map(|_| squares.sqrt())))
}

/// The gradient of a parameter, if it is to be used.
fn wanted<'g, T: Float>(param: &Param<T>, gradients: &'g Gradients<T>) -> Option<&'g Tensor<T>> {
    gradients.get(param.id()).filter(|_| !param.is_frozen())
}

/// What is remembered, to be saved.
pub(crate) fn state<T: Float>(driver: &Driver<T>, rule: &dyn Rule<T>) -> OptimizerState<T> {
    let tensors = driver.slots.iter().map(|(path, slots)| (path.clone(), slots.save())).collect();
    OptimizerState { rule: rule.name().into(), step: driver.steps, tensors }
}

/// Goes on from a saved state.
pub(crate) fn load_state<T: Float>(
    driver: &mut Driver<T>,
    rule: &dyn Rule<T>,
    state: OptimizerState<T>,
) -> Result<()> {
    let OptimizerState { rule: of, step, tensors } = state;
    if of != rule.name() {
        let [got, wanted] = [&of, rule.name()].map(|name| format!("a state of {name}"));
        return Err(Error::State { got, wanted });
    }
    let count = rule.slots();
    let load = |(path, tensors): (String, _)| {
        let slots = Slots::load(&path, count, tensors)?;
        Ok((path, slots))
    };
    driver.slots = tensors.into_iter().map(load).collect::<Result<_>>()?;
    driver.steps = step;
    Ok(())
}
