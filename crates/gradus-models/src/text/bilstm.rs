//! A bidirectional LSTM with attention: a text is read from both ends, then the words that matter are summed.
//!
//! With the state `hₜ` of both directions at word `t`:
//!
//! `uₜ = tanh(A hₜ + a)`, `αₜ = softmax(q · uₜ)` over the words of the text, `s = Σ αₜ hₜ`, `y = W s + b`
//!
//! `α` says which words decided. (Yang, Yang, Dyer, He, Smola and Hovy, *Hierarchical attention networks for document
//! classification*, 2016, section 2.2, one level of it.) Names: `embedding`, `lstm`, `attention` (`A`, `a`),
//! `query` (`q`), `fc`.

use gradus_autograd::Var;
use gradus_nn::{
    Context, Dropout, Embedding, Layer, Linear, Lstm, Module, Result, Sequence, Settings,
};
use gradus_tensor::{Float, Rng, Tensor};

use super::{TextClassifier, Texts, filled};

/// Words in their order, weighed and classified.
///
/// ```
/// use gradus_models::BiLstmAttention;
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// let net = BiLstmAttention::new(100, 2).dim(8).hidden(6).init::<f32>(&mut Rng::new(0))?;
/// let texts = Tensor::from_vec(vec![5, 99, 7, 3, 12, 0], [2, 3])?; // the second has two words
/// let (states, weights) = net.attend(&texts, Some(&[3, 2]), &mut Context::eval())?;
/// assert_eq!(states.shape(), [2, 12]);
/// assert_eq!(weights.shape(), [2, 3]);
/// assert_eq!(weights.value().get([1, 2])?, 0.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct BiLstmAttention<T: Float = f32> {
    /// A vector for each word.
    pub embedding: Embedding<T>,
    /// Reads in both directions.
    pub lstm: Lstm<T>,
    /// `A` and `a`.
    pub attention: Linear<T>,
    /// `q`.
    pub query: Linear<T>,
    /// The classes.
    pub fc: Linear<T>,
    #[module(skip)]
    dropout: Dropout,
}

/// The settings of a [`BiLstmAttention`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = BiLstmAttention)]
#[must_use = "a model comes of it by `init`"]
pub struct BiLstmAttentionBuilder {
    /// How many words there are.
    #[at_least(1)]
    vocabulary: usize,
    /// How many classes there are.
    #[at_least(1)]
    classes: usize,
    /// How many numbers a word has.
    #[at_least(1)]
    #[default(128)]
    dim: usize,
    /// How many numbers the state of each direction has.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(128)]
    hidden: usize,
    /// What is dropped of words and sums in training.
    #[in_unit]
    #[default(0.3)]
    dropout: f64,
}

impl BiLstmAttentionBuilder {
    /// Builds the model.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<BiLstmAttention<T>> {
        let Self { vocabulary, classes, dim, hidden, dropout } = self.checked()?;
        Ok(BiLstmAttention {
            embedding: Embedding::new(vocabulary, dim).init(rng)?,
            lstm: Lstm::new(dim, hidden).bidirectional(true).batch_first(true).init(rng)?,
            attention: Linear::new(2 * hidden, hidden).init(rng)?,
            query: Linear::new(hidden, 1).bias(false).init(rng)?,
            fc: Linear::new(2 * hidden, classes).init(rng)?,
            dropout: Dropout::new(dropout),
        })
    }
}

impl<T: Float> TextClassifier<T> for BiLstmAttention<T> {
    const NAME: &'static str = "BiLstmAttention";

    fn words(&self) -> &Embedding<T> {
        &self.embedding
    }

    /// The weighted sum of the states, `[N, 2 · hidden]`.
    fn read(&self, texts: &Texts, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        Ok(self.look(texts, x, cx)?.0)
    }

    fn classify(&self, features: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        self.fc.forward(&self.dropout.forward(features, cx)?, cx)
    }
}

impl<T: Float> BiLstmAttention<T> {
    /// The weighted sum, and the weight of each word, `[N, T]`: positive numbers that add up to one, zero in
    /// padding.
    ///
    /// # Errors
    /// As [`forward`](TextClassifier::forward).
    pub fn attend(
        &self,
        tokens: &Tensor<i64>,
        lengths: Option<&[usize]>,
        cx: &mut Context,
    ) -> Result<(Var<T>, Var<T>)> {
        let texts = Texts::of_tokens(Self::NAME, tokens, lengths, &self.embedding)?;
        self.look(&texts, &self.embedding.forward(tokens, cx)?, cx)
    }

    /// The weighted sum and the weights, of vectors `[N, T, dim]`.
    fn look(&self, texts: &Texts, x: &Var<T>, cx: &mut Context) -> Result<(Var<T>, Var<T>)> {
        let x = self.dropout.forward(&texts.within(x)?, cx)?;
        let (states, _) = self.lstm.forward(&x, Sequence::new().lengths(texts.lengths()), cx)?;
        let u = self.attention.forward(&states, cx)?.tanh();
        let scores = self.query.forward(&u, cx)?;
        // So far below any score that its exponential is zero.
        let weights = filled(&texts.there()?, &scores, -1e30)?.softmax(1)?;
        let sum = states.mul(&weights)?.sum_axes(&[1], false)?;
        Ok((sum, weights.squeeze(2)?))
    }
}
