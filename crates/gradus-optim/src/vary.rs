//! A setting of a rule that changes with the step, as the momentum does in some schedules.

use std::sync::Arc;

use crate::settings::{Settings, Value};
use crate::{Error, Result, Schedule};

/// A setting that changes with the step.
#[derive(Debug, Clone)]
pub(crate) struct Varied {
    name: String,
    schedule: Arc<dyn Schedule>,
    /// What each rule had before the first step.
    bases: Vec<Option<f64>>,
}

impl Varied {
    pub(crate) fn new(setting: &str, schedule: impl Schedule + 'static) -> Self {
        Self { name: setting.into(), schedule: Arc::new(schedule), bases: Vec::new() }
    }

    /// Checks the schedule, and that some rule has the setting.
    pub(crate) fn validate<R: Settings>(&self, rules: &[R]) -> Result<()> {
        self.schedule.validate()?;
        let has = |rule: &R| matches!(rule.value(&self.name), Some(Value::Number(_)));
        match rules.iter().any(has) {
            true => Ok(()),
            false => {
                let of = rules.first().map(Settings::title).unwrap_or_default();
                let got = format!("vary(\"{}\", …)", self.name);
                Err(Error::setting(of, got, "the name of a number among its settings"))
            }
        }
    }

    /// Sets it for a step.
    pub(crate) fn set<R: Settings>(&mut self, rules: &mut [R], step: u64) {
        let factor = self.schedule.factor(step);
        for (i, rule) in rules.iter_mut().enumerate() {
            if i == self.bases.len() {
                self.bases.push(match rule.value(&self.name) {
                    Some(Value::Number(base)) => Some(base),
                    _ => None,
                });
            }
            if let Some(base) = self.bases[i] {
                // It is a number, so a number can be set.
                let _ = rule.set(&self.name, Value::Number(base * factor));
            }
        }
    }
}
