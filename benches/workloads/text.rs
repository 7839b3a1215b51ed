//! Networks for sequences of letters.

use gradus::nn::{Lstm, MultiheadAttention};
use gradus::prelude::*;
use gradus::tensor::AttentionMask;

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

/// A guess of each next letter by attention to those before: four blocks, 128 wide, of four heads.
#[derive(Module)]
pub struct Gpt {
    token: Embedding,
    position: Embedding,
    blocks: Vec<Block>,
    norm: LayerNorm,
    head: Linear,
}

impl Gpt {
    pub fn new(rng: &mut Rng) -> gradus::Result<Self> {
        let width = 128;
        Ok(Self {
            token: Embedding::new(LETTERS, width).init(rng)?,
            position: Embedding::new(64, width).init(rng)?,
            blocks: (0..4).map(|_| Block::new(width, rng)).collect::<gradus::Result<_>>()?,
            norm: LayerNorm::new([width]).init()?,
            head: Linear::new(width, LETTERS).init(rng)?,
        })
    }
}

impl Net for Gpt {
    type Input = Tensor<i64>;

    fn scores(&self, letters: &Tensor<i64>, cx: &mut Context) -> Result<Var> {
        let places = Tensor::arange(letters.shape()[1]);
        let position = self.position.forward(&places, cx)?;
        let mut x = self.token.forward(letters, cx)?.add(&position)?;
        for block in &self.blocks {
            x = block.forward(&x, cx)?;
        }
        self.head.forward(&self.norm.forward(&x, cx)?, cx)
    }
}

#[derive(Module)]
struct Block {
    norm1: LayerNorm,
    attention: MultiheadAttention,
    norm2: LayerNorm,
    up: Linear,
    down: Linear,
}

impl Block {
    fn new(width: usize, rng: &mut Rng) -> gradus::Result<Self> {
        Ok(Self {
            norm1: LayerNorm::new([width]).init()?,
            attention: MultiheadAttention::new(width, 4).init(rng)?,
            norm2: LayerNorm::new([width]).init()?,
            up: Linear::new(width, 4 * width).init(rng)?,
            down: Linear::new(4 * width, width).init(rng)?,
        })
    }

    fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let mask = AttentionMask::causal();
        let y = self.attention.forward(&self.norm1.forward(x, cx)?, mask, cx)?;
        let x = x.add(&y)?;
        let y = self.up.forward_gelu(&self.norm2.forward(&x, cx)?, cx)?;
        Ok(x.add(&self.down.forward(&y, cx)?)?)
    }
}
