//! The samples of a cross-entropy one by one: checked labels, their weights, and the loss of one.

use gradus_tensor::sums;
use gradus_tensor::threads::PIECE;
use gradus_tensor::{Error as TensorError, Float, Tensor};

use super::CrossEntropyOptions;
use crate::lanes::sum_pairs;
use crate::{Error, Result};

const OP: &str = "cross_entropy";

/// The labels and what they weigh.
#[derive(Debug)]
pub(super) struct CrossEntropy<T: Float> {
    pub(super) labels: Tensor<i64>,
    pub(super) options: CrossEntropyOptions<T>,
    pub(super) axis: isize,
    pub(super) classes: usize,
    /// The class weights, and their sum times `ε/C`; empty and `ε` if there are none.
    pub(super) weights: Vec<T>,
    pub(super) spread: T,
}

/// Of each sample: the largest logit `m`, `ln Σ exp(z - m)`, and its loss.
pub(super) const COLUMNS: usize = 3;

/// What the derivative needs.
pub(super) struct Saved<T: Float> {
    pub(super) table: Tensor<T>,
    /// What the loss of a sample is multiplied by in the result.
    pub(super) factor: T,
}

impl<T: Float> CrossEntropy<T> {
    /// Checks everything that could be wrong.
    pub(super) fn new(
        shape: &[usize],
        labels: &Tensor<i64>,
        options: &CrossEntropyOptions<T>,
    ) -> Result<Self> {
        let axis = usize::from(shape.len() > 1);
        let Some(&classes) = shape.get(axis) else {
            let wanted = "logits of one axis of classes [C], or more [N, C, …]";
            return Err(TensorError::shape(OP, shape, wanted).into());
        };
        let mut samples = shape.to_vec();
        samples.remove(axis);
        if labels.shape() != samples {
            let mut wanted = format!("labels of shape {samples:?} for logits of shape {shape:?}");
            if labels.shape() == &shape[..shape.len() - 1] {
                wanted += ": classes stand on axis 1; where they are the last axis, reshape to \
                           [samples, classes] and [samples]";
            }
            return Err(TensorError::shape(OP, labels.shape(), wanted).into());
        }
        let smoothing = options.label_smoothing;
        if !(0.0..=1.0).contains(&smoothing) {
            let got = format!("label_smoothing {smoothing}");
            return Err(TensorError::value(OP, got, "a number from 0 to 1").into());
        }
        let weights = options.weight.as_ref().map(Tensor::to_vec).unwrap_or_default();
        if let Some(weight) = options.weight.as_ref().filter(|w| w.shape() != [classes]) {
            let wanted = format!("class weights of shape [{classes}]");
            return Err(TensorError::shape(OP, weight.shape(), wanted).into());
        }
        let labels = labels.contiguous();
        let outside = |label: i64| {
            label != options.ignore_index
                && usize::try_from(label).map_or(true, |label| label >= classes)
        };
        let all = labels.as_slice().unwrap_or_default();
        if let Some(position) = all.iter().position(|&label| outside(label)) {
            return Err(Error::Label { op: OP, label: all[position], position, classes });
        }
        let total = match options.weight.is_some() {
            true => sums::sum(&weights),
            false => T::from_f64(classes as f64),
        };
        let spread = total * T::from_f64(smoothing / classes as f64);
        Ok(Self { labels, options: options.clone(), axis: axis as isize, classes, weights, spread })
    }

    /// The label of a sample that counts.
    #[inline(always)]
    pub(super) fn label(&self, labels: &[i64], sample: usize) -> Option<usize> {
        Some(labels[sample]).filter(|&y| y != self.options.ignore_index).map(|y| y as usize)
    }

    #[inline(always)]
    pub(super) fn weight(&self, class: usize) -> T {
        self.weights.get(class).copied().unwrap_or(T::ONE)
    }

    /// `(1 - ε) w_y`
    #[inline(always)]
    pub(super) fn on_label(&self, label: usize) -> T {
        T::from_f64(1.0 - self.options.label_smoothing) * self.weight(label)
    }

    /// `ε/C`
    pub(super) fn per_class(&self) -> T {
        T::from_f64(self.options.label_smoothing / self.classes as f64)
    }

    pub(super) fn labels(&self) -> &[i64] {
        self.labels.as_slice().unwrap_or_default()
    }

    /// The logits with the classes last, side by side in memory.
    pub(super) fn rows(&self, x: &Tensor<T>) -> Result<Tensor<T>> {
        Ok(x.move_axis(self.axis, -1)?.contiguous())
    }

    /// Samples in one piece of work.
    pub(super) fn piece(&self) -> usize {
        (PIECE / self.classes.max(1)).max(1)
    }

    #[inline(always)]
    pub(super) fn sample(&self, z: &[T], label: Option<usize>) -> [T; COLUMNS] {
        let largest = largest(z);
        // A closure that is not inlined is not compiled for wide vectors.
        let sum = sum_pairs(
            z,
            z,
            #[inline(always)]
            |z, _| below(z, largest).exp(),
        );
        let log_sum = sum.ln();
        let Some(label) = label else { return [largest, log_sum, T::ZERO] };
        // What weighs nothing costs nothing, even where it is impossible.
        let term = |z: T, w: T| if w == T::ZERO { T::ZERO } else { w * (log_sum - below(z, largest)) };
        let mut loss = term(z[label], self.on_label(label));
        if self.options.label_smoothing > 0.0 {
            let sum = match self.weights.as_slice() {
                [] => sum_pairs(z, z, |z, _| term(z, T::ONE)),
                weights => sum_pairs(z, weights, term),
            };
            loss += self.per_class() * sum;
        }
        [largest, log_sum, loss]
    }

    /// `factor · a` for each sample, with the classes where the logits have them; and its sum over
    /// the classes.
    pub(super) fn targets(&self, factor: T) -> Result<(Tensor<T>, Tensor<T>)> {
        let mut shape = self.labels.shape().to_vec();
        shape.push(self.classes);
        let targets = Tensor::filled_by(shape, |out| {
            for (sample, out) in out.chunks_exact_mut(self.classes.max(1)).enumerate() {
                out.fill(T::ZERO);
                if let Some(label) = self.label(self.labels(), sample) {
                    for (class, a) in out.iter_mut().enumerate() {
                        *a = factor * self.per_class() * self.weight(class);
                    }
                    out[label] += factor * self.on_label(label);
                }
            }
        });
        let targets = targets.move_axis(-1, self.axis)?;
        let sums = targets.sum_axes(&[self.axis], true)?;
        Ok((targets, sums))
    }
}

/// `z - largest`, which is zero for the largest elements even where they are infinite: then they alone
/// count, as in the limit.
#[inline(always)]
pub(super) fn below<T: Float>(z: T, largest: T) -> T {
    if z == largest { T::ZERO } else { z - largest }
}

/// The largest element, zero if none is larger than minus infinity; NaN if one is.
#[inline(always)]
fn largest<T: Float>(z: &[T]) -> T {
    let mut parts = [T::LOWEST; 16];
    let mut chunks = z.chunks_exact(16);
    for chunk in &mut chunks {
        parts.iter_mut().zip(chunk).for_each(|(part, &z)| *part = z.maximum(*part));
    }
    let rest = chunks.remainder().iter().fold(T::LOWEST, |m, &z| z.maximum(m));
    let m = parts.iter().fold(rest, |m, &part| part.maximum(m));
    if m == T::LOWEST { T::ZERO } else { m }
}
