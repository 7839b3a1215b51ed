//! A bag of embeddings: the mean of the vectors of a text's words, whatever their order, and a linear layer.
//!
//! `y = W · (1 / L) Σ E[xₜ] + b` over the `L` words of a text. It trains in seconds, and what is to be better has
//! to beat it. (Joulin, Grave, Bojanowski and Mikolov, *Bag of tricks for efficient text classification*, 2017,
//! section 2.) Names: `embedding`, `fc`.

use gradus_autograd::Var;
use gradus_nn::{Context, Embedding, Layer, Linear, Module, Result, Settings};
use gradus_tensor::{Float, Rng, Tensor};

use super::{TextClassifier, Texts};

/// The mean of the words, classified.
///
/// ```
/// use gradus_models::{BagOfEmbeddings, TextClassifier};
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: BagOfEmbeddings = BagOfEmbeddings::new(100, 2).dim(8).init(&mut Rng::new(0))?;
/// let texts = Tensor::from_vec(vec![5, 99, 7, 3, 12, 0], [2, 3])?; // the second has two words
/// let y = net.forward(&texts, Some(&[3, 2]), &mut Context::eval())?;
/// assert_eq!(y.shape(), [2, 2]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct BagOfEmbeddings<T: Float = f32> {
    /// A vector for each word.
    pub embedding: Embedding<T>,
    /// The classes.
    pub fc: Linear<T>,
}

/// The settings of a [`BagOfEmbeddings`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = BagOfEmbeddings)]
#[must_use = "a model comes of it by `init`"]
pub struct BagOfEmbeddingsBuilder {
    /// How many words there are.
    #[at_least(1)]
    vocabulary: usize,
    /// How many classes there are.
    #[at_least(1)]
    classes: usize,
    /// How many numbers a word has.
    #[at_least(1)]
    #[default(64)]
    dim: usize,
}

impl BagOfEmbeddingsBuilder {
    /// Builds the model.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<BagOfEmbeddings<T>> {
        let Self { vocabulary, classes, dim } = self.checked()?;
        Ok(BagOfEmbeddings {
            embedding: Embedding::new(vocabulary, dim).init(rng)?,
            fc: Linear::new(dim, classes).init(rng)?,
        })
    }
}

impl<T: Float> TextClassifier<T> for BagOfEmbeddings<T> {
    const NAME: &'static str = "BagOfEmbeddings";

    fn words(&self) -> &Embedding<T> {
        &self.embedding
    }

    /// The mean of the words, `[N, dim]`.
    fn read(&self, texts: &Texts, x: &Var<T>, _: &mut Context) -> Result<Var<T>> {
        let sum = texts.within(x)?.sum_axes(&[1], false)?;
        let shares = texts.lengths().iter().map(|&length| T::from_f64(1.0 / length as f64));
        let shares = Tensor::from_vec(shares.collect(), [texts.lengths().len(), 1])?;
        Ok(sum.mul(&Var::constant(shares))?)
    }

    fn classify(&self, features: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        self.fc.forward(features, cx)
    }
}
