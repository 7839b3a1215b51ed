//! Integrated gradients: a score, shared out among the numbers of the input.
//!
//! ```text
//! IGᵢ = (xᵢ - bᵢ) · ∫₀¹ ∂y_c(b + t (x - b)) / ∂xᵢ dt
//!     ≈ (xᵢ - bᵢ) · 1/m Σⱼ ∂y_c(b + (j + ½) / m · (x - b)) / ∂xᵢ,   j = 0 … m - 1
//! Σᵢ IGᵢ = y_c(x) - y_c(b)                                          completeness
//! ```
//!
//! `b` is the baseline, an input that says nothing: a black picture, the embedding of padding, zeros. A gradient at `x` alone
//! may be flat where the score has saturated; on the way from `b` it was not. Completeness is the fundamental theorem of
//! calculus along that way, so how far the sum is off tells whether the steps are enough: [`Integrated::gap`].
//!
//! Source: M. Sundararajan, A. Taly, Q. Yan, *Axiomatic attribution for deep networks*, 2017 (arXiv 1703.01365), sections 3
//! and 5. The sum is the midpoint rule, whose error falls with `1/m²` where the score is smooth.

use gradus_autograd::{Var, grad};
use gradus_tensor::{Float, Tensor};

use super::{samples_of, scores_of, tracked};
use crate::{Error, Result};

/// What [`integrated_gradients`] gives.
#[derive(Debug, Clone)]
pub struct Integrated<T: Float = f32> {
    /// How much of the score is due to each number, in the shape of the input `[N, …]`.
    pub shares: Tensor<T>,
    /// The score of each input, `[N]`.
    pub score: Tensor<T>,
    /// The score of each baseline, `[N]`.
    pub baseline: Tensor<T>,
}

impl<T: Float> Integrated<T> {
    /// How far the shares of each sample, added up, are off the difference of the scores, `[N]`, at least 0. The paper takes 5 %
    /// of that difference as enough; with more steps it becomes less.
    ///
    /// # Errors
    /// None for what [`integrated_gradients`] gave; shapes that do not fit otherwise.
    pub fn gap(&self) -> Result<Tensor<T>> {
        let rows = self.shares.flatten(1)?.sum_axes(&[1], false)?;
        Ok(rows.sub(&self.score.sub(&self.baseline)?)?.abs())
    }

    /// The sum over all axes behind the first `kept`: for embeddings `[N, T, dim]` and `kept` 2 the share of each word, `[N, T]`.
    ///
    /// # Errors
    /// If there are not so many axes.
    pub fn summed(&self, kept: usize) -> Result<Tensor<T>> {
        let rank = self.shares.rank();
        if kept == 0 || kept > rank {
            let wanted = format!("1 to {rank}: the shares are {:?}", self.shares.shape());
            return Err(Error::value("Integrated::summed", format!("kept = {kept}"), wanted));
        }
        let axes: Vec<isize> = (kept as isize..rank as isize).collect();
        if axes.is_empty() {
            return Ok(self.shares.clone());
        }
        Ok(self.shares.sum_axes(&axes, false)?)
    }
}

/// Shares each sample's score for its class out among the numbers of the sample: in each of `steps` steps one forward and one
/// backward pass, all samples at once. 50 steps are usual; 20 to 300, says the paper.
///
/// The baseline has the shape of the input, or one that broadcasts to it. `forward` gives scores `[N, C]`, in which each row
/// depends on its own sample alone; `classes` are `[N]`.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_tensor::Tensor;
/// use gradus_train::explain::integrated_gradients;
///
/// // y = tanh(3 x₀) + x₁: at x₀ = 2 the slope is nothing, and yet x₀ made the score.
/// let forward = |x: &Var| Ok(x.slice(1, 0..1)?.scale(3.0).tanh().add(&x.slice(1, 1..2)?)?);
/// let x = Tensor::from_vec(vec![2.0, 0.5], [1, 2])?;
/// let found = integrated_gradients(&x, &Tensor::scalar(0.0), &Tensor::vector([0]), 50, forward)?;
/// let shares = found.shares.to_vec();
/// assert!((shares[0] - 1.0).abs() < 1e-2 && (shares[1] - 0.5).abs() < 1e-6, "{shares:?}");
/// assert!(found.gap()?.item()? < 1e-2);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// Words have no derivative, their embeddings have. A model that starts from tokens runs on given vectors where its table is
/// replaced by them, and its tokens by their places in that table; so each place has vectors of its own, even for the same word:
///
/// ```
/// use gradus_autograd::with_replaced;
/// use gradus_nn::{Context, Embedding, Layer, Linear};
/// use gradus_tensor::{Rng, Tensor};
/// use gradus_train::explain::integrated_gradients;
///
/// let mut rng = Rng::new(2);
/// let (words, head): (Embedding, Linear) =
///     (Embedding::new(100, 8).init(&mut rng)?, Linear::new(8, 2).init(&mut rng)?);
/// let model = |tokens: &Tensor<i64>| {
///     let mean = words.forward(tokens, &mut Context::eval())?.mean_axes(&[1], false)?;
///     head.forward(&mean, &mut Context::eval())
/// };
///
/// let text = [5_i64, 17, 5, 80];
/// let vectors = words.weight.value().select(0, &Tensor::vector(text))?.reshape([1, 4, 8])?;
/// let places = Tensor::arange(4).reshape([1, 4])?;
/// let found = integrated_gradients(&vectors, &Tensor::scalar(0.0), &Tensor::vector([1]), 20, |x| {
///     let table = x.reshape([4, 8])?;
///     Ok(with_replaced([(words.weight.id(), table)], || model(&places))?)
/// })?;
/// assert_eq!(found.summed(2)?.shape(), [1, 4]); // how much each word counts
/// assert!(found.gap()?.item()? < 1e-5);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] if `steps` is 0, the baseline does not fit, the scores are no `[N, C]` or are constants, or a
/// class is none of theirs; those of `forward`.
pub fn integrated_gradients<T: Float>(
    input: &Tensor<T>,
    baseline: &Tensor<T>,
    classes: &Tensor<i64>,
    steps: usize,
    mut forward: impl FnMut(&Var<T>) -> Result<Var<T>>,
) -> Result<Integrated<T>> {
    const OP: &str = "integrated_gradients";
    let samples = samples_of(OP, input)?;
    if steps == 0 {
        return Err(Error::value(OP, "steps = 0", "1 or more; 50 are usual"));
    }
    let start = baseline.expand(input.shape()).map_err(|_| {
        let got = format!("a baseline of shape {:?}", baseline.shape());
        Error::value(OP, got, format!("{:?}, the shape of the input, or one number", input.shape()))
    })?;
    let way = input.sub(&start)?;
    let mut slopes = input.zeros_like();
    let mut score_at = |x: &Var<T>| -> Result<Var<T>> {
        let scores = forward(x)?;
        tracked(OP, "scores", &scores)?;
        scores_of(OP, &scores, classes, samples)
    };
    for step in 0..steps {
        let mut place = start.contiguous();
        place.add_scaled(&way, T::from_f64((step as f64 + 0.5) / steps as f64))?;
        let x = Var::leaf(place);
        let [slope] = grad(&score_at(&x)?.sum(), [&x], None)?;
        slopes.add_scaled(slope.value(), T::from_f64(1.0 / steps as f64))?;
    }
    Ok(Integrated {
        shares: way.mul(&slopes)?,
        score: score_at(&Var::leaf(input.clone()))?.into_value(),
        baseline: score_at(&Var::leaf(start))?.into_value(),
    })
}
