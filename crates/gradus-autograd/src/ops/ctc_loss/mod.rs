//! Connectionist temporal classification: the loss of a network that reads frames and is to say labels, where nobody
//! knows which frame belongs to which label.
//!
//! A path says one class for each frame, among them a blank. From a path come its labels: what is said in
//! several frames in a row counts once, and blanks fall away. The loss is minus the logarithm of the probability
//! of all paths from which the wanted labels come, `-ln Σ_π Π_t p_t(π_t)`.
//!
//! With `l'` the labels with a blank before, between and behind them, `L = 2 S + 1` of them, and `y_t(s) = ln p_t(l'_s)`:
//!
//! ```text
//! α_t(s) = y_t(s) + ln( e^α_{t-1}(s) + e^α_{t-1}(s-1) + [l'_s may follow l'_{s-2}] e^α_{t-1}(s-2) )
//! β_t(s) = y_t(s) + ln( e^β_{t+1}(s) + e^β_{t+1}(s+1) + [l'_{s+2} may follow l'_s] e^β_{t+1}(s+2) )
//! loss   = -ln( e^α_T(L) + e^α_T(L-1) )
//! ∂loss/∂y_t(k) = -Σ_{s: l'_s = k} exp( α_t(s) + β_t(s) - y_t(s) + loss )
//! ```
//!
//! A label may follow the one before the last blank if it is another: two equal ones need the blank between
//! them. All is added up as logarithms, in double precision. (Graves, Fernández, Gomez and Schmidhuber,
//! *Connectionist temporal classification*, 2006, sections 4.1 and 4.2.)

mod samples;

use gradus_tensor::{Error, Float, Tensor, concrete};

use self::samples::{Sample, written_out};
use super::Reduction;
use super::definition::differentiate;
use crate::{At, Attributes, In, Keeps, Op, Result, Saving, Var};

/// How [`Var::ctc_loss`] counts.
///
/// ```
/// use gradus_autograd::{CtcOptions, Reduction};
/// let options = CtcOptions::new().blank(28).reduction(Reduction::Sum).zero_infinity(true);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CtcOptions {
    blank: usize,
    zero_infinity: bool,
    reduction: Reduction,
}

impl Default for CtcOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl CtcOptions {
    /// The blank is class 0; what cannot be said has an infinite loss; of the losses, each divided by its number of
    /// labels, the mean is taken.
    #[must_use]
    pub fn new() -> Self {
        Self { blank: 0, zero_infinity: false, reduction: Reduction::Mean }
    }

    /// Which class is the blank; 0 by default.
    #[must_use]
    pub fn blank(self, blank: usize) -> Self {
        Self { blank, ..self }
    }

    /// Whether a sample whose labels cannot be said in its frames, because there are too few of them, counts with loss
    /// and gradient 0; otherwise its loss is infinite.
    #[must_use]
    pub fn zero_infinity(self, zero_infinity: bool) -> Self {
        Self { zero_infinity, ..self }
    }

    /// How the losses are made into one number. The mean is that of each loss divided by its number of labels (by
    /// 1 if there are none), as in PyTorch.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
    }
}

/// The loss of each sample.
#[derive(Debug)]
struct CtcLoss {
    samples: Vec<Sample>,
    zero_infinity: bool,
    /// Whether the derivative will be asked for.
    keep: bool,
}

impl<T: Float> Op<T> for CtcLoss {
    type Inputs = [In; 1];
    /// The losses, and the gradient of each with respect to its frames.
    type Output = Saving<Tensor<T>, Tensor<T>>;
    const NAME: &'static str = "ctc_loss";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Saving<Tensor<T>, Tensor<T>>> {
        let (losses, grads) = samples::losses(&self.samples, x, self.zero_infinity, self.keep)?;
        Ok(Saving(losses, grads))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        differentiate(at, &[Some(grad)], |[x]| {
            Ok(vec![written_out(&self.samples, x, self.zero_infinity)?])
        })
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        // Where a sample has no gradient it stays without one, whatever comes from behind.
        let grad = at.saved.zip("ctc_loss", &grad.reshape([grad.len(), 1])?, |slope, grad| {
            if slope == T::ZERO { T::ZERO } else { slope * grad }
        })?;
        Ok([Some(grad)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::INPUTS
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("zero_infinity", self.zero_infinity)
    }
}

impl<T: Float> Var<T> {
    /// The loss of connectionist temporal classification between logarithms of probabilities `[T, N, C]` (frames, samples,
    /// classes), such as [`log_softmax`](Var::log_softmax) gives them, and the labels of each sample. `frames` has
    /// the number of frames of each sample; what lies behind is not looked at.
    ///
    /// ```
    /// # use gradus_autograd::{CtcOptions, Var};
    /// # use gradus_tensor::Tensor;
    /// // Two frames, one sample, a blank and a letter, all equally likely: "a" comes from "a-", "-a" and "aa".
    /// let x = Var::leaf(Tensor::<f32>::zeros([2, 1, 2])).log_softmax(-1)?;
    /// let loss = x.ctc_loss(&[vec![1]], &[2], CtcOptions::new())?;
    /// assert!((loss.item()? - (4.0_f32 / 3.0).ln()).abs() < 1e-6);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there are not three axes, not as many lists of labels and numbers of frames as samples, a sample has no frame or
    /// more than there are, or a label is the blank or no class.
    pub fn ctc_loss(
        &self,
        labels: &[Vec<usize>],
        frames: &[usize],
        options: CtcOptions,
    ) -> Result<Var<T>> {
        type Kernel<T> = fn(&Var<T>, &[Vec<usize>], &[usize], CtcOptions) -> Result<Var<T>>;
        concrete!(ctc_loss: Kernel<T>)(self, labels, frames, options)
    }
}

fn ctc_loss<T: Float>(
    x: &Var<T>,
    labels: &[Vec<usize>],
    frames: &[usize],
    options: CtcOptions,
) -> Result<Var<T>> {
    let CtcOptions { blank, zero_infinity, reduction } = options;
    let samples = check(x.shape(), labels, frames, blank)?;
    let keep = crate::mode::will_record([x]);
    let losses = Var::apply(CtcLoss { samples, zero_infinity, keep }, [x])?;
    match reduction {
        Reduction::Mean if !labels.is_empty() => {
            let count = labels.len() as f64;
            let share = labels.iter().map(|l| T::from_f64(1.0 / (l.len().max(1) as f64 * count)));
            let shares = Tensor::vector(share.collect::<Vec<_>>());
            Ok(losses.mul(&shares.into())?.sum())
        }
        Reduction::Mean => Ok(losses.mean()),
        Reduction::Sum => Ok(losses.sum()),
        Reduction::None => Ok(losses),
    }
}

/// The samples, if everything fits.
fn check(
    shape: &[usize],
    labels: &[Vec<usize>],
    frames: &[usize],
    blank: usize,
) -> Result<Vec<Sample>> {
    const OP: &str = "ctc_loss";
    let &[steps, count, classes] = shape else {
        return Err(Error::shape(OP, shape, "three axes [frames, samples, classes]").into());
    };
    for (what, len) in [("lists of labels", labels.len()), ("numbers of frames", frames.len())] {
        if len != count {
            let wanted = format!("one for each of {count} samples (axis 1)");
            return Err(Error::value(OP, format!("{len} {what}"), wanted).into());
        }
    }
    if blank >= classes {
        let wanted = format!("one of the {classes} classes (axis 2), counted from 0");
        return Err(Error::value(OP, format!("blank {blank}"), wanted).into());
    }
    let samples = labels.iter().zip(frames).enumerate().map(|(n, (labels, &frames))| {
        if frames == 0 || frames > steps {
            let got = format!("{frames} frames for sample {n}");
            return Err(Error::value(OP, got, format!("1 to {steps}")).into());
        }
        if let Some((i, &label)) =
            labels.iter().enumerate().find(|(_, label)| **label >= classes || **label == blank)
        {
            let got = format!("label {label} at position {i} of sample {n}");
            let wanted = format!("a class from 0 to {} other than the blank {blank}", classes - 1);
            return Err(Error::value(OP, got, wanted).into());
        }
        Ok(Sample::new(labels, frames, blank))
    });
    samples.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    /// The labels that come from a path.
    fn said(path: &[usize], blank: usize) -> Vec<usize> {
        let mut path = path.to_vec();
        path.dedup();
        path.retain(|&class| class != blank);
        path
    }

    /// The sum over all paths, one after the other.
    fn all_paths(x: &Var<f64>, labels: &[Vec<usize>], frames: &[usize], blank: usize) -> Result<Var<f64>> {
        let classes = x.shape()[2];
        let mut losses = Vec::new();
        for (n, (labels, &frames)) in labels.iter().zip(frames).enumerate() {
            let mut terms = Vec::new();
            for path in 0..classes.pow(frames as u32) {
                let path: Vec<_> =
                    (0..frames).map(|t| path / classes.pow(t as u32) % classes).collect();
                if said(&path, blank) == *labels {
                    let at = |t: usize| x.index(0, t)?.index(0, n)?.index(0, path[t]);
                    let parts = (0..frames).map(at).collect::<Result<Vec<_>>>()?;
                    terms.push(Var::stack(&parts.iter().collect::<Vec<_>>(), 0)?.sum());
                }
            }
            let terms = Var::stack(&terms.iter().collect::<Vec<_>>(), 0)?;
            losses.push(terms.logsumexp(0, false)?.scale(-1.0));
        }
        Var::stack(&losses.iter().collect::<Vec<_>>(), 0)
    }

    #[test]
    fn properties() {
        let plain = CtcOptions::new().reduction(Reduction::None);
        for (case, shape, labels, frames, blank) in [
            ("two samples", [4, 2, 3], vec![vec![1, 2], vec![2]], vec![4, 3], 0),
            ("a letter twice", [4, 1, 3], vec![vec![1, 1]], vec![4], 2),
            ("no labels", [3, 1, 2], vec![vec![]], vec![3], 0),
            ("just enough frames", [3, 1, 3], vec![vec![1, 1]], vec![3], 0),
            ("one frame", [1, 2, 3], vec![vec![2], vec![]], vec![1, 1], 1),
        ] {
            let (of, length) = (labels.clone(), frames.clone());
            let options = plain.blank(blank);
            cases!([of, length] "ctc_loss", move |x| x[0].ctc_loss(&of, &length, options))
                .equals(move |x| all_paths(&x[0], &labels, &frames, blank))
                .on(case, [normal(shape, 1)])
                .check();
        }
        let labels = [vec![1, 2], vec![2]];
        cases!("ctc_loss, mean", |x| {
            x[0].ctc_loss(&[vec![1, 2], vec![2]], &[4, 3], CtcOptions::new())
        })
        .equals(move |x| {
            let losses = all_paths(&x[0], &labels, &[4, 3], 0)?;
            losses.mul(&Tensor::vector([0.25, 0.5]).into()).map(|losses| losses.sum())
        })
        .on("two samples", [normal([4, 2, 3], 1)])
        .refuses("a matrix", [normal([4, 2], 1)], "ctc_loss: got shape [4, 2], wanted three axes")
        .refuses(
            "other samples",
            [normal([4, 3, 3], 1)],
            "ctc_loss: got 2 lists of labels, wanted one for each of 3 samples (axis 1)",
        )
        .refuses(
            "few frames",
            [normal([3, 2, 3], 1)],
            "ctc_loss: got 4 frames for sample 0, wanted 1 to 3",
        )
        .refuses(
            "few classes",
            [normal([4, 2, 2], 1)],
            "ctc_loss: got label 2 at position 1 of sample 0, wanted a class from 0 to 1 other than the \
             blank 0",
        )
        .check();
    }

    #[test]
    fn labels_that_cannot_be_said() -> Result<()> {
        // "aa" needs three frames.
        let (labels, frames) = ([vec![1, 1], vec![1]], [2, 2]);
        let run = |zero: bool, reduction| {
            let x = Var::leaf(Tensor::<f32>::zeros([2, 2, 2]));
            let options = CtcOptions::new().reduction(reduction).zero_infinity(zero);
            let loss = x.log_softmax(-1)?.ctc_loss(&labels, &frames, options)?;
            let gradient = loss.clone().sum().backward()?.of(&x).map(Tensor::to_vec);
            Ok::<_, crate::Error>((loss.value().to_vec(), gradient.unwrap_or_default()))
        };
        let (losses, _) = run(false, Reduction::None)?;
        assert_eq!(losses[0], f32::INFINITY);
        assert!((losses[1] - (4.0_f32 / 3.0).ln()).abs() < 1e-6);
        let (losses, gradient) = run(true, Reduction::None)?;
        assert_eq!(losses[0], 0.0);
        // [frame, sample, class]: nothing for sample 0.
        assert_eq!([gradient[0], gradient[1], gradient[4], gradient[5]], [0.0; 4]);
        assert!(gradient.iter().all(|g| g.is_finite()) && gradient[2] != 0.0);
        assert!(run(true, Reduction::Mean)?.0[0].is_finite());
        Ok(())
    }

    #[test]
    fn long_and_improbable_sequences_do_not_underflow() -> Result<()> {
        // 2,000 frames in which every label is very improbable.
        let x = Tensor::<f32>::full([2000, 1, 3], -50.0);
        let labels: Vec<usize> = (0..500).map(|i| 1 + i % 2).collect();
        let x = Var::leaf(x);
        let options = CtcOptions::new().reduction(Reduction::Sum);
        let loss = x.ctc_loss(&[labels], &[2000], options)?;
        assert!(loss.item()? > 9e4 && loss.item()?.is_finite());
        let gradient = loss.backward()?.of(&x).cloned();
        // Each frame says exactly one class.
        let sums = gradient.map(|g| g.sum_axes(&[2], false)).transpose()?;
        assert!(sums.is_some_and(|s| s.to_vec().iter().all(|s| (s + 1.0).abs() < 1e-3)));
        Ok(())
    }
}
