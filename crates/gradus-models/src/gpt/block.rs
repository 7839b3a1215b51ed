//! A layer of GPT-2: attention to what came before, then a network for each token.

use gradus_autograd::{Param, Var};
use gradus_nn::{Context, Dropout, Init, KeyValueCache, Layer, LayerNorm, Line, Module, Result};
use gradus_tensor::{AttentionMask, Float, Rng};

/// `y = x W + b` with `W` of shape `[in, out]`: transposed beside a [`Linear`](gradus_nn::Linear) layer, as
/// GPT-2's weights are (its authors called it a convolution of width one).
#[derive(Debug, Clone, Module)]
pub struct Conv1D<T: Float = f32> {
    /// `W`, of shape `[in, out]`.
    pub weight: Param<T>,
    /// `b`, of shape `[out]`.
    pub bias: Param<T>,
}

impl<T: Float> Conv1D<T> {
    fn new(inputs: usize, outputs: usize, deviation: f64, rng: &mut Rng) -> Result<Self> {
        Ok(Self {
            weight: Init::Normal(0.0, deviation).param(&[inputs, outputs], rng)?,
            bias: Init::Constant(0.0).param(&[outputs], rng)?,
        })
    }
}

impl<T: Float> Layer<T> for Conv1D<T> {
    /// # Errors
    /// If the last axis of `x` has not as many elements as the layer has inputs.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let weight = self.weight.var().transpose(0, 1);
        let y = weight.and_then(|weight| x.linear(&weight, &self.bias.var()));
        cx.layer(self, y, |y| {
            let [inputs, outputs] = [0, 1].map(|axis| self.weight.shape()[axis]);
            (format!("Conv1D({inputs}, {outputs})"), y.len() * inputs)
        })
    }
}

/// Attention of several heads to the tokens up to each one's own.
#[derive(Debug, Clone, Module)]
pub struct GptAttention<T: Float = f32> {
    /// Makes queries, keys and values, `[width, 3 · width]`.
    pub c_attn: Conv1D<T>,
    /// The last layer, `[width, width]`.
    pub c_proj: Conv1D<T>,
    #[module(skip)]
    heads: usize,
}

/// The network for each token: `c_proj(gelu(c_fc(x)))`, with the approximate [`GeluTanh`](gradus_nn::GeluTanh).
#[derive(Debug, Clone, Module)]
pub struct GptMlp<T: Float = f32> {
    /// `width` to four times that.
    pub c_fc: Conv1D<T>,
    /// And back.
    pub c_proj: Conv1D<T>,
}

/// `x ← x + attn(ln_1(x))`, then `x ← x + mlp(ln_2(x))`.
#[derive(Debug, Clone, Module)]
pub struct GptBlock<T: Float = f32> {
    /// Before the attention.
    pub ln_1: LayerNorm<T>,
    /// Attention.
    pub attn: GptAttention<T>,
    /// Before the network.
    pub ln_2: LayerNorm<T>,
    /// The network.
    pub mlp: GptMlp<T>,
}

impl<T: Float> GptBlock<T> {
    pub(super) fn new(
        [width, heads]: [usize; 2],
        deviations: [f64; 2],
        rng: &mut Rng,
    ) -> Result<Self> {
        let [inner, last] = deviations;
        Ok(Self {
            ln_1: LayerNorm::new([width]).init()?,
            attn: GptAttention {
                c_attn: Conv1D::new(width, 3 * width, inner, rng)?,
                c_proj: Conv1D::new(width, width, last, rng)?,
                heads,
            },
            ln_2: LayerNorm::new([width]).init()?,
            mlp: GptMlp {
                c_fc: Conv1D::new(width, 4 * width, inner, rng)?,
                c_proj: Conv1D::new(4 * width, width, last, rng)?,
            },
        })
    }

    /// The block's output; with a past, that of new tokens, which are added to it.
    pub(super) fn forward(
        &self,
        x: &Var<T>,
        past: Option<&mut KeyValueCache<T>>,
        dropout: Dropout,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let y = self.attn.forward(&self.ln_1.forward(x, cx)?, past, cx)?;
        let x = x.add(&dropout.forward(&y, cx)?)?;
        let y = self.mlp.c_fc.forward(&self.ln_2.forward(&x, cx)?, cx)?.gelu_tanh();
        let y = self.mlp.c_proj.forward(&y, cx)?;
        Ok(x.add(&dropout.forward(&y, cx)?)?)
    }
}

impl<T: Float> GptAttention<T> {
    fn forward(
        &self,
        x: &Var<T>,
        past: Option<&mut KeyValueCache<T>>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let qkv = self.c_attn.forward(x, cx)?;
        let mask = AttentionMask::causal();
        let [n, t, width] = [0, 1, 2].map(|axis| x.shape()[axis]);
        let Some(past) = past else {
            let y = qkv.self_attention(self.heads, mask)?;
            self.record(&y, t, cx);
            return self.c_proj.forward(&y, cx);
        };
        let qkv = qkv.reshape([n, t, 3, self.heads, width / self.heads])?;
        let part = |i| qkv.index(2, i)?.transpose(1, 2);
        let (query, [key, value]) = (part(0)?, past.push(&part(1)?, &part(2)?)?);
        // The last query sees all keys, so that the mask is right for those of the past as well.
        let y = query.attention(&key, &value, mask)?.transpose(1, 2)?.flatten(2)?;
        self.record(&y, key.shape()[2], cx);
        self.c_proj.forward(&y, cx)
    }

    /// A line of a summary: the scores of so many keys, and the weighted sums of their values.
    fn record(&self, y: &Var<T>, keys: usize, cx: &mut Context) {
        cx.record(|| Line {
            layer: format!("Attention({} heads)", self.heads),
            output: y.shape().to_vec(),
            params: Vec::new(),
            multiply_adds: 2 * (y.len() * keys) as u64,
        });
    }
}
