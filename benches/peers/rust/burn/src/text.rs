//! Networks for sequences of characters in burn.

use burn::nn::{
    Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig, Lstm, LstmConfig,
};
use burn::prelude::*;
use burn::tensor::activation::gelu;
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;

use crate::Net;

const VOCABULARY: usize = 65;

/// Embedding, one LSTM layer, scores of the next character.
#[derive(Module, Debug)]
pub struct CharLstm {
    embedding: Embedding,
    lstm: Lstm,
    head: Linear,
}

impl CharLstm {
    pub fn new(device: &Device) -> Self {
        Self {
            embedding: EmbeddingConfig::new(VOCABULARY, 64).init(device),
            lstm: LstmConfig::new(64, 256, true).init(device),
            head: LinearConfig::new(256, VOCABULARY).init(device),
        }
    }
}

impl Net<Tensor<2, Int>> for CharLstm {
    fn scores(&self, x: Tensor<2, Int>) -> Tensor<2> {
        let (hidden, _) = self.lstm.forward(self.embedding.forward(x), None);
        self.head.forward(hidden).flatten(0, 1)
    }
}

#[derive(Module, Debug)]
struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    project: Linear,
    norm2: LayerNorm,
    up: Linear,
    down: Linear,
}

const WIDTH: usize = 128;
const HEADS: usize = 4;

impl Block {
    fn new(device: &Device) -> Self {
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        Self {
            norm1: LayerNormConfig::new(WIDTH).init(device),
            qkv: linear(WIDTH, 3 * WIDTH),
            project: linear(WIDTH, WIDTH),
            norm2: LayerNormConfig::new(WIDTH).init(device),
            up: linear(WIDTH, 4 * WIDTH),
            down: linear(4 * WIDTH, WIDTH),
        }
    }

    fn attend(&self, x: Tensor<3>) -> Tensor<3> {
        let [b, t, _] = x.dims();
        let qkv = self.qkv.forward(x);
        let part = |i: usize| {
            let part = qkv.clone().narrow(2, i * WIDTH, WIDTH);
            part.reshape([b, t, HEADS, WIDTH / HEADS]).swap_dims(1, 2)
        };
        let causal = AttentionModuleOptions { is_causal: true, ..Default::default() };
        let y = attention(part(0), part(1), part(2), None, None, causal);
        self.project.forward(y.swap_dims(1, 2).reshape([b, t, WIDTH]))
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = x.clone() + self.attend(self.norm1.forward(x));
        x.clone() + self.down.forward(gelu(self.up.forward(self.norm2.forward(x))))
    }
}

/// Four blocks with causal attention, learned positions.
#[derive(Module, Debug)]
pub struct Gpt {
    token: Embedding,
    position: Embedding,
    blocks: Vec<Block>,
    norm: LayerNorm,
    head: Linear,
}

impl Gpt {
    pub fn new(device: &Device) -> Self {
        Self {
            token: EmbeddingConfig::new(VOCABULARY, WIDTH).init(device),
            position: EmbeddingConfig::new(64, WIDTH).init(device),
            blocks: (0..4).map(|_| Block::new(device)).collect(),
            norm: LayerNormConfig::new(WIDTH).init(device),
            head: LinearConfig::new(WIDTH, VOCABULARY).init(device),
        }
    }
}

impl Net<Tensor<2, Int>> for Gpt {
    fn scores(&self, x: Tensor<2, Int>) -> Tensor<2> {
        let positions = Tensor::<1, Int>::arange(0..x.dims()[1] as i64, &x.device());
        let x = self.token.forward(x) + self.position.forward(positions.unsqueeze::<2>());
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        self.head.forward(self.norm.forward(x)).flatten(0, 1)
    }
}
