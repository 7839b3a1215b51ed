//! What classifiers of texts share: tokens become vectors, the vectors of a text features, and those scores.

use gradus_autograd::Var;
use gradus_nn::{Context, Embedding, Module, Result};
use gradus_tensor::{Float, Tensor};

use super::Texts;

/// A network that gives texts of different lengths scores for classes. A network of your own says how it reads and how
/// it classifies; the checks of tokens and lengths, and the ways in, come with it.
///
/// ```
/// use gradus_models::{BagOfEmbeddings, BiLstmAttention, TextClassifier, TextCnn};
/// use gradus_nn::{Context, Result};
/// use gradus_tensor::{Rng, Tensor};
///
/// fn scores(net: &impl TextClassifier) -> Result<Vec<usize>> {
///     let texts = Tensor::from_vec(vec![5, 99, 7, 3, 12, 0], [2, 3])?; // the second has two words
///     Ok(net.forward(&texts, Some(&[3, 2]), &mut Context::eval())?.shape().to_vec())
/// }
///
/// let mut rng = Rng::new(0);
/// assert_eq!(scores(&BagOfEmbeddings::new(100, 2).init(&mut rng)?)?, [2, 2]);
/// assert_eq!(scores(&TextCnn::new(100, 2).channels(4).init(&mut rng)?)?, [2, 2]);
/// assert_eq!(scores(&BiLstmAttention::new(100, 2).hidden(8).init(&mut rng)?)?, [2, 2]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub trait TextClassifier<T: Float = f32>: Module<T> {
    /// What errors call it.
    const NAME: &'static str;

    /// The vectors of the words.
    fn words(&self) -> &Embedding<T>;

    /// The features `[N, …]` of texts whose words are vectors `[N, T, dim]`. They must not depend on what lies behind a
    /// text.
    ///
    /// # Errors
    /// If something in it fails.
    fn read(&self, texts: &Texts, x: &Var<T>, cx: &mut Context) -> Result<Var<T>>;

    /// The scores `[N, classes]` of features.
    ///
    /// # Errors
    /// If these are not its features.
    fn classify(&self, features: &Var<T>, cx: &mut Context) -> Result<Var<T>>;

    /// Scores `[N, classes]` of texts `[N, T]`, of which the first `lengths[i]` tokens of row `i` are text and the
    /// others padding, of any token; `None` if all are text.
    ///
    /// # Errors
    /// If a token is not in the vocabulary, or the lengths do not fit.
    fn forward(
        &self,
        tokens: &Tensor<i64>,
        lengths: Option<&[usize]>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let features = self.features(tokens, lengths, cx)?;
        self.classify(&features, cx)
    }

    /// The scores of texts whose words are vectors already, `[N, T, dim]`: of another table, or those whose part in a
    /// score is asked for, as integrated gradients do.
    ///
    /// # Errors
    /// If the vectors or the lengths do not fit.
    fn forward_vectors(
        &self,
        x: &Var<T>,
        lengths: Option<&[usize]>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let texts = Texts::of_vectors(Self::NAME, x, lengths, self.words())?;
        let features = self.read(&texts, x, cx)?;
        self.classify(&features, cx)
    }

    /// What the last layer reads, for another head on a trained body.
    ///
    /// # Errors
    /// As [`forward`](TextClassifier::forward).
    fn features(
        &self,
        tokens: &Tensor<i64>,
        lengths: Option<&[usize]>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let texts = Texts::of_tokens(Self::NAME, tokens, lengths, self.words())?;
        self.read(&texts, &self.words().forward(tokens, cx)?, cx)
    }
}
