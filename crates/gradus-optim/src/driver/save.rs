//! What is remembered, to be saved, and going on from it.

use std::collections::BTreeMap;

use gradus_tensor::Float;

use super::{Driver, Rules, key};
use crate::rule::rate;
use crate::state::Slots;
use crate::{Error, OptimizerState, Result};

/// What is remembered.
pub(crate) fn state<T: Float>(driver: &Driver<T>, rules: &Rules<'_, T>) -> OptimizerState<T> {
    let rule = rules.first().map(|rule| rule.title()).unwrap_or_default();
    let mut state = OptimizerState::new(rule, driver.steps, BTreeMap::new());
    // They are in order, and `collect` would sort them.
    state.tensors.extend(driver.slots.iter().map(|(path, slots)| (path.clone(), slots.save())));
    state.numbers = driver.numbers.clone();
    state.numbers.retain(|_, numbers| !numbers.is_empty());
    if driver.by_hand {
        state.numbers.insert("lr".into(), rules.iter().map(|rule| rate(*rule)).collect());
    }
    state
}

/// Goes on from a saved state; the learning rates that were set by hand, if any were.
pub(crate) fn load_state<T: Float>(
    driver: &mut Driver<T>,
    rules: &Rules<'_, T>,
    state: OptimizerState<T>,
) -> Result<Option<Vec<f64>>> {
    let OptimizerState { rule: of, step, tensors, mut numbers } = state;
    let title = rules.first().map(|rule| rule.title()).unwrap_or_default();
    if of != title {
        let [got, wanted] = [of, title].map(|name| format!("a state of {name}"));
        return Err(Error::State { got, wanted });
    }
    for group in 0..rules.len() {
        let (got, wanted) =
            (numbers.get(&*key("schedule", group)), driver.schedule(group).0.memory());
        if let Some(got) = got.filter(|got| got.len() != wanted.len()) {
            let [got, wanted] =
                [got.len(), wanted.len()].map(|n| format!("{n} numbers of a schedule"));
            return Err(Error::State { got, wanted });
        }
    }
    let rates = numbers.remove("lr");
    if let Some(got) = rates.as_ref().filter(|rates| rates.len() != rules.len()) {
        let [got, wanted] =
            [got.len(), rules.len()].map(|n| format!("learning rates of {n} groups"));
        return Err(Error::State { got, wanted });
    }
    let mut slots = BTreeMap::new();
    for (path, tensors) in tensors {
        let loaded = Slots::load(&path, tensors)?;
        slots.insert(path, loaded);
    }
    driver.slots = slots;
    (driver.steps, driver.numbers, driver.by_hand) = (step, numbers, rates.is_some());
    Ok(rates)
}
