//! A table of vectors, one for each word: `y[…, :] = W[x[…], :]`.
//!
//! `x` holds indices of any shape, `W` is `[words, dim]`, `y` is `[…, dim]`. The gradient of a row
//! of the table is the sum of the gradients of all the places where its word stands.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Rng, Tensor};

use crate::{Context, Error, Init, Module, Result, Settings};

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
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Embedding, torch = "nn.Embedding")]
#[must_use = "a layer comes of it by `init`"]
pub struct EmbeddingBuilder {
    /// How many words there are.
    #[at_least(1)]
    words: usize,
    /// How many numbers the vector of a word has.
    #[at_least(1)]
    dim: usize,
    /// What the table starts from.
    #[default(Init::Normal(0.0, 1.0))]
    weight_init: Init,
}

impl EmbeddingBuilder {
    /// Builds the layer.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Embedding<T>> {
        let Self { words, dim, weight_init } = self.checked()?;
        Ok(Embedding { weight: weight_init.param(&[words, dim], rng)? })
    }
}

impl<T: Float> Embedding<T> {
    /// The vectors of the words.
    ///
    /// # Errors
    /// If an index is negative, or not below the number of words.
    pub fn forward(&self, words: &Tensor<i64>, cx: &mut Context) -> Result<Var<T>> {
        let [count, dim] = [0, 1].map(|axis| self.weight.shape()[axis]);
        let look_up = || {
            let mut shape = words.shape().to_vec();
            shape.push(dim);
            self.weight.var().select(0, &words.reshape([words.len()])?)?.reshape(shape)
        };
        let y = look_up().map_err(|error| match error {
            // What it selects from is no affair of whoever looks up words.
            gradus_autograd::Error::Tensor(gradus_tensor::Error::Index { index, .. }) => {
                let wanted = format!("a number from 0 to {}: there are {count} words", count - 1);
                Error::setting("Embedding", format!("word {index}"), wanted)
            }
            other => other.into(),
        });
        cx.layer(self, y, |_| (format!("Embedding({count}, {dim})"), 0))
    }
}
