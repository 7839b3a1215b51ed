//! The driver: the work of an optimizer, whatever the types of its rule and of the model are, so that
//! it is compiled once, and not for each of them.

mod objective;
mod plan;
mod save;
mod step;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use gradus_tensor::Float;

use crate::error::not_negative;
use crate::group::Groups;
use crate::rule::rate;
use crate::schedules::Constant;
use crate::state::Slots;
use crate::{Error, Result, Rule, Schedule};

pub(crate) use objective::{Given, Loss, Objective};
pub(crate) use save::{load_state, state};
pub(crate) use step::step;

/// An optimizer without its rules.
#[derive(Debug, Clone)]
pub(crate) struct Driver<T: Float> {
    pub(crate) groups: Groups,
    pub(crate) schedule: Arc<dyn Schedule>,
    pub(crate) clip_norm: Option<f64>,
    pub(crate) clip_value: Option<f64>,
    pub(crate) maximize: bool,
    pub(crate) steps: u64,
    /// Whether a rate was set by hand, and is state from then on.
    pub(crate) by_hand: bool,
    slots: BTreeMap<String, Slots<T>>,
    /// What rules and schedules remember of the whole.
    numbers: BTreeMap<String, Vec<f64>>,
}

/// The rules: first that of all parameters that are in no group, then those of the groups.
pub(crate) type Rules<'r, T> = [&'r dyn Rule<T>];

impl<T: Float> Driver<T> {
    /// One group, the same learning rate for every step, no clipping.
    pub(crate) fn new() -> Self {
        Self {
            groups: Groups::default(),
            schedule: Arc::new(Constant::new(1.0)),
            clip_norm: None,
            clip_value: None,
            maximize: false,
            steps: 0,
            by_hand: false,
            slots: BTreeMap::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// The schedule of a group, and the number of the group whose memory it has.
    fn schedule(&self, group: usize) -> (&Arc<dyn Schedule>, usize) {
        match &self.groups.get(group).schedule {
            Some(schedule) => (schedule, group),
            None => (&self.schedule, 0),
        }
    }

    /// The factor of a group's schedule for the next step.
    fn scheduled(&self, group: usize) -> f64 {
        let (schedule, of) = self.schedule(group);
        match self.numbers.get(&*key("schedule", of)) {
            Some(memory) => schedule.recall(memory, self.steps),
            None => schedule.recall(&schedule.memory(), self.steps),
        }
    }

    /// The learning rate of a group's next step.
    pub(crate) fn lr(&self, rule: &dyn Rule<T>, group: usize) -> f64 {
        let factor = if group == 0 { 1.0 } else { self.groups.get(group).lr_factor };
        rate(rule) * self.scheduled(group) * factor
    }

    /// Tells the schedules a value of a metric.
    pub(crate) fn observe(&mut self, groups: usize, value: f64) {
        for group in 0..groups {
            let (schedule, of) = self.schedule(group);
            if of == group {
                let schedule = Arc::clone(schedule);
                let memory = self.numbers.entry(key("schedule", group).into());
                let memory = memory.or_insert_with(|| schedule.memory());
                schedule.observe(memory, self.steps, value);
            }
        }
    }
}

/// Under which name numbers of a group are kept.
fn key(of: &'static str, group: usize) -> Cow<'static, str> {
    match group {
        0 => of.into(),
        _ => format!("{of}.{group}").into(),
    }
}

/// Checks every setting.
pub(crate) fn validate<T: Float>(driver: &Driver<T>, rules: &Rules<'_, T>) -> Result<()> {
    let Some((first, others)) = rules.split_first() else { return Ok(()) };
    let name = first.about().name;
    first.check()?;
    driver.groups.validate(others.iter().copied())?;
    driver.schedule.validate()?;
    for group in 0..rules.len() {
        let factor = driver.scheduled(group);
        if not_negative(name, "", factor).is_err() {
            let what = format!("a schedule's factor at step {} of", driver.steps);
            not_negative(name, &what, factor)?;
        }
    }
    for (what, limit) in [("clip_norm", driver.clip_norm), ("clip_value", driver.clip_value)] {
        if let Some(limit) = limit.filter(|limit| limit.is_nan() || *limit <= 0.0) {
            return Err(Error::setting(name, format!("{what} {limit}"), "a number > 0"));
        }
    }
    Ok(())
}
