//! The index of a checkpoint file: everything but the elements of the tensors.
//!
//! These structs are what the file holds, field by field, so they change only together with the
//! version of the format. The structs that the other crates show may change freely; this is the
//! only place that turns the one into the other.

use std::collections::BTreeMap;

use gradus_data::LoaderState;
use gradus_optim::OptimizerState;
use gradus_tensor::{Float, RngState, Tensor};
use serde::{Deserialize, Serialize};

use crate::any_tensor::size_in_bytes;
use crate::{AnyTensor, Checkpoint, Dtype, Error, Further, Result, StateDict};

/// The index. The tensors follow it in the file: first the model's, then the optimizer's, in the
/// order in which they are listed here.
#[derive(Serialize, Deserialize)]
pub(crate) struct Index<'a> {
    epoch: u64,
    step: u64,
    #[serde(borrow)]
    meta: Vec<(&'a str, &'a str)>,
    rng: Option<Random>,
    loader: Option<Position>,
    #[serde(borrow)]
    model: Vec<(&'a str, Entry)>,
    #[serde(borrow)]
    optimizer: Option<Rule<'a>>,
}

/// A tensor: its type and shape, and the CRC-32 of its bytes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Entry {
    dtype: u8,
    shape: Vec<u64>,
    pub(crate) checksum: u32,
}

#[derive(Serialize, Deserialize)]
struct Random {
    seed: u64,
    stream: u64,
    position: u128,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Position {
    epoch: u64,
    batch: u64,
    seed: u64,
}

impl From<&LoaderState> for Position {
    fn from(state: &LoaderState) -> Self {
        let LoaderState { epoch, batch, seed } = *state;
        Self { epoch, batch, seed }
    }
}

impl From<Position> for LoaderState {
    fn from(position: Position) -> Self {
        let Position { epoch, batch, seed } = position;
        Self { epoch, batch, seed }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Rule<'a> {
    rule: &'a str,
    step: u64,
    #[serde(borrow)]
    tensors: Vec<(&'a str, Vec<Entry>)>,
}

/// The path under which the numbers of an optimizer that belong to no parameter are listed, if there are any: for each
/// the bytes of its name, and the numbers. No parameter has this path, for no field's name begins so.
const NUMBERS: &str = "\0numbers";

/// The types of elements as the format numbers them.
const DTYPES: [Dtype; 13] = [
    Dtype::F32,
    Dtype::F64,
    Dtype::I64,
    Dtype::U8,
    Dtype::Bool,
    Dtype::I8,
    Dtype::I16,
    Dtype::I32,
    Dtype::U16,
    Dtype::U32,
    Dtype::U64,
    Dtype::F16,
    Dtype::BF16,
];

impl Entry {
    pub(crate) fn new(tensor: &AnyTensor, checksum: u32) -> Self {
        // A test looks that every type is listed.
        let dtype =
            DTYPES.iter().position(|&dtype| dtype == tensor.dtype()).unwrap_or(DTYPES.len());
        let shape = tensor.shape().iter().map(|&n| n as u64).collect();
        Self { dtype: dtype as u8, shape, checksum }
    }

    /// Type, shape and number of bytes, if there can be such a tensor.
    pub(crate) fn layout(&self) -> Option<(Dtype, Vec<usize>, u64)> {
        let dtype = *DTYPES.get(usize::from(self.dtype))?;
        let shape: Vec<usize> =
            self.shape.iter().map(|&n| usize::try_from(n).ok()).collect::<Option<_>>()?;
        let size = size_in_bytes(dtype, &shape)?;
        Some((dtype, shape, size))
    }
}

impl<'a> Index<'a> {
    /// The index of a checkpoint, given what lists a tensor.
    pub(crate) fn new<T: Float>(
        checkpoint: &'a Checkpoint<T>,
        entry: &mut dyn FnMut(AnyTensor) -> Entry,
    ) -> Self {
        let Checkpoint { model, optimizer, rng, loader, epoch, step, meta, further: _ } =
            checkpoint;
        Self {
            epoch: *epoch,
            step: *step,
            meta: pairs(meta),
            rng: rng.map(|RngState { seed, stream, position }| Random { seed, stream, position }),
            loader: loader.as_ref().map(Position::from),
            model: listed(model, entry),
            optimizer: optimizer.as_ref().map(|state| Rule::new(state, entry)),
        }
    }

    /// Every tensor in the order of the file, with a name for messages.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (String, &Entry)> {
        let model = self.model.iter().map(|(name, entry)| (format!("tensor `{name}`"), entry));
        let optimizer = self.optimizer.iter().flat_map(Rule::entries);
        model.chain(optimizer)
    }

    /// The checkpoint, given the tensors in the order of [`Index::entries`].
    pub(crate) fn restore<T: Float>(
        self,
        tensors: &mut dyn Iterator<Item = AnyTensor>,
        file: &str,
    ) -> Result<Checkpoint<T>> {
        let model = dict(&self.model, tensors, file)?;
        let optimizer = match self.optimizer {
            Some(rule) => Some(rule.restore(tensors, file)?),
            None => None,
        };
        Ok(Checkpoint {
            model,
            optimizer,
            rng: self.rng.map(|Random { seed, stream, position }| RngState {
                seed,
                stream,
                position,
            }),
            loader: self.loader.map(LoaderState::from),
            epoch: self.epoch,
            step: self.step,
            meta: notes(&self.meta, file)?,
            further: Further::default(),
        })
    }
}

impl<'a> Rule<'a> {
    /// The index of an optimizer's state, given what lists a tensor.
    pub(crate) fn new<T: Float>(
        state: &'a OptimizerState<T>,
        entry: &mut dyn FnMut(AnyTensor) -> Entry,
    ) -> Self {
        let slots = state.tensors.iter().map(|(path, tensors)| {
            let tensors: Vec<_> = tensors.iter().cloned().map(AnyTensor::from).collect();
            (path.as_str(), tensors)
        });
        let tensors = slots
            .chain(numbers(&state.numbers))
            .map(|(path, tensors)| (path, tensors.into_iter().map(&mut *entry).collect()))
            .collect();
        Self { rule: &state.rule, step: state.step, tensors }
    }

    /// Its tensors in the order of the file, with names for messages.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (String, &Entry)> {
        let name = |path| move |entry| (format!("optimizer state of `{path}`"), entry);
        self.tensors.iter().flat_map(move |(path, entries)| entries.iter().map(name(path)))
    }

    /// The state, given the tensors.
    pub(crate) fn restore<T: Float>(
        self,
        tensors: &mut dyn Iterator<Item = AnyTensor>,
        file: &str,
    ) -> Result<OptimizerState<T>> {
        let mut restored = BTreeMap::new();
        let mut numbers = BTreeMap::new();
        for (path, entries) in self.tensors {
            if path == NUMBERS {
                let pairs: Vec<_> = tensors.take(entries.len()).collect();
                numbers = named(&pairs).ok_or_else(|| {
                    Error::corrupted(file, "numbers of the optimizer have no names")
                })?;
                continue;
            }
            let floats = tensors.take(entries.len()).map(|tensor| match tensor.get() {
                Some(float) => Ok(float.clone()),
                None => Err(Error::OptimizerDtype { got: tensor.dtype(), wanted: T::NAME }),
            });
            let floats = floats.collect::<Result<Vec<_>>>()?;
            if restored.insert(path.to_owned(), floats).is_some() {
                return Err(twice(file, "optimizer state of", path));
            }
        }
        let mut state = OptimizerState::new(self.rule, self.step, restored);
        state.numbers = numbers;
        Ok(state)
    }
}

/// The index of some weights, given what lists a tensor.
pub(crate) fn listed<'a>(
    weights: &'a StateDict,
    entry: &mut dyn FnMut(AnyTensor) -> Entry,
) -> Vec<(&'a str, Entry)> {
    weights.iter().map(|(name, tensor)| (name, entry(tensor.clone()))).collect()
}

/// The weights of an index, given the tensors.
pub(crate) fn dict(
    entries: &[(&str, Entry)],
    tensors: &mut dyn Iterator<Item = AnyTensor>,
    file: &str,
) -> Result<StateDict> {
    let mut weights = StateDict::new();
    for ((name, _), tensor) in entries.iter().zip(tensors) {
        if weights.insert(*name, tensor).is_some() {
            return Err(twice(file, "tensor", name));
        }
    }
    Ok(weights)
}

/// Keys and values, as the index lists them.
fn pairs(notes: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    notes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// The same, as a map.
fn notes(pairs: &[(&str, &str)], file: &str) -> Result<BTreeMap<String, String>> {
    let mut notes = BTreeMap::new();
    for (key, value) in pairs {
        if notes.insert(key.to_string(), value.to_string()).is_some() {
            return Err(twice(file, "note", key));
        }
    }
    Ok(notes)
}

/// A name that the index has twice.
pub(crate) fn twice(file: &str, what: &str, name: &str) -> Error {
    Error::corrupted(file, format!("its index lists the {what} `{name}` twice"))
}

/// The names and values of what [`NUMBERS`] lists.
fn numbers(numbers: &BTreeMap<String, Vec<f64>>) -> Option<(&'static str, Vec<AnyTensor>)> {
    let pair = |(name, numbers): (&String, &Vec<f64>)| {
        [Tensor::vector(name.as_bytes()).into(), Tensor::vector(numbers).into()]
    };
    let pairs: Vec<AnyTensor> = numbers.iter().flat_map(pair).collect();
    (!pairs.is_empty()).then_some((NUMBERS, pairs))
}

/// The same, taken apart; `None` if they do not come in pairs of a text and numbers.
fn named(pairs: &[AnyTensor]) -> Option<BTreeMap<String, Vec<f64>>> {
    let (pairs, []) = pairs.as_chunks() else { return None };
    let pair = |[name, numbers]: &[AnyTensor; 2]| {
        let name = String::from_utf8(name.get::<u8>()?.to_vec()).ok()?;
        Some((name, numbers.get::<f64>()?.to_vec()))
    };
    pairs.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_number() {
        assert!(Dtype::ALL.iter().all(|dtype| DTYPES.contains(dtype)));
        // Those that files hold stay what they are.
        assert_eq!(DTYPES[..5], [Dtype::F32, Dtype::F64, Dtype::I64, Dtype::U8, Dtype::Bool]);
    }
}
