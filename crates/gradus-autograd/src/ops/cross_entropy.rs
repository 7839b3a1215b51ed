//! Cross-entropy of logits and class labels: softmax and negative log-likelihood in one.
//!
//! For logits `z` of one sample with label `y` among `C` classes, class weights `w` (ones if none
//! are given) and label smoothing `ε`:
//!
//! `l = -Σ_c a_c ln p_c`, `p = softmax(z)`, `a_c = (1 - ε) w_y [c = y] + ε/C w_c`,
//! `∂l/∂z_c = p_c Σ a - a_c`
//!
//! `z` is `[N, C]`, or `[N, C, d₁, …]` with labels `[N, d₁, …]`, or `[C]` with one label. A sample
//! whose label is `ignore_index` has loss and gradient 0. The mean divides by `Σ w_y` over the
//! samples that are not ignored; it is NaN if there are none. This is what PyTorch computes.
//! (Bishop, *Pattern Recognition and Machine Learning*, 2006, equations 4.108 and 4.109; Szegedy
//! and others, *Rethinking the Inception architecture*, 2016, section 7.)

use gradus_tensor::simd::vectorize;
use gradus_tensor::threads::{PIECE, for_each_piece};
use gradus_tensor::{Error as TensorError, Float, Tensor, concrete};

use super::Reduction;
use crate::lanes::sum_pairs;
use crate::{At, Attributes, Error, In, Op, Result, Saving, Var};

const OP: &str = "cross_entropy";

/// How [`Var::cross_entropy`] weighs and reduces the losses.
///
/// ```
/// use gradus_autograd::{CrossEntropyOptions, Reduction};
/// let options: CrossEntropyOptions = CrossEntropyOptions {
///     label_smoothing: 0.1,
///     reduction: Reduction::Sum,
///     ..Default::default()
/// };
/// assert_eq!(options.ignore_index, -100);
/// ```
#[derive(Debug, Clone)]
pub struct CrossEntropyOptions<T: Float = f32> {
    /// A weight for each class, of shape `[C]`.
    pub weight: Option<Tensor<T>>,
    /// Samples with this label do not count.
    pub ignore_index: i64,
    /// The share, from 0 to 1, of the target that is spread evenly over all classes.
    pub label_smoothing: f64,
    /// How the losses of the samples are made into one number.
    pub reduction: Reduction,
}

/// No weights, no smoothing, samples with label -100 ignored, the mean.
impl<T: Float> Default for CrossEntropyOptions<T> {
    fn default() -> Self {
        Self { weight: None, ignore_index: -100, label_smoothing: 0.0, reduction: Reduction::Mean }
    }
}

#[derive(Debug)]
struct CrossEntropy<T: Float> {
    labels: Tensor<i64>,
    options: CrossEntropyOptions<T>,
    axis: isize,
    classes: usize,
    /// The class weights, and their sum times `ε/C`; empty and `ε` if there are none.
    weights: Vec<T>,
    spread: T,
}

/// Of each sample: the largest logit `m`, `ln Σ exp(z - m)`, and its loss.
const COLUMNS: usize = 3;

/// What the derivative needs.
struct Saved<T: Float> {
    table: Tensor<T>,
    /// What the loss of a sample is multiplied by in the result.
    factor: T,
}

impl<T: Float> CrossEntropy<T> {
    /// Checks everything that could be wrong.
    fn new(
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
            let wanted = format!("labels of shape {samples:?} for logits of shape {shape:?}");
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
            true => weights.iter().fold(T::ZERO, |sum, &w| sum + w),
            false => T::from_f64(classes as f64),
        };
        let spread = total * T::from_f64(smoothing / classes as f64);
        Ok(Self { labels, options: options.clone(), axis: axis as isize, classes, weights, spread })
    }

    /// The label of a sample that counts.
    #[inline(always)]
    fn label(&self, labels: &[i64], sample: usize) -> Option<usize> {
        Some(labels[sample]).filter(|&y| y != self.options.ignore_index).map(|y| y as usize)
    }

    #[inline(always)]
    fn weight(&self, class: usize) -> T {
        self.weights.get(class).copied().unwrap_or(T::ONE)
    }

    /// `(1 - ε) w_y`
    #[inline(always)]
    fn on_label(&self, label: usize) -> T {
        T::from_f64(1.0 - self.options.label_smoothing) * self.weight(label)
    }

    /// `ε/C`
    fn per_class(&self) -> T {
        T::from_f64(self.options.label_smoothing / self.classes as f64)
    }

    fn labels(&self) -> &[i64] {
        self.labels.as_slice().unwrap_or_default()
    }

    /// The logits with the classes last, side by side in memory.
    fn rows(&self, x: &Tensor<T>) -> Result<Tensor<T>> {
        Ok(x.move_axis(self.axis, -1)?.contiguous())
    }

    /// Samples in one piece of work.
    fn piece(&self) -> usize {
        (PIECE / self.classes.max(1)).max(1)
    }

    #[inline(always)]
    fn sample(&self, z: &[T], label: Option<usize>) -> [T; COLUMNS] {
        let largest = largest(z);
        // A closure that is not inlined is not compiled for wide vectors.
        let sum = sum_pairs(
            z,
            z,
            #[inline(always)]
            |z, _| (z - largest).exp(),
        );
        let log_sum = sum.ln();
        let Some(label) = label else { return [largest, log_sum, T::ZERO] };
        let mut loss = self.on_label(label) * (log_sum - (z[label] - largest));
        if self.options.label_smoothing > 0.0 {
            let sum = match self.weights.as_slice() {
                [] => sum_pairs(z, z, |z, _| log_sum - (z - largest)),
                weights => sum_pairs(z, weights, |z, w| w * (log_sum - (z - largest))),
            };
            loss += self.per_class() * sum;
        }
        [largest, log_sum, loss]
    }

    /// `factor · a` for each sample, with the classes where the logits have them; and its sum over
    /// the classes.
    fn targets(&self, factor: T) -> Result<(Tensor<T>, Tensor<T>)> {
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

impl<T: Float> Op<T> for CrossEntropy<T> {
    type Inputs = [In; 1];
    type Output = Saving<Tensor<T>, Saved<T>>;
    const NAME: &'static str = "cross_entropy";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Saving<Tensor<T>, Saved<T>>> {
        let rows = self.rows(x)?;
        let (z, labels) = (rows.as_slice().unwrap_or_default(), self.labels());
        let (classes, piece) = (self.classes, self.piece());
        let table = Tensor::filled_by([labels.len(), COLUMNS], |out| {
            for_each_piece(out, piece * COLUMNS, |i, out| {
                vectorize(
                    #[inline(always)]
                    || {
                        for (j, out) in out.chunks_exact_mut(COLUMNS).enumerate() {
                            let sample = i * piece + j;
                            let z = &z[sample * classes..(sample + 1) * classes];
                            out.copy_from_slice(&self.sample(z, self.label(labels, sample)));
                        }
                    },
                );
            });
        });
        let counted = (0..labels.len()).filter_map(|sample| self.label(labels, sample));
        let factor = self.options.reduction.factor(counted.map(|y| self.weight(y).to_f64()).sum());
        let losses = table.index(-1, COLUMNS - 1)?.reshape(self.labels.shape())?;
        Ok(Saving(self.options.reduction.reduce(losses, factor), Saved { table, factor }))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let [x] = at.inputs()?;
        let Saved { table, factor } = at.saved;
        let per_sample = |t: Tensor<T>| t.reshape(self.labels.shape())?.unsqueeze(self.axis);
        // A constant that cancels out; it keeps the exponentials from overflowing.
        let largest = Var::constant(per_sample(table.index(-1, 0)?)?);
        let powers = x.sub(&largest)?.exp();
        let p = powers.div(&powers.sum_axes(&[self.axis], true)?)?;
        let (targets, sums) = self.targets(*factor)?;
        let slope = p.mul(&sums.into())?.sub(&targets.into())?;
        let grad = match self.options.reduction {
            Reduction::None => grad.unsqueeze(self.axis)?,
            _ => grad.clone(),
        };
        Ok([Some(slope.mul(&grad)?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let [x] = at.values()?;
        let rows = self.rows(x)?;
        let (z, labels) = (rows.as_slice().unwrap_or_default(), self.labels());
        let table = at.saved.table.as_slice().unwrap_or_default();
        let grads = grad.contiguous();
        let grads = grads.as_slice().unwrap_or_default();
        let (classes, piece) = (self.classes, self.piece());
        let (smooth, per_class) = (self.options.label_smoothing > 0.0, self.per_class());
        let result = Tensor::filled_by(rows.shape(), |out| {
            for_each_piece(out, piece * classes, |i, out| {
                vectorize(
                    #[inline(always)]
                    || {
                        for (j, out) in out.chunks_exact_mut(classes.max(1)).enumerate() {
                            let sample = i * piece + j;
                            let Some(label) = self.label(labels, sample) else {
                                out.fill(T::ZERO);
                                continue;
                            };
                            let g =
                                at.saved.factor * grads[if grads.len() == 1 { 0 } else { sample }];
                            let z = &z[sample * classes..(sample + 1) * classes];
                            let [m, log_sum] =
                                [table[sample * COLUMNS], table[sample * COLUMNS + 1]];
                            let a = self.on_label(label);
                            let whole = g * (a + self.spread);
                            for (o, &z) in out.iter_mut().zip(z) {
                                *o = whole * ((z - m) - log_sum).exp();
                            }
                            out[label] += -(g * a);
                            if smooth {
                                let share = g * per_class;
                                match self.weights.as_slice() {
                                    [] => out.iter_mut().for_each(|o| *o = *o - share),
                                    weights => {
                                        for (o, &w) in out.iter_mut().zip(weights) {
                                            *o = *o - share * w;
                                        }
                                    }
                                }
                            }
                        }
                    },
                );
            });
        });
        Ok([Some(result.move_axis(-1, self.axis)?)])
    }

    fn attributes(&self) -> Attributes {
        let options = &self.options;
        let attributes = Attributes::new()
            .with("labels", &self.labels)
            .with("ignore_index", options.ignore_index as isize)
            .with("label_smoothing", options.label_smoothing)
            .with("reduction", options.reduction.name());
        match &options.weight {
            Some(weight) => attributes.with("weight", weight.cast::<f64>()),
            None => attributes,
        }
    }
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

impl<T: Float> Var<T> {
    /// The cross-entropies of these logits, of shape `[N, C]` (or `[N, C, d₁, …]`, or `[C]`), and
    /// labels from 0 to `C - 1` of the same shape without the classes.
    ///
    /// ```
    /// # use gradus_autograd::{CrossEntropyOptions, Var};
    /// # use gradus_tensor::Tensor;
    /// let logits = Var::leaf(Tensor::<f32>::zeros([2, 4]));
    /// let loss = logits.cross_entropy(&Tensor::vector([0, 3]), &CrossEntropyOptions::default())?;
    /// assert_eq!(loss.item()?, 4.0_f32.ln());
    /// let gradients = loss.backward()?;
    /// assert_eq!(gradients.of(&logits).unwrap().get([0, 0])?, (0.25 - 1.0) / 2.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Label`] if a label is outside the classes and not the one to be ignored; a tensor
    /// error if shapes do not fit or the smoothing is not a number from 0 to 1.
    pub fn cross_entropy(
        &self,
        labels: &Tensor<i64>,
        options: &CrossEntropyOptions<T>,
    ) -> Result<Var<T>> {
        concrete!(
            cross_entropy: fn(&Var<T>, &Tensor<i64>, &CrossEntropyOptions<T>) -> Result<Var<T>>
        )(self, labels, options)
    }
}

fn cross_entropy<T: Float>(
    x: &Var<T>,
    labels: &Tensor<i64>,
    options: &CrossEntropyOptions<T>,
) -> Result<Var<T>> {
    Var::apply(CrossEntropy::new(x.shape(), labels, options)?, [x])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Cases, inputs::normal};

    /// The definition, sample by sample, from one-hot labels.
    fn definition(
        x: &Var<f64>,
        labels: &Tensor<i64>,
        options: &CrossEntropyOptions<f64>,
    ) -> Result<Var<f64>> {
        let classes = x.shape()[1];
        let counts = labels.map(|y| if y == options.ignore_index { 0.0 } else { 1.0 });
        let hot: Tensor<f64> = labels.map(|y| y.max(0)).one_hot(classes)?;
        let hot = hot.move_axis(-1, 1)?.mul(&counts.unsqueeze(1)?)?;
        let mut shape = vec![1; x.rank()];
        shape[1] = classes;
        let weight = options.weight.clone().unwrap_or_else(|| Tensor::ones([classes]));
        let weight = weight.reshape(shape)?;
        let weighted = hot.mul(&weight)?;
        let smoothing = options.label_smoothing;
        let spread = counts.unsqueeze(1)?.mul(&weight)?.map(|a| a * smoothing / classes as f64);
        let a = weighted.map(|a| (1.0 - smoothing) * a).add(&spread)?;
        let losses = -x.log_softmax(1)?.mul(&a.into())?.sum_axes(&[1], false)?;
        Ok(match options.reduction {
            Reduction::Mean => losses.sum().scale(1.0 / weighted.sum().item()?),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses,
        })
    }

    fn labels(shape: &[usize], classes: i64, ignored: bool) -> Tensor<i64> {
        let n: usize = shape.iter().product();
        let label = |i: i64| if ignored && i % 3 == 1 { -100 } else { (i * 7 + 2) % classes };
        let labels = Tensor::<i64>::arange(n).map(label);
        labels.reshape(shape).unwrap_or(labels)
    }

    #[test]
    fn properties() {
        for (reduction, smoothing, weighted, ignored) in [
            (Reduction::Mean, 0.0, false, false),
            (Reduction::Mean, 0.1, true, true),
            (Reduction::Mean, 0.2, false, true),
            (Reduction::Sum, 0.0, true, true),
            (Reduction::None, 0.3, true, false),
            (Reduction::None, 0.0, false, true),
        ] {
            for shape in [vec![5, 3], vec![4, 37], vec![2, 3, 4], vec![1, 1], vec![2, 3, 2, 2]] {
                let classes = shape[1];
                let mut samples = shape.clone();
                samples.remove(1);
                let options = CrossEntropyOptions {
                    weight: weighted.then(|| Tensor::arange(classes).map(|c: f64| 0.5 + c)),
                    label_smoothing: smoothing,
                    reduction,
                    ..CrossEntropyOptions::default()
                };
                let labels = labels(&samples, classes as i64, ignored);
                let (l, o) = (labels.clone(), options.clone());
                Cases::new("cross_entropy", move |x| x[0].cross_entropy(&labels, &options))
                    .equals(move |x| definition(&x[0], &l, &o))
                    .on(&format!("{shape:?}, {reduction:?}, {smoothing}"), [normal(&shape, 1)])
                    .check();
            }
        }
        let with = |labels: Tensor<i64>, options: CrossEntropyOptions<f64>| {
            Cases::new("cross_entropy", move |x| x[0].cross_entropy(&labels, &options))
        };
        with(Tensor::scalar(2), CrossEntropyOptions::default())
            .on("one sample", [normal([4], 1)])
            .refuses(
                "few classes",
                [normal([2], 1)],
                "cross_entropy: label 2 at position 0 is outside the 2 classes",
            )
            .check();
        let sum = CrossEntropyOptions { reduction: Reduction::Sum, ..Default::default() };
        with(Tensor::vector([]), sum).on("no samples", [normal([0, 3], 1)]).check();
        with(Tensor::vector([0, 1, 2, 12]), CrossEntropyOptions::default())
            .on("enough classes", [normal([4, 13], 1)])
            .refuses(
                "a label outside",
                [normal([4, 10], 1)],
                "cross_entropy: label 12 at position 3 is outside the 10 classes",
            )
            .refuses(
                "another number of labels",
                [normal([3, 13], 1)],
                "cross_entropy: got shape [4], wanted labels of shape [3] for logits of shape \
                 [3, 13]",
            )
            .refuses("no classes", [normal([0_usize; 0], 1)], "got shape [], wanted logits of")
            .check();
        let weight = Some(Tensor::ones([3]));
        with(Tensor::vector([0]), CrossEntropyOptions { weight, ..Default::default() })
            .on("three classes", [normal([1, 3], 1)])
            .refuses(
                "four",
                [normal([1, 4], 1)],
                "got shape [3], wanted class weights of shape [4]",
            )
            .check();
        let options = CrossEntropyOptions { label_smoothing: 1.5, ..Default::default() };
        let x = Var::from(normal([1, 3], 1));
        let error = x.cross_entropy(&Tensor::vector([0]), &options).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("got label_smoothing 1.5"), "{error}");
    }

    #[test]
    fn if_all_is_ignored_the_mean_is_nan_and_the_gradient_zero() -> Result<()> {
        let x = Var::leaf(Tensor::<f32>::ones([2, 3]));
        let labels = Tensor::full([2], -100);
        let loss = x.cross_entropy(&labels, &CrossEntropyOptions::default())?;
        assert!(loss.item()?.is_nan());
        assert_eq!(loss.backward()?.of(&x), Some(&Tensor::zeros([2, 3])));
        Ok(())
    }

    #[test]
    fn large_and_impossible_logits_are_no_trouble() -> Result<()> {
        let never = f32::NEG_INFINITY;
        let x = Var::leaf(Tensor::from_vec(vec![2e4, 1e4, never, never, never, -3e4], [2, 3])?);
        let loss = x.cross_entropy(&Tensor::vector([1, 2]), &CrossEntropyOptions::default())?;
        assert_eq!(loss.item()?, 5e3);
        let gradient = loss.backward()?.of(&x).map(Tensor::to_vec);
        assert_eq!(gradient, Some(vec![0.5, -0.5, 0.0, 0.0, 0.0, 0.0]));
        Ok(())
    }
}
