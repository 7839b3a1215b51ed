//! What an optimizer remembers from step to step, in a form that can be saved.

use std::collections::BTreeMap;

use gradus_tensor::{Float, Number, Tensor};

use crate::{Error, Result};

/// All that an optimizer remembers. One that is built with the same settings and is given this
/// state goes on with the same bits as if it had never stopped.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct OptimizerState<T: Float = f32> {
    /// The title of the rule, such as `Adam` or `Sam of Sgd`.
    pub rule: String,
    /// How many steps were taken: where the schedule stands.
    pub step: u64,
    /// For the path of each parameter that was ever updated: the rule's state tensors,
    /// then the number of updates that the parameter had, of shape `[]`. (That
    /// is less than `step` if it was frozen for a time, or had no gradient. In `f32` it is exact up
    /// to 2²⁴ updates, and stays there; no rule's result still depends on it then.)
    pub tensors: BTreeMap<String, Vec<Tensor<T>>>,
    /// Numbers that belong to no parameter, exact whatever the type of the tensors: what a schedule remembers of a
    /// metric (`schedule`, and `schedule.1` of the first group), what a rule remembers of the whole (`rule`), and
    /// learning rates that were set by hand (`lr`).
    pub numbers: BTreeMap<String, Vec<f64>>,
}

impl<T: Float> OptimizerState<T> {
    /// A state of tensors alone.
    pub fn new(
        rule: impl Into<String>,
        step: u64,
        tensors: BTreeMap<String, Vec<Tensor<T>>>,
    ) -> Self {
        Self { rule: rule.into(), step, tensors, numbers: BTreeMap::new() }
    }
}

/// What is kept for one parameter.
#[derive(Debug, Clone)]
pub(crate) struct Slots<T: Float> {
    pub(crate) tensors: Vec<Tensor<T>>,
    pub(crate) updates: u64,
    /// The shape of the parameter for which they were made or checked.
    pub(crate) of: Option<Vec<usize>>,
}

impl<T: Float> Slots<T> {
    /// Nothing yet.
    pub(crate) fn none() -> Self {
        Self { tensors: Vec::new(), updates: 0, of: None }
    }

    /// Notes that the state is that of a parameter of the given shape.
    pub(crate) fn fit(&mut self, shape: &[usize]) {
        if self.of.as_deref() != Some(shape) {
            self.of = Some(shape.to_vec());
        }
    }

    pub(crate) fn save(&self) -> Vec<Tensor<T>> {
        let updates = Tensor::scalar(T::from_f64(self.updates as f64));
        self.tensors.iter().cloned().chain([updates]).collect()
    }

    /// Takes apart what [`save`](Slots::save) put together.
    pub(crate) fn load(path: &str, mut tensors: Vec<Tensor<T>>) -> Result<Self> {
        let updates = tensors.pop().ok_or_else(|| Error::State {
            got: format!("no tensors for `{path}`"),
            wanted: "those of the rule, and the number of updates".into(),
        })?;
        let number = updates.item().ok().filter(|_| updates.rank() == 0).map(Number::to_f64);
        match number.filter(|n| (0.0..=u64::MAX as f64).contains(n) && n.fract() == 0.0) {
            Some(number) => Ok(Self { tensors, updates: number as u64, of: None }),
            None => Err(Error::State {
                got: match number {
                    Some(number) => format!("{number} updates of `{path}`"),
                    None => format!("updates of `{path}` of shape {:?}", updates.shape()),
                },
                wanted: "a whole number, as a tensor of shape []".into(),
            }),
        }
    }
}
