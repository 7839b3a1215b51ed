//! The layers of [`Whisper`](super::Whisper): attention with keys and values that are kept, and the two kinds of layers.

use gradus_autograd::Var;
use gradus_nn::{Context, KeyValueCache, Layer, LayerNorm, Linear, Module, Result};
use gradus_tensor::{AttentionMask, Float, Rng};

/// Attention of several heads, with a linear layer for each of its parts. That of the keys has no bias: it would add
/// the same to all scores of a query, which softmax does not see.
#[derive(Debug, Clone, Module)]
pub struct WhisperAttention<T: Float = f32> {
    /// Makes queries.
    pub q_proj: Linear<T>,
    /// Makes keys.
    pub k_proj: Linear<T>,
    /// Makes values.
    pub v_proj: Linear<T>,
    /// Behind the attention.
    pub out_proj: Linear<T>,
    #[module(skip)]
    heads: usize,
}

/// Keys and values, each `[N, heads, T, d]`.
pub(super) type Pair<T> = [Var<T>; 2];

impl<T: Float> WhisperAttention<T> {
    fn new(width: usize, heads: usize, rng: &mut Rng) -> Result<Self> {
        let linear = |bias, rng: &mut Rng| Linear::new(width, width).bias(bias).init(rng);
        Ok(Self {
            q_proj: linear(true, rng)?,
            k_proj: linear(false, rng)?,
            v_proj: linear(true, rng)?,
            out_proj: linear(true, rng)?,
            heads,
        })
    }

    /// `[N, T, width]` as `[N, heads, T, d]`.
    fn split(&self, x: &Var<T>) -> Result<Var<T>> {
        let [n, t, width] = [0, 1, 2].map(|axis| x.shape()[axis]);
        Ok(x.reshape([n, t, self.heads, width / self.heads])?.transpose(1, 2)?)
    }

    /// Keys and values of a sequence.
    pub(super) fn pair(&self, x: &Var<T>, cx: &mut Context) -> Result<Pair<T>> {
        let keys = self.split(&self.k_proj.forward(x, cx)?)?;
        Ok([keys, self.split(&self.v_proj.forward(x, cx)?)?])
    }

    /// What each of `x` finds among keys and values.
    pub(super) fn look(
        &self,
        x: &Var<T>,
        [keys, values]: &Pair<T>,
        mask: AttentionMask,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let queries = self.split(&self.q_proj.forward(x, cx)?)?;
        let y = queries.attention(keys, values, mask)?.transpose(1, 2)?.flatten(2)?;
        self.out_proj.forward(&y, cx)
    }
}

/// A layer that reads sound: each frame looks at all.
#[derive(Debug, Clone, Module)]
pub struct WhisperEncoderLayer<T: Float = f32> {
    /// The attention.
    pub self_attn: WhisperAttention<T>,
    /// In front of it.
    pub self_attn_layer_norm: LayerNorm<T>,
    /// To the hidden width.
    pub fc1: Linear<T>,
    /// Back.
    pub fc2: Linear<T>,
    /// In front of them.
    pub final_layer_norm: LayerNorm<T>,
}

/// A layer that writes text: each token looks at those before it, and at the sound.
#[derive(Debug, Clone, Module)]
pub struct WhisperDecoderLayer<T: Float = f32> {
    /// Attention to the text.
    pub self_attn: WhisperAttention<T>,
    /// In front of it.
    pub self_attn_layer_norm: LayerNorm<T>,
    /// Attention to the sound.
    pub encoder_attn: WhisperAttention<T>,
    /// In front of it.
    pub encoder_attn_layer_norm: LayerNorm<T>,
    /// To the hidden width.
    pub fc1: Linear<T>,
    /// Back.
    pub fc2: Linear<T>,
    /// In front of them.
    pub final_layer_norm: LayerNorm<T>,
}

/// `fc2(gelu(fc1(x)))`.
fn wide<T: Float>(
    fc1: &Linear<T>,
    fc2: &Linear<T>,
    x: &Var<T>,
    cx: &mut Context,
) -> Result<Var<T>> {
    fc2.forward(&fc1.forward(x, cx)?.gelu(), cx)
}

impl<T: Float> WhisperEncoderLayer<T> {
    pub(super) fn new([width, heads, hidden]: [usize; 3], rng: &mut Rng) -> Result<Self> {
        Ok(Self {
            self_attn: WhisperAttention::new(width, heads, rng)?,
            self_attn_layer_norm: LayerNorm::new([width]).init()?,
            fc1: Linear::new(width, hidden).init(rng)?,
            fc2: Linear::new(hidden, width).init(rng)?,
            final_layer_norm: LayerNorm::new([width]).init()?,
        })
    }

    pub(super) fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let seen = self.self_attn_layer_norm.forward(x, cx)?;
        let pair = self.self_attn.pair(&seen, cx)?;
        let x = x.add(&self.self_attn.look(&seen, &pair, AttentionMask::none(), cx)?)?;
        let seen = self.final_layer_norm.forward(&x, cx)?;
        Ok(x.add(&wide(&self.fc1, &self.fc2, &seen, cx)?)?)
    }
}

impl<T: Float> WhisperDecoderLayer<T> {
    pub(super) fn new([width, heads, hidden]: [usize; 3], rng: &mut Rng) -> Result<Self> {
        Ok(Self {
            self_attn: WhisperAttention::new(width, heads, rng)?,
            self_attn_layer_norm: LayerNorm::new([width]).init()?,
            encoder_attn: WhisperAttention::new(width, heads, rng)?,
            encoder_attn_layer_norm: LayerNorm::new([width]).init()?,
            fc1: Linear::new(width, hidden).init(rng)?,
            fc2: Linear::new(hidden, width).init(rng)?,
            final_layer_norm: LayerNorm::new([width]).init()?,
        })
    }

    /// New tokens, with the keys and values of those before them, to which they are added, and of the sound.
    pub(super) fn forward(
        &self,
        x: &Var<T>,
        past: &mut KeyValueCache<T>,
        sound: &Pair<T>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let seen = self.self_attn_layer_norm.forward(x, cx)?;
        let [keys, values] = self.self_attn.pair(&seen, cx)?;
        let pair = past.push(&keys, &values)?;
        // The last query sees all keys, so that the mask is right for those of the past as well.
        let x = x.add(&self.self_attn.look(&seen, &pair, AttentionMask::causal(), cx)?)?;
        let seen = self.encoder_attn_layer_norm.forward(&x, cx)?;
        let x = x.add(&self.encoder_attn.look(&seen, sound, AttentionMask::none(), cx)?)?;
        let seen = self.final_layer_norm.forward(&x, cx)?;
        Ok(x.add(&wide(&self.fc1, &self.fc2, &seen, cx)?)?)
    }
}
