//! Classifiers of texts: what they share.
//!
//! Tokens are `[N, T]`, and `lengths` says how many of each row are text; what lies behind is padding, of any
//! token. **A text gets the same scores whatever it is padded to**; a test holds each model to it.

mod bag;
mod bilstm;
mod classifier;
mod cnn;

pub use bag::*;
pub use bilstm::*;
pub use classifier::TextClassifier;
pub use cnn::*;

use gradus_autograd::Var;
use gradus_nn::{Embedding, Error, Result};
use gradus_tensor::{Float, Tensor};

use crate::common::known_tokens;

/// A batch of texts: which of the words are there.
#[derive(Debug, Clone)]
pub struct Texts {
    steps: usize,
    lengths: Vec<usize>,
}

impl Texts {
    /// Checks tokens and lengths; without lengths all rows are text to their end.
    fn of_tokens(
        model: &str,
        tokens: &Tensor<i64>,
        lengths: Option<&[usize]>,
        words: &Embedding<impl Float>,
    ) -> Result<Self> {
        Self::of(model, known_tokens(model, tokens, words.weight.shape()[0])?, lengths)
    }

    /// The same for vectors `[N, T, dim]`.
    fn of_vectors<T: Float>(
        model: &str,
        x: &Var<T>,
        lengths: Option<&[usize]>,
        words: &Embedding<T>,
    ) -> Result<Self> {
        let dim = words.weight.shape()[1];
        match *x.shape() {
            [samples, steps, numbers] if steps > 0 && numbers == dim => {
                Self::of(model, [samples, steps], lengths)
            }
            _ => {
                let wanted = format!("[texts, words, {dim}], one word or more");
                Err(Error::setting(model, format!("vectors {:?}", x.shape()), wanted))
            }
        }
    }

    fn of(model: &str, [samples, steps]: [usize; 2], lengths: Option<&[usize]>) -> Result<Self> {
        let lengths = lengths.map_or(vec![steps; samples], <[usize]>::to_vec);
        if lengths.len() != samples {
            let got = format!("{} lengths", lengths.len());
            return Err(Error::setting(model, got, format!("one for each of {samples} texts")));
        }
        match lengths.iter().position(|length| !(1..=steps).contains(length)) {
            Some(i) => {
                let got = format!("length {} of text {i}", lengths[i]);
                Err(Error::setting(model, got, format!("1 to {steps}")))
            }
            None => Ok(Self { steps, lengths }),
        }
    }

    /// How many words each has.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Where there is text, `[N, T, 1]`.
    ///
    /// # Errors
    /// None that a batch which was checked can have.
    pub fn there(&self) -> Result<Tensor<bool>> {
        let row = |&length: &usize| (0..self.steps).map(move |step| step < length);
        let there = self.lengths.iter().flat_map(row).collect();
        Ok(Tensor::from_vec(there, [self.lengths.len(), self.steps, 1])?)
    }

    /// Vectors `[N, T, dim]` with zeros behind each text.
    ///
    /// # Errors
    /// If they are of another batch.
    pub fn within<T: Float>(&self, x: &Var<T>) -> Result<Var<T>> {
        filled(&self.there()?, x, 0.0)
    }
}

/// `x` where there is text, and a number elsewhere.
fn filled<T: Float>(there: &Tensor<bool>, x: &Var<T>, number: f64) -> Result<Var<T>> {
    let number = Var::constant(Tensor::scalar(T::from_f64(number)));
    Ok(Var::choose(there, x, &number)?)
}
