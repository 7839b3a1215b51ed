//! Weights out of a model, and into it.

use std::collections::{BTreeMap, BTreeSet};

use gradus_nn::{Entry, EntryMut, Module, ModuleExt};
use gradus_tensor::{Dtype, Float, Tensor};

use crate::any_tensor::to_float;
use crate::{AnyTensor, LoadReport, Result, StateDict, WrongDtype, WrongShape};

/// A count that PyTorch saves with every batch normalisation. Nothing here needs it, so weights
/// may hold it or not.
const IGNORED: &str = "num_batches_tracked";

/// The parameters and buffers of a model under their paths. Nothing is copied: the tensors are
/// shared until the model changes. A parameter that is under several paths (tied) is there once, under the first.
///
/// ```
/// use gradus_nn::Linear;
/// use gradus_serialize::state_dict;
/// use gradus_tensor::Rng;
///
/// let layer: Linear = Linear::new(3, 2).init(&mut Rng::new(0))?;
/// let weights = state_dict(&layer)?;
/// assert_eq!(weights.names().collect::<Vec<_>>(), ["bias", "weight"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::DuplicateName`](crate::Error::DuplicateName) if two fields have the same path.
pub fn state_dict<T: Float, M: Module<T> + ?Sized>(model: &M) -> Result<StateDict> {
    let mut weights = StateDict::new();
    let (mut result, mut seen) = (Ok(()), BTreeSet::new());
    model.for_each(|path, entry| {
        if result.is_ok() {
            let tensor = match entry {
                Entry::Param(param) if !seen.insert(param.id()) => return,
                Entry::Param(param) => AnyTensor::from(param.value().clone()),
                Entry::Buffer(buffer) => buffer.tensor(),
            };
            result = weights.insert_new(path.to_owned(), tensor);
        }
    });
    result.map(|()| weights)
}

/// What [`load`] would find; the model is not changed.
pub fn check<T: Float, M: Module<T> + ?Sized>(model: &M, weights: &StateDict) -> LoadReport {
    let mut report = LoadReport::default();
    let mut known = Vec::new();
    let mut names = BTreeMap::<_, Vec<String>>::new();
    model.for_each(|path, entry| {
        let name = path.to_owned();
        match entry {
            Entry::Param(param) => {
                names.entry(param.id()).or_default().push(name.clone());
                note(&mut report, name, param.shape(), &Dtype::is_float, weights);
            }
            Entry::Buffer(buffer) => {
                let takes = |dtype| buffer.takes(dtype);
                note(&mut report, name, &buffer.shape(), &takes, weights);
            }
        }
        known.push(path.to_owned());
    });
    names
        .values()
        .filter(|names| names.len() > 1)
        .for_each(|names| tie(&mut report, names, weights));
    complete(report, known, weights)
}

/// Adds what the model does not know, and puts every list in order.
fn complete(mut report: LoadReport, mut known: Vec<String>, weights: &StateDict) -> LoadReport {
    known.sort();
    let is_known = |name: &str| known.binary_search_by(|known| known.as_str().cmp(name)).is_ok();
    let ignored = |name: &str| name.rsplit('.').next() == Some(IGNORED);
    report.unexpected = weights
        .names()
        .filter(|&name| !is_known(name) && !ignored(name))
        .map(String::from)
        .collect();
    report.loaded.sort();
    report.missing.sort();
    report.wrong_shape.sort_by(|a, b| a.name.cmp(&b.name));
    report.wrong_dtype.sort_by(|a, b| a.name.cmp(&b.name));
    report.untied.sort();
    report
}

/// Of the paths of one parameter the weights need have one only; what they have under others must be the same.
fn tie(report: &mut LoadReport, names: &[String], weights: &StateDict) {
    let mut there = names.iter().filter(|name| weights.contains(name));
    let kept = there.next();
    let stays = kept.or(names.first());
    report.missing.retain(|missing| !names.contains(missing) || stays == Some(missing));
    for (kept, other) in there.filter_map(|other| Some((kept?, other))) {
        if weights.get(kept) != weights.get(other) {
            report.untied.push([kept.clone(), other.clone()]);
        }
    }
}

fn note(
    report: &mut LoadReport,
    name: String,
    model: &[usize],
    takes: &dyn Fn(Dtype) -> bool,
    weights: &StateDict,
) {
    match weights.get(&name) {
        None => report.missing.push(name),
        Some(tensor) if !takes(tensor.dtype()) => {
            report.wrong_dtype.push(WrongDtype { name, weights: tensor.dtype() });
        }
        Some(tensor) if tensor.shape() != model => {
            let (model, weights) = (model.to_vec(), tensor.shape().to_vec());
            report.wrong_shape.push(WrongShape { name, model, weights });
        }
        Some(_) => report.loaded.push(name),
    }
}

/// Loads weights that must fit the model exactly: every parameter and buffer by its path, with its
/// shape. Floats of the other precision are converted. If anything does not fit, the model stays
/// as it was. A parameter under several paths (tied) needs one of them; under others there must be the same numbers.
///
/// ```
/// use gradus_nn::Linear;
/// use gradus_serialize::{load, state_dict};
/// use gradus_tensor::Rng;
///
/// let trained: Linear = Linear::new(3, 2).init(&mut Rng::new(1))?;
/// let mut fresh: Linear = Linear::new(3, 2).init(&mut Rng::new(2))?;
/// load(&mut fresh, &state_dict(&trained)?)?;
/// assert_eq!(state_dict(&fresh)?, state_dict(&trained)?);
///
/// let mut wider: Linear = Linear::new(5, 2).init(&mut Rng::new(2))?;
/// let error = load(&mut wider, &state_dict(&trained)?).unwrap_err();
/// assert!(error.to_string().contains("weight has shape [2, 5] in the model, [2, 3] in the weights"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::OtherModel`](crate::Error::OtherModel) with every difference, by name and shape;
/// [`Error::DuplicateName`](crate::Error::DuplicateName) if two fields of the model have the same path.
pub fn load<T: Float, M: Module<T> + ?Sized>(
    model: &mut M,
    weights: &StateDict,
) -> Result<LoadReport> {
    // It would fill both of two parameters under one path with the same.
    state_dict(model)?;
    let report = check(model, weights).strict()?;
    fill(model, weights);
    Ok(report)
}

/// Loads the weights that fit, and leaves the rest of the model as it was: to start from the body
/// of another model, say. Look at the report: weights with other names are not an error here.
pub fn load_matching<T: Float, M: Module<T> + ?Sized>(
    model: &mut M,
    weights: &StateDict,
) -> LoadReport {
    let report = check(model, weights);
    fill(model, weights);
    report
}

fn fill<T: Float, M: Module<T> + ?Sized>(model: &mut M, weights: &StateDict) {
    let mut filled = BTreeSet::new();
    model.for_each_mut(|path, entry| {
        let Some(weight) = weights.get(path) else { return };
        match entry {
            EntryMut::Param(param) if filled.contains(&param.id()) => {}
            EntryMut::Param(param) => {
                if let Some(new) = to_float::<T>(weight).filter(|new| new.shape() == param.shape())
                {
                    overwrite(param.value_mut(), new);
                    filled.insert(param.id());
                }
            }
            // What does not fit stands in the report.
            EntryMut::Buffer(buffer) => drop(buffer.put(weight)),
        }
    });
}

/// Replaces the elements of a tensor of the same shape. They keep their order in memory, such as
/// channels last, so that the model computes as it did before it was saved.
fn overwrite<T: Float>(old: &mut Tensor<T>, new: Tensor<T>) {
    if old.assign(&new).is_err() {
        *old = new;
    }
}
