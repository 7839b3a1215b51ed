//! What an optimizer remembers from step to step, in a form that can be saved.

use std::collections::BTreeMap;

use gradus_tensor::{Float, Number, Tensor};

use crate::{Error, Result};

/// All that an optimizer remembers. One that is built with the same settings and is given this
/// state goes on with the same bits as if it had never stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerState<T: Float = f32> {
    /// The name of the rule, such as `Adam`.
    pub rule: String,
    /// How many steps were taken: where the schedule stands.
    pub step: u64,
    /// For the path of each parameter that was ever updated: the rule's state tensors, of the
    /// parameter's shape, then the number of updates that the parameter had, of shape `[]`. (That
    /// is less than `step` if it was frozen for a time, or had no gradient. In `f32` it is exact up
    /// to 2²⁴ updates, and stays there; no rule's result still depends on it then.)
    pub tensors: BTreeMap<String, Vec<Tensor<T>>>,
}

/// What is kept for one parameter.
#[derive(Debug, Clone)]
pub(crate) struct Slots<T: Float> {
    pub(crate) tensors: Vec<Tensor<T>>,
    pub(crate) updates: u64,
}

impl<T: Float> Slots<T> {
    pub(crate) fn new(count: usize, shape: &[usize]) -> Self {
        Self { tensors: (0..count).map(|_| Tensor::zeros(shape)).collect(), updates: 0 }
    }

    pub(crate) fn save(&self) -> Vec<Tensor<T>> {
        let updates = Tensor::scalar(T::from_f64(self.updates as f64));
        self.tensors.iter().cloned().chain([updates]).collect()
    }

    /// Takes apart what [`save`](Slots::save) put together.
    pub(crate) fn load(path: &str, count: usize, mut tensors: Vec<Tensor<T>>) -> Result<Self> {
        let got = tensors.len();
        let updates = tensors.pop().filter(|_| got == count + 1).ok_or_else(|| Error::State {
            got: format!("{got} tensors for `{path}`"),
            wanted: format!("{}: {count} of the rule, and the number of updates", count + 1),
        })?;
        if let Some(other) = tensors.iter().find(|tensor| tensor.shape() != tensors[0].shape()) {
            return Err(Error::State {
                got: format!(
                    "shapes {:?} and {:?} for `{path}`",
                    tensors[0].shape(),
                    other.shape()
                ),
                wanted: "one shape, the parameter's".into(),
            });
        }
        let number = updates.item().ok().filter(|_| updates.rank() == 0).map(Number::to_f64);
        match number.filter(|n| (0.0..=u64::MAX as f64).contains(n) && n.fract() == 0.0) {
            Some(number) => Ok(Self { tensors, updates: number as u64 }),
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
