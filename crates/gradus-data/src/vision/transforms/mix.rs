//! Batches whose items are mixed, with labels mixed alike: H. Zhang et al., *mixup: Beyond Empirical
//! Risk Minimization*, arXiv:1710.09412; S. Yun et al., *CutMix*, arXiv:1905.04899; torchvision's
//! `MixUp` and `CutMix`.
//!
//! Item `i` is mixed with item `i − 1` of the batch (the first with the last), with one `λ` for the
//! batch from Beta(α, α). Labels `[N]` become shares `[N, classes]`, `λ` for the own class, `1 − λ` for
//! the other's.
//!
//! * MixUp: `λ x_i + (1 − λ) x_{i−1}`.
//! * CutMix: a rectangle of `x_{i−1}` in `x_i`. Its centre is drawn evenly, its sides are `√(1 − λ)` of
//!   the whole; what sticks out is cut off, and `λ` becomes the share that is left of `x_i`.

use gradus_tensor::rand_distr::{Beta, Distribution};
use gradus_tensor::{Rng, Tensor};

use crate::{Error, Result};

/// A mixed batch: pictures `[N, C, H, W]` and shares of classes `[N, classes]`.
type Mixed = (Tensor, Tensor);

/// What both have.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mix {
    op: &'static str,
    classes: usize,
    beta: Beta<f64>,
}

impl Mix {
    fn new(op: &'static str, classes: usize, alpha: f64) -> Result<Self> {
        let bad = |got: String, wanted: &str| Error::value(op, got, wanted);
        if classes == 0 {
            return Err(bad("classes = 0".into(), "at least 1"));
        }
        let wrong = |_| bad(format!("alpha = {alpha}"), "a finite number > 0");
        let finite = if alpha.is_finite() { alpha } else { -1.0 };
        Ok(Self { op, classes, beta: Beta::new(finite, finite).map_err(wrong)? })
    }

    /// The sizes of the batch, and its labels as numbers.
    fn check(&self, images: &Tensor, labels: &Tensor<i64>) -> Result<([usize; 4], Vec<usize>)> {
        let sizes: [usize; 4] = images.shape().try_into().map_err(|_| {
            gradus_tensor::Error::shape(self.op, images.shape(), "a batch of images [N, C, H, W]")
        })?;
        if labels.shape() != [sizes[0]] {
            let wanted = format!("{} labels [N], one an image", sizes[0]);
            return Err(gradus_tensor::Error::shape(self.op, labels.shape(), wanted).into());
        }
        let class = |(item, &label): (usize, &i64)| {
            let class = usize::try_from(label).ok().filter(|&class| class < self.classes);
            let (source_name, classes) = (self.op.into(), self.classes);
            class.ok_or(Error::Label { source_name, item, label, classes })
        };
        let labels = labels.to_vec().iter().enumerate().map(class).collect::<Result<_>>()?;
        Ok((sizes, labels))
    }

    fn shares(&self, labels: &[usize], share: f32) -> Tensor {
        let classes = self.classes;
        Tensor::filled_by([labels.len(), classes], |out| {
            out.fill(0.0);
            for (i, row) in out.chunks_exact_mut(classes).enumerate() {
                row[labels[i]] += share;
                row[labels[before(i, labels.len())]] += 1.0 - share;
            }
        })
    }
}

/// The item that item `i` of `n` is mixed with.
fn before(i: usize, n: usize) -> usize {
    if i == 0 { n - 1 } else { i - 1 }
}

/// Mixes whole pictures.
///
/// ```
/// use gradus_data::vision::MixUp;
/// use gradus_tensor::{Rng, Tensor};
/// let (images, labels) = (Tensor::ones([4, 3, 8, 8]), Tensor::vector([0, 1, 2, 1]));
/// // One generator a step makes runs repeat.
/// let step = 17;
/// let (mixed, shares) = MixUp::new(3, 1.0)?.apply(&images, &labels, &mut Rng::new(42).stream(step))?;
/// assert_eq!((mixed.shape(), shares.shape()), (&[4, 3, 8, 8][..], &[4, 3][..]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixUp(Mix);

impl MixUp {
    /// For so many classes, with `λ` from Beta(α, α); α is 1 in torchvision, 0.2 in the paper for
    /// ImageNet.
    ///
    /// # Errors
    /// [`Error::Value`] without classes, or unless α is finite and positive.
    pub fn new(classes: usize, alpha: f64) -> Result<Self> {
        Mix::new("MixUp", classes, alpha).map(Self)
    }

    /// Mixes a batch `[N, C, H, W]` and its labels `[N]`.
    ///
    /// # Errors
    /// If the shapes are others, [`Error::Label`] if a label is no class.
    pub fn apply(&self, images: &Tensor, labels: &Tensor<i64>, rng: &mut Rng) -> Result<Mixed> {
        let ([n, c, h, w], labels) = self.0.check(images, labels)?;
        let share = self.0.beta.sample(rng) as f32;
        let len = c * h * w;
        let images = images.contiguous();
        let from = images.as_slice().unwrap_or_default();
        let mixed = Tensor::filled_by([n, c, h, w], |out| {
            for (i, out) in out.chunks_exact_mut(len.max(1)).enumerate() {
                let (own, other) = (&from[i * len..][..len], &from[before(i, n) * len..][..len]);
                let values = own.iter().zip(other).map(|(a, b)| share * a + (1.0 - share) * b);
                out.iter_mut().zip(values).for_each(|(out, x)| *out = x);
            }
        });
        Ok((mixed, self.0.shares(&labels, share)))
    }
}

/// Puts rectangles of pictures into others.
///
/// ```
/// use gradus_data::vision::CutMix;
/// use gradus_tensor::{Rng, Tensor};
/// let (images, labels) = (Tensor::ones([4, 3, 8, 8]), Tensor::vector([0, 1, 2, 1]));
/// let (mixed, shares) = CutMix::new(3, 1.0)?.apply(&images, &labels, &mut Rng::new(42))?;
/// assert_eq!((mixed, shares.shape()), (images, &[4, 3][..]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutMix(Mix);

impl CutMix {
    /// For so many classes, with `λ` from Beta(α, α); α is 1 in torchvision and in the paper.
    ///
    /// # Errors
    /// [`Error::Value`] without classes, or unless α is finite and positive.
    pub fn new(classes: usize, alpha: f64) -> Result<Self> {
        Mix::new("CutMix", classes, alpha).map(Self)
    }

    /// Mixes a batch `[N, C, H, W]` and its labels `[N]`.
    ///
    /// # Errors
    /// If the shapes are others, [`Error::Label`] if a label is no class.
    pub fn apply(&self, images: &Tensor, labels: &Tensor<i64>, rng: &mut Rng) -> Result<Mixed> {
        let ([n, c, h, w], labels) = self.0.check(images, labels)?;
        let half = 0.5 * (1.0 - self.0.beta.sample(rng)).sqrt();
        let mut span = |side: usize| {
            let (centre, reach) = (rng.below(side), (half * side as f64) as usize);
            (centre.saturating_sub(reach), (centre + reach).min(side))
        };
        let ((left, right), (top, bottom)) = (span(w), span(h));
        let part = ((right - left) * (bottom - top)) as f64 / (w * h).max(1) as f64;
        let mut mixed = images.contiguous();
        let images = images.contiguous();
        let (from, len) = (images.as_slice().unwrap_or_default(), c * h * w);
        for (i, out) in mixed.as_mut_slice().chunks_exact_mut(len.max(1)).enumerate() {
            let other = &from[before(i, n) * len..][..len];
            let rows = out.chunks_exact_mut(w).zip(other.chunks_exact(w)).enumerate();
            for (row, (out, other)) in rows {
                if (top..bottom).contains(&(row % h)) {
                    out[left..right].copy_from_slice(&other[left..right]);
                }
            }
        }
        Ok((mixed, self.0.shares(&labels, (1.0 - part) as f32)))
    }
}
