//! A table of vectors, one for each word: `y[…, :] = W[x[…], :]`.
//!
//! `x` holds indices of any shape, `W` is `[words, dim]`, `y` is `[…, dim]`. The gradient of a row
//! of the table is the sum of the gradients of all the places where its word stands.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Rng, Tensor};

use super::line;
use crate::{Context, Error, Init, Module, Result};

/// A table of vectors, looked up by index.
///
/// ```
/// use gradus_nn::{Context, Embedding};
/// use gradus_tensor::{Rng, Tensor};
/// let table: Embedding = Embedding::new(65, 16).init(&mut Rng::new(0))?;
/// let words = Tensor::from_vec(vec![1, 5, 64, 0, 0, 2], [2, 3])?;
/// assert_eq!(table.forward(&words, &mut Context::eval())?.shape(), [2, 3, 16]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Embedding<T: Float = f32> {
    /// `W`, of shape `[words, dim]`.
    pub weight: Param<T>,
}

/// The settings of an [`Embedding`] that is not built yet.
#[derive(Debug, Clone, Copy)]
#[must_use = "a layer comes of it by `init`"]
pub struct EmbeddingBuilder {
    words: usize,
    dim: usize,
    init: Init,
}

impl Embedding {
    /// A table of `words` vectors of `dim` numbers, to be built with
    /// [`init`](EmbeddingBuilder::init).
    #[expect(clippy::new_ret_no_self, reason = "parameters need random numbers, which init takes")]
    pub fn new(words: usize, dim: usize) -> EmbeddingBuilder {
        EmbeddingBuilder { words, dim, init: Init::Normal(0.0, 1.0) }
    }
}

impl EmbeddingBuilder {
    /// What the table starts from; the standard normal distribution by default.
    pub fn weight_init(self, init: Init) -> Self {
        Self { init, ..self }
    }

    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`] if a size is zero.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Embedding<T>> {
        if self.words == 0 || self.dim == 0 {
            let got = format!("{} words and {} dimensions", self.words, self.dim);
            return Err(Error::setting("Embedding", got, "at least one of each"));
        }
        Ok(Embedding { weight: Param::new(self.init.tensor(&[self.words, self.dim], rng)?) })
    }
}

impl<T: Float> Embedding<T> {
    /// The vectors of the words.
    ///
    /// # Errors
    /// If an index is negative, or not below the number of words.
    pub fn forward(&self, words: &Tensor<i64>, cx: &mut Context) -> Result<Var<T>> {
        let [count, dim] = [0, 1].map(|axis| self.weight.shape()[axis]);
        let mut shape = words.shape().to_vec();
        shape.push(dim);
        let rows = self.weight.var().select(0, &words.reshape([words.len()])?);
        let rows = rows.map_err(|error| match error {
            // What it selects from is no affair of whoever looks up words.
            gradus_autograd::Error::Tensor(gradus_tensor::Error::Index { index, .. }) => {
                let wanted = format!("a number from 0 to {}: there are {count} words", count - 1);
                Error::setting("Embedding", format!("word {index}"), wanted)
            }
            other => other.into(),
        });
        let y = cx.at(&self.weight, rows)?.reshape(shape)?;
        cx.record(|| line(format!("Embedding({count}, {dim})"), y.shape(), &[&self.weight], 0));
        Ok(y)
    }
}
