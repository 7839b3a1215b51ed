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
use gradus_tensor::threads::for_each_piece;
use gradus_tensor::{Float, Tensor, concrete};

use super::Reduction;
use crate::{At, Attributes, In, Op, Result, Saving, Var};

mod samples;

use samples::{COLUMNS, CrossEntropy, Saved, below};

/// How [`Var::cross_entropy`] weighs and reduces the losses.
///
/// ```
/// use gradus_autograd::{CrossEntropyOptions, Reduction};
/// let options: CrossEntropyOptions =
///     CrossEntropyOptions::new().label_smoothing(0.1).reduction(Reduction::Sum);
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct CrossEntropyOptions<T: Float = f32> {
    weight: Option<Tensor<T>>,
    ignore_index: i64,
    label_smoothing: f64,
    reduction: Reduction,
}

impl<T: Float> Default for CrossEntropyOptions<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Float> CrossEntropyOptions<T> {
    /// No weights, no smoothing, samples with label -100 ignored, the mean.
    pub fn new() -> Self {
        Self { weight: None, ignore_index: -100, label_smoothing: 0.0, reduction: Reduction::Mean }
    }

    /// A weight for each class, of shape `[C]`: to make up for classes that are rare.
    pub fn weight(self, weight: Tensor<T>) -> Self {
        Self { weight: Some(weight), ..self }
    }

    /// Samples with this label do not count: padding, say.
    pub fn ignore_index(self, label: i64) -> Self {
        Self { ignore_index: label, ..self }
    }

    /// The share, from 0 to 1, of the target that is spread evenly over all classes.
    pub fn label_smoothing(self, share: f64) -> Self {
        Self { label_smoothing: share, ..self }
    }

    /// How the losses of the samples are made into one number.
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
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
        let count: f64 = counted.map(|y| self.weight(y).to_f64()).sum();
        let factor = self.options.reduction.factor(count);
        let losses = table.index(-1, COLUMNS - 1)?.reshape(self.labels.shape())?;
        Ok(Saving(self.options.reduction.reduce(losses, count), Saved { table, factor }))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let [x] = at.inputs()?;
        let factor = at.saved.factor;
        // Samples that do not count may hold anything.
        let counted = self.labels.map(|label| label != self.options.ignore_index);
        let counted = counted.unsqueeze(self.axis)?;
        let zero = Var::constant(Tensor::scalar(T::ZERO));
        let p = Var::choose(&counted, &x, &zero)?.softmax(self.axis)?;
        let (targets, sums) = self.targets(factor)?;
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
                                *o = whole * (below(z, m) - log_sum).exp();
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

impl<T: Float> Var<T> {
    /// The cross-entropies of these logits, of shape `[N, C]` (or `[N, C, d₁, …]`, or `[C]`), and
    /// labels from 0 to `C - 1` of the same shape without the classes.
    ///
    /// ```
    /// # use gradus_autograd::{CrossEntropyOptions, Var};
    /// # use gradus_tensor::Tensor;
    /// let logits = Var::leaf(Tensor::<f32>::zeros([2, 4]));
    /// let loss = logits.cross_entropy(&Tensor::vector([0, 3]), &CrossEntropyOptions::new())?;
    /// assert_eq!(loss.item()?, 4.0_f32.ln());
    /// let gradients = loss.backward()?;
    /// assert_eq!(gradients.of(&logits).unwrap().get([0, 0])?, (0.25 - 1.0) / 2.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Label`](crate::Error::Label) if a label is outside the classes and not the one to be ignored; a tensor
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
            (Reduction::Mean, 0.125, true, true),
            (Reduction::Mean, 0.25, false, true),
            (Reduction::Sum, 0.0, true, true),
            (Reduction::None, 0.375, true, false),
            (Reduction::None, 0.0, false, true),
        ] {
            for shape in [vec![5, 3], vec![4, 37], vec![2, 3, 4], vec![1, 1], vec![2, 3, 2, 2]] {
                let classes = shape[1];
                let mut samples = shape.clone();
                samples.remove(1);
                let options = CrossEntropyOptions::new().label_smoothing(smoothing);
                let mut options = options.reduction(reduction);
                if weighted {
                    options = options.weight(Tensor::arange(classes).map(|c: f64| 0.5 + c));
                }
                let labels = labels(&samples, classes as i64, ignored);
                let (l, o) = (labels.clone(), options.clone());
                let single = CrossEntropyOptions {
                    weight: options.weight.as_ref().map(Tensor::cast),
                    ignore_index: options.ignore_index,
                    label_smoothing: smoothing,
                    reduction,
                };
                let also = labels.clone();
                let mut cases =
                    Cases::new("cross_entropy", move |x| x[0].cross_entropy(&labels, &options));
                // Of a single class all is zero: there are no digits to compare.
                if classes > 1 {
                    cases = cases.single(move |x| x[0].cross_entropy(&also, &single));
                }
                cases
                    .equals(move |x| definition(&x[0], &l, &o))
                    .on(&format!("{shape:?}, {reduction:?}, {smoothing}"), [normal(&shape, 1)])
                    .check();
            }
        }
        let with = |labels: Tensor<i64>, options: CrossEntropyOptions<f64>| {
            Cases::new("cross_entropy", move |x| x[0].cross_entropy(&labels, &options))
        };
        with(Tensor::scalar(2), CrossEntropyOptions::new())
            .on("one sample", [normal([4], 1)])
            .refuses(
                "few classes",
                [normal([2], 1)],
                "cross_entropy: label 2 at position 0 is outside the 2 classes",
            )
            .check();
        let sum = CrossEntropyOptions::new().reduction(Reduction::Sum);
        with(Tensor::vector([]), sum).on("no samples", [normal([0, 3], 1)]).check();
        with(Tensor::vector([0, 1, 2, 12]), CrossEntropyOptions::new())
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
        with(Tensor::zeros([2, 5]), CrossEntropyOptions::new())
            .on("classes on axis 1", [normal([2, 3, 5], 1)])
            .refuses(
                "classes on the last axis",
                [normal([2, 5, 3], 1)],
                "cross_entropy: got shape [2, 5], wanted labels of shape [2, 3] for logits of shape \
                 [2, 5, 3]: classes stand on axis 1; where they are the last axis, reshape to \
                 [samples, classes] and [samples]",
            )
            .check();
        with(Tensor::vector([0]), CrossEntropyOptions::new().weight(Tensor::ones([3])))
            .on("three classes", [normal([1, 3], 1)])
            .refuses(
                "four",
                [normal([1, 4], 1)],
                "got shape [3], wanted class weights of shape [4]",
            )
            .check();
        let options = CrossEntropyOptions::new().label_smoothing(1.5);
        let x = Var::from(normal([1, 3], 1));
        let error = x.cross_entropy(&Tensor::vector([0]), &options).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("got label_smoothing 1.5"), "{error}");
    }

    #[test]
    fn if_all_is_ignored_the_mean_is_nan_and_the_gradient_zero() -> Result<()> {
        let x = Var::leaf(Tensor::<f32>::ones([2, 3]));
        let labels = Tensor::full([2], -100);
        let loss = x.cross_entropy(&labels, &CrossEntropyOptions::new())?;
        assert!(loss.item()?.is_nan());
        assert_eq!(loss.backward()?.of(&x), Some(&Tensor::zeros([2, 3])));
        Ok(())
    }

    #[test]
    fn large_and_impossible_logits_are_no_trouble() -> Result<()> {
        let never = f32::NEG_INFINITY;
        let x = Var::leaf(Tensor::from_vec(vec![2e4, 1e4, never, never, never, -3e4], [2, 3])?);
        let loss = x.cross_entropy(&Tensor::vector([1, 2]), &CrossEntropyOptions::new())?;
        assert_eq!(loss.item()?, 5e3);
        let gradient = loss.backward()?.of(&x).map(Tensor::to_vec);
        assert_eq!(gradient, Some(vec![0.5, -0.5, 0.0, 0.0, 0.0, 0.0]));
        Ok(())
    }
}
