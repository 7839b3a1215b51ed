//! Networks for sequences of letters.

use gradus::nn::Lstm;
use gradus::prelude::*;

use crate::net::{Batch, Net};

/// Letters in the alphabet.
const LETTERS: usize = 65;

/// Random letters, with random letters to be guessed.
pub fn batch(shape: [usize; 2], rng: &mut Rng) -> gradus::Result<Batch<Tensor<i64>>> {
    let mut letters = || {
        Tensor::filled_by(shape, |out| {
            out.iter_mut().for_each(|letter| *letter = rng.below(LETTERS) as i64);
        })
    };
    let inputs = letters();
    let first = inputs.slice(0, ..1)?;
    Ok(Batch { inputs, labels: letters(), first })
}

/// A guess of each next letter by long short-term memory.
#[derive(Module)]
pub struct Reader {
    embedding: Embedding,
    lstm: Lstm,
    head: Linear,
}

impl Reader {
    pub fn new(rng: &mut Rng) -> gradus::Result<Self> {
        Ok(Self {
            embedding: Embedding::new(LETTERS, 64).init(rng)?,
            lstm: Lstm::new(64, 256).batch_first(true).init(rng)?,
            head: Linear::new(256, LETTERS).init(rng)?,
        })
    }
}

impl Net for Reader {
    type Input = Tensor<i64>;

    fn scores(&self, letters: &Tensor<i64>, cx: &mut Context) -> Result<Var> {
        let x = self.embedding.forward(letters, cx)?;
        let (y, _) = self.lstm.forward(&x, None, cx)?;
        self.head.forward(&y, cx)
    }
}
