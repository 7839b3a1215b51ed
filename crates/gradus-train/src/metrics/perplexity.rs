//! Perplexity: among how many equally likely words a language model is as unsure as it is.
//!
//! `PPL = exp(-(1/N) Σᵢ ln p(tokenᵢ | before))`, the exponential of the mean cross-entropy per token in nats. It
//! goes from 1 to infinity, the size of the vocabulary for a model that knows nothing. Undefined for no tokens.
//!
//! Source: F. Jelinek, R. L. Mercer, L. R. Bahl, J. K. Baker, "Perplexity: a measure of the difficulty of speech
//! recognition tasks", Journal of the Acoustical Society of America 62, 1977.

use gradus_tensor::{Number, Tensor};
use serde::{Deserialize, Serialize};

use super::classes::for_each_item;
use super::mean::Weighted;
use super::sum::Sum;
use super::{Goal, Labelled, Metric, Predictions};
use crate::{Error, Result};

/// What perplexity is computed from.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Tokens<'a> {
    /// The mean cross-entropy of a batch, in nats, and its number of tokens: `(loss, tokens)`.
    Loss(Weighted),
    /// Logits `[N, C]` or `[N, C, …]` and the tokens `[N]` or `[N, …]` that came: `(&logits, &tokens)`.
    Logits(Labelled<'a>),
}

impl<P: Into<Weighted>> From<P> for Tokens<'_> {
    fn from(loss: P) -> Self {
        Self::Loss(loss.into())
    }
}

/// The exponential of the mean cross-entropy per token.
///
/// A batch is `(loss, tokens)`, the mean loss in nats and how many tokens it is the mean of; or logits with what
/// they should have predicted, through [`Tokens::Logits`]. NaN among logits, or in a loss, shows in the value.
///
/// ```
/// use gradus_tensor::Tensor;
/// use gradus_train::metrics::{Labelled, Metric, Perplexity, Tokens};
///
/// let mut perplexity = Perplexity::new();
/// perplexity.add((8.0_f64.ln(), 300))?;  // 300 tokens
/// perplexity.add((2.0_f64.ln(), 300))?;
/// assert!((perplexity.value() - 4.0).abs() < 1e-12);
///
/// // From logits. A model that knows nothing chooses among all five.
/// let (logits, tokens) = (Tensor::<f32>::zeros([2, 5]), Tensor::vector([3, 1]));
/// let perplexity = Perplexity::new().of(Tokens::Logits(Labelled::new((&logits, &tokens))))?;
/// assert!((perplexity.value() - 5.0).abs() < 1e-12);
/// # Ok::<(), gradus_train::Error>(())
/// ```
///
/// # Errors
/// Of logits: [`gradus_tensor::Error::Shape`] for shapes that do not fit, [`Error::Value`] for a token outside
/// `0..C`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Perplexity {
    loss: Sum,
    tokens: u64,
}

impl Perplexity {
    /// The perplexity over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many tokens there were.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    fn logits<T: Number>(&mut self, logits: &Tensor<T>, batch: Labelled<'_>) -> Result<()> {
        // `ln Σ exp z - z_label`, with the largest taken out so that nothing overflows.
        for_each_item("Perplexity", logits, batch, |token, classes, logit| {
            let logit = |class| logit(class).to_f64();
            let most = (0..classes).map(logit).fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = (0..classes).map(|c| (logit(c) - most).exp()).sum();
            self.loss.add(sum.ln() + (most - logit(token)));
            self.tokens = self.tokens.saturating_add(1);
        })
    }
}

impl Metric for Perplexity {
    type Batch<'a> = Tokens<'a>;

    fn name(&self) -> String {
        "perplexity".into()
    }

    fn goal(&self) -> Goal {
        Goal::Lower
    }

    fn take(&mut self, batch: Tokens<'_>) -> Result<()> {
        match batch {
            Tokens::Loss(Weighted { count: 0, .. }) => Ok(()),
            Tokens::Loss(loss) => {
                self.loss.add_product(loss.mean, loss.count as f64);
                self.tokens = self.tokens.saturating_add(loss.count as u64);
                Ok(())
            }
            Tokens::Logits(batch) => match batch.predictions {
                Predictions::F32(logits) => self.logits(logits, batch),
                Predictions::F64(logits) => self.logits(logits, batch),
                Predictions::Classes(_) => {
                    Err(Error::value("Perplexity", "predicted tokens", "logits [N, C]"))
                }
            },
        }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.loss.merge(&other.loss);
        self.tokens = self.tokens.saturating_add(other.tokens);
        Ok(())
    }

    fn value(&self) -> f64 {
        (self.loss.value() / self.tokens as f64).exp()
    }
}
