//! Networks for sequences of characters in candle.

use candle_core::{D, Device, Result, Tensor};
use candle_nn::{
    Embedding, Init, LSTM, Linear, Module, RNN, VarBuilder, embedding, linear, ops, rnn,
};

use crate::Net;

pub const VOCABULARY: usize = 65;
/// Characters of a sequence.
pub const LENGTH: usize = 64;
const WIDTH: usize = 128;
const HEADS: usize = 4;

/// Embedding, one LSTM layer, scores of the next character.
pub struct CharLstm {
    embedding: Embedding,
    lstm: LSTM,
    head: Linear,
}

impl CharLstm {
    pub fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            embedding: embedding(VOCABULARY, 64, vb.pp("embedding"))?,
            lstm: rnn::lstm(64, 256, Default::default(), vb.pp("lstm"))?,
            head: linear(256, VOCABULARY, vb.pp("head"))?,
        })
    }
}

impl Net for CharLstm {
    fn scores(&self, x: &Tensor, _: bool) -> Result<Tensor> {
        let states = self.lstm.seq(&self.embedding.forward(x)?)?;
        self.head.forward(&self.lstm.states_to_tensor(&states)?)?.flatten(0, 1)
    }
}

/// candle's own `LayerNorm` and `softmax_last_dim` have no derivative: training takes the slow ones.
struct LayerNorm {
    scale: Tensor,
    shift: Tensor,
}

impl LayerNorm {
    fn new(vb: VarBuilder<'_>) -> Result<Self> {
        let scale = vb.get_with_hints(WIDTH, "scale", Init::Const(1.0))?;
        Ok(Self { scale, shift: vb.get_with_hints(WIDTH, "shift", Init::Const(0.0))? })
    }

    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let norm = if train { ops::layer_norm_slow } else { ops::layer_norm };
        norm(x, &self.scale, &self.shift, 1e-5)
    }
}

fn softmax(x: &Tensor, train: bool) -> Result<Tensor> {
    if train { ops::softmax(x, D::Minus1) } else { ops::softmax_last_dim(x) }
}

struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    project: Linear,
    norm2: LayerNorm,
    up: Linear,
    down: Linear,
}

impl Block {
    fn new(vb: VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            norm1: LayerNorm::new(vb.pp("norm1"))?,
            qkv: linear(WIDTH, 3 * WIDTH, vb.pp("qkv"))?,
            project: linear(WIDTH, WIDTH, vb.pp("project"))?,
            norm2: LayerNorm::new(vb.pp("norm2"))?,
            up: linear(WIDTH, 4 * WIDTH, vb.pp("up"))?,
            down: linear(4 * WIDTH, WIDTH, vb.pp("down"))?,
        })
    }

    fn attend(&self, x: &Tensor, mask: &Tensor, train: bool) -> Result<Tensor> {
        let (b, t, _) = x.dims3()?;
        let qkv = self.qkv.forward(x)?;
        let part = |i: usize| {
            let part = qkv.narrow(2, i * WIDTH, WIDTH)?.reshape((b, t, HEADS, WIDTH / HEADS))?;
            part.transpose(1, 2)?.contiguous()
        };
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let scores = (q.matmul(&k.t()?)? * ((WIDTH / HEADS) as f64).powf(-0.5))?;
        let y = softmax(&scores.broadcast_add(mask)?, train)?.matmul(&v)?;
        self.project.forward(&y.transpose(1, 2)?.reshape((b, t, WIDTH))?)
    }

    fn forward(&self, x: &Tensor, mask: &Tensor, train: bool) -> Result<Tensor> {
        let x = (x + self.attend(&self.norm1.forward(x, train)?, mask, train)?)?;
        let up = self.up.forward(&self.norm2.forward(&x, train)?)?;
        &x + self.down.forward(&up.gelu_erf()?)?
    }
}

/// Four blocks with causal attention, learned positions.
pub struct Gpt {
    token: Embedding,
    position: Embedding,
    positions: Tensor,
    /// What is added to the scores: minus infinity where a character would look ahead.
    mask: Tensor,
    blocks: Vec<Block>,
    norm: LayerNorm,
    head: Linear,
}

impl Gpt {
    pub fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        let ahead = |at: usize| at % LENGTH > at / LENGTH;
        let mask = (0..LENGTH * LENGTH).map(|at| if ahead(at) { f32::NEG_INFINITY } else { 0.0 });
        let mask: Vec<_> = mask.collect();
        let blocks = (0..4).map(|i| Block::new(vb.pp(format!("block{i}"))));
        Ok(Self {
            token: embedding(VOCABULARY, WIDTH, vb.pp("token"))?,
            position: embedding(LENGTH, WIDTH, vb.pp("position"))?,
            positions: Tensor::arange(0, LENGTH as u32, &Device::Cpu)?,
            mask: Tensor::from_vec(mask, (LENGTH, LENGTH), &Device::Cpu)?,
            blocks: blocks.collect::<Result<_>>()?,
            norm: LayerNorm::new(vb.pp("norm"))?,
            head: linear(WIDTH, VOCABULARY, vb.pp("head"))?,
        })
    }
}

impl Net for Gpt {
    fn scores(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let positions = self.position.forward(&self.positions)?;
        let mut x = self.token.forward(x)?.broadcast_add(&positions)?;
        for block in &self.blocks {
            x = block.forward(&x, &self.mask, train)?;
        }
        self.head.forward(&self.norm.forward(&x, train)?)?.flatten(0, 1)
    }
}
