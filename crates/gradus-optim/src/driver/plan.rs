//! What a step will change. Everything is checked here, before anything is written.

use std::collections::BTreeSet;

use gradus_autograd::{Gradients, Param, ParamId};
use gradus_nn::{Module, ModuleExt};
use gradus_tensor::{Float, Tensor};

use super::{Driver, Rules};
use crate::clip::sum_of_squares;
use crate::state::Slots;
use crate::{At, Error, Result, Step};

/// The parameters of a step, by group, and where each of them is.
pub(super) struct Plan<T: Float> {
    pub(super) groups: Vec<Vec<At<T>>>,
    places: Vec<(ParamId, (usize, usize))>,
    /// The norm of all gradients, if it is wanted.
    pub(super) grad_norm: Option<f64>,
}

impl<T: Float> Plan<T> {
    /// In which group a parameter is, and the how many-th there.
    pub(super) fn place(&self, id: ParamId) -> Option<(usize, usize)> {
        let place = self.places.binary_search_by_key(&id, |&(id, _)| id).ok()?;
        Some(self.places[place].1)
    }

    /// How many parameters there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

/// Looks through the model. The parameters, gradients and states in the plan are shared with their owners.
pub(super) fn plan<T: Float>(
    driver: &Driver<T>,
    rules: &Rules<'_, T>,
    model: &dyn Module<T>,
    gradients: &Gradients<T>,
) -> Result<Plan<T>> {
    let mut paths = Paths::default();
    let mut trained = 0;
    let mut plan = Plan {
        groups: rules.iter().map(|_| Vec::new()).collect(),
        places: Vec::new(),
        grad_norm: None,
    };
    let rates: Vec<f64> =
        rules.iter().enumerate().map(|(group, rule)| driver.lr(*rule, group)).collect();
    let (mut result, mut seen) = (Ok(()), BTreeSet::new());
    model.for_each_param(|path, param| {
        if result.is_err() {
            return;
        }
        paths.push(path);
        // One that is under two paths belongs to the first.
        if !seen.insert(param.id()) {
            return;
        }
        trained += usize::from(!param.is_frozen());
        if let Some(gradient) = wanted(param, gradients) {
            let group = driver.groups.of(path);
            match at(driver, rules, group, path, param, gradient) {
                Err(error) => result = Err(error),
                Ok(mut at) => {
                    at.step.lr = rates[group];
                    plan.places.push((param.id(), (group, plan.groups[group].len())));
                    plan.groups[group].push(at);
                }
            }
        }
    });
    result?;
    let paths: Vec<&str> = paths.iter().collect();
    let mut sorted = paths.clone();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::SamePath { path: pair[0].into() });
    }
    if let (Some(part), Some(first)) = (driver.groups.unused(paths.iter().copied()), paths.first())
    {
        return Err(Error::EmptyGroup { part: part.into(), first: first.to_string() });
    }
    if trained > 0 && plan.places.is_empty() {
        return Err(Error::NoGradients { params: trained });
    }
    plan.places.sort_unstable();
    plan.grad_norm = clip(driver, &mut plan.groups);
    Ok(plan)
}

/// Texts, one behind the other.
#[derive(Default)]
struct Paths {
    text: String,
    ends: Vec<usize>,
}

impl Paths {
    fn push(&mut self, path: &str) {
        self.text.push_str(path);
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }
}

/// One parameter: its state is that of the driver, or a new one.
fn at<T: Float>(
    driver: &Driver<T>,
    rules: &Rules<'_, T>,
    group: usize,
    path: &str,
    param: &Param<T>,
    gradient: &Tensor<T>,
) -> Result<At<T>> {
    let (path, wanted) = (path.to_string(), param.shape());
    if gradient.shape() != wanted {
        let (got, wanted) = (gradient.shape().to_vec(), wanted.to_vec());
        return Err(Error::GradientShape { path, got, wanted });
    }
    let (state, updates) = match driver.slots.get(&path) {
        None => (rules[group].start(param.value()), 0),
        Some(Slots { tensors, updates, of }) => {
            let known = of.as_ref().is_some_and(|of| of == wanted);
            if !known && !rules[group].fits(param.value(), tensors) {
                let got = tensors.iter().map(|tensor| tensor.shape().to_vec()).collect();
                let wanted = wanted.to_vec();
                return Err(Error::StateShape { path, got, wanted, rule: rules[group].title() });
            }
            (tensors.clone(), *updates)
        }
    };
    let step = Step { number: updates.saturating_add(1), lr: 0.0, grad_scale: 1.0 };
    Ok(At { path, param: param.value().clone(), grad: gradient.clone(), state, step })
}

/// Clips gradients, and says what their norm was, if that is wanted.
pub(super) fn clip<T: Float>(driver: &Driver<T>, groups: &mut [Vec<At<T>>]) -> Option<f64> {
    if let Some(limit) = driver.clip_value.filter(|limit| limit.is_finite()) {
        let limit = T::from_f64(limit);
        for at in groups.iter_mut().flatten() {
            at.grad = at.grad.clamp(-limit, limit);
        }
    }
    let squares = || groups.iter().flatten().map(|at| sum_of_squares(&at.grad)).sum::<f64>();
    let norm = driver.clip_norm.map(|_| squares().sqrt());
    let scale = match (norm, driver.clip_norm) {
        (Some(norm), Some(limit)) if norm > limit => limit / norm,
        _ => 1.0,
    };
    let scale = if driver.maximize { -scale } else { scale };
    groups.iter_mut().flatten().for_each(|at| at.step.grad_scale = scale);
    norm
}

/// The gradient of a parameter, if it is to be used.
fn wanted<'g, T: Float>(param: &Param<T>, gradients: &'g Gradients<T>) -> Option<&'g Tensor<T>> {
    gradients.get(param.id()).filter(|_| !param.is_frozen())
}
