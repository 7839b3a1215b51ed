//! The layers of an encoder–decoder Transformer.
//!
//! Where the normalisation stands is a choice. Behind the sum, `x ← norm(x + f(x))`, as in the paper ("post-norm"): then
//! what comes from above reaches the lower layers through every normalisation, and training needs a slow start. In front
//! of the layer, `x ← x + f(norm(x))` ("pre-norm"): then the sum is a way through for gradients. (Xiong and others, *On
//! layer normalization in the transformer architecture*, 2020.)

use gradus_autograd::Var;
use gradus_nn::{
    Context, Dropout, Init, Layer, LayerNorm, Linear, Module, MultiheadAttention, Result,
};
use gradus_tensor::{AttentionMask, Float, Rng, Tensor};

/// What all layers of a model have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    pub(super) width: usize,
    pub(super) heads: usize,
    pub(super) hidden: usize,
    pub(super) pre_norm: bool,
    pub(super) dropout: Dropout,
}

/// Attention to all tokens of the source, then a network for each.
#[derive(Debug, Clone, Module)]
pub struct TransformerEncoderLayer<T: Float = f32> {
    /// The source looks at itself.
    pub self_attn: MultiheadAttention<T>,
    /// To the hidden width.
    pub linear1: Linear<T>,
    /// And back.
    pub linear2: Linear<T>,
    /// Of the attention.
    pub norm1: LayerNorm<T>,
    /// Of the network.
    pub norm2: LayerNorm<T>,
    #[module(skip)]
    common: Common,
}

/// Attention to what is written already, then to the source, then a network for each token.
#[derive(Debug, Clone, Module)]
pub struct TransformerDecoderLayer<T: Float = f32> {
    /// The target looks at itself, up to each token's own place.
    pub self_attn: MultiheadAttention<T>,
    /// The target looks at the source.
    pub multihead_attn: MultiheadAttention<T>,
    /// To the hidden width.
    pub linear1: Linear<T>,
    /// And back.
    pub linear2: Linear<T>,
    /// Of the attention to itself.
    pub norm1: LayerNorm<T>,
    /// Of the attention to the source.
    pub norm2: LayerNorm<T>,
    /// Of the network.
    pub norm3: LayerNorm<T>,
    #[module(skip)]
    common: Common,
}

impl Common {
    /// `norm(x + f(x))`, or `x + f(norm(x))`.
    fn around<T: Float>(
        &self,
        x: &Var<T>,
        norm: &LayerNorm<T>,
        cx: &mut Context,
        f: impl FnOnce(&Var<T>, &mut Context) -> Result<Var<T>>,
    ) -> Result<Var<T>> {
        if self.pre_norm {
            let y = f(&norm.forward(x, cx)?, cx)?;
            return Ok(x.add(&self.dropout.forward(&y, cx)?)?);
        }
        let y = f(x, cx)?;
        norm.forward(&x.add(&self.dropout.forward(&y, cx)?)?, cx)
    }

    /// `linear2(relu(linear1(x)))`.
    fn network<T: Float>(
        &self,
        [first, second]: [&Linear<T>; 2],
        x: &Var<T>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let y = first.forward(x, cx)?.relu();
        second.forward(&self.dropout.forward(&y, cx)?, cx)
    }

    fn attention<T: Float>(&self, rng: &mut Rng) -> Result<MultiheadAttention<T>> {
        MultiheadAttention::new(self.width, self.heads).init(rng)
    }

    fn linears<T: Float>(&self, rng: &mut Rng) -> Result<[Linear<T>; 2]> {
        let xavier = |inputs, outputs| {
            let linear = Linear::new(inputs, outputs).weight_init(Init::XavierUniform);
            linear.bias_init(Init::Constant(0.0))
        };
        let first = xavier(self.width, self.hidden).init(rng)?;
        Ok([first, xavier(self.hidden, self.width).init(rng)?])
    }

    pub(super) fn norm<T: Float>(&self) -> Result<LayerNorm<T>> {
        LayerNorm::new([self.width]).init()
    }
}

impl<T: Float> TransformerEncoderLayer<T> {
    pub(super) fn new(common: Common, rng: &mut Rng) -> Result<Self> {
        let [linear1, linear2] = common.linears(rng)?;
        let self_attn = common.attention(rng)?;
        let (norm1, norm2) = (common.norm()?, common.norm()?);
        Ok(Self { self_attn, linear1, linear2, norm1, norm2, common })
    }

    pub(super) fn forward(
        &self,
        x: &Var<T>,
        mask: &AttentionMask,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let common = self.common;
        let attend = |x: &Var<T>, cx: &mut Context| self.self_attn.forward(x, mask.clone(), cx);
        let x = common.around(x, &self.norm1, cx, attend)?;
        let linears = [&self.linear1, &self.linear2];
        common.around(&x, &self.norm2, cx, |x, cx| common.network(linears, x, cx))
    }
}

impl<T: Float> TransformerDecoderLayer<T> {
    pub(super) fn new(common: Common, rng: &mut Rng) -> Result<Self> {
        let [linear1, linear2] = common.linears(rng)?;
        let (self_attn, multihead_attn) = (common.attention(rng)?, common.attention(rng)?);
        let (norm1, norm2, norm3) = (common.norm()?, common.norm()?, common.norm()?);
        Ok(Self { self_attn, multihead_attn, linear1, linear2, norm1, norm2, norm3, common })
    }

    /// `seen` is the mask of the target, `there` that of the source, whose states are `memory`.
    pub(super) fn forward(
        &self,
        x: &Var<T>,
        seen: &AttentionMask,
        memory: &Var<T>,
        there: &AttentionMask,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let common = self.common;
        let attend = |x: &Var<T>, cx: &mut Context| self.self_attn.forward(x, seen.clone(), cx);
        let x = common.around(x, &self.norm1, cx, attend)?;
        let attend = |x: &Var<T>, cx: &mut Context| {
            self.multihead_attn.attend(x, memory, memory, there.clone(), cx)
        };
        let x = common.around(&x, &self.norm2, cx, attend)?;
        let linears = [&self.linear1, &self.linear2];
        common.around(&x, &self.norm3, cx, |x, cx| common.network(linears, x, cx))
    }
}

impl<T: Float> TransformerDecoderLayer<T> {
    /// How much each token of the target looks at each of the source, the mean over the heads, `[N, T, S]`:
    /// `softmax(Q Kᵀ / √d)`, which the attention itself never writes down.
    pub(super) fn weights(
        &self,
        x: &Var<T>,
        seen: &AttentionMask,
        memory: &Var<T>,
        there: &AttentionMask,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let Common { width, heads, pre_norm, .. } = self.common;
        let attend = |x: &Var<T>, cx: &mut Context| self.self_attn.forward(x, seen.clone(), cx);
        let x = self.common.around(x, &self.norm1, cx, attend)?;
        let x = if pre_norm { self.norm2.forward(&x, cx)? } else { x };
        let MultiheadAttention { in_proj_weight, in_proj_bias, .. } = &self.multihead_attn;
        let (weight, bias) = (in_proj_weight.var(), in_proj_bias.var());
        let part = |x: &Var<T>, i: usize| -> Result<Var<T>> {
            let rows = i * width..(i + 1) * width;
            let y = x.linear(&weight.slice(0, rows.clone())?, &bias.slice(0, rows)?)?;
            let [n, t] = [0, 1].map(|axis| y.shape()[axis]);
            Ok(y.reshape([n, t, heads, width / heads])?.transpose(1, 2)?)
        };
        let scale = T::from_f64(1.0 / ((width / heads) as f64).sqrt());
        let mut scores = part(&x, 0)?.matmul(&part(memory, 1)?.transpose(2, 3)?)?.scale(scale);
        let shape = scores.shape().to_vec();
        if let Some(pairs) = there.pairs([shape[2], shape[3]])? {
            let never = Var::constant(Tensor::scalar(T::from_f64(-1e30)));
            scores = Var::choose(&pairs.expand(&shape)?, &scores, &never)?;
        }
        Ok(scores.softmax(3)?.mean_axes(&[1], false)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With one head the attention is the weights times the values, through the last layer.
    #[test]
    fn weights_are_those_of_the_attention() -> Result<()> {
        let rng = &mut Rng::new(2);
        let dropout = Dropout::new(0.0);
        let cx = &mut Context::eval();
        for pre_norm in [true, false] {
            let common = Common { width: 6, heads: 1, hidden: 4, pre_norm, dropout };
            let layer = TransformerDecoderLayer::<f64>::new(common, rng)?;
            let mut some = |t| Tensor::normal([2, t, 6], 0.0, 1.0, rng).map(Var::constant);
            let (x, memory) = (some(3)?, some(4)?);
            let there = [true, true, true, true, true, true, false, false];
            let there = AttentionMask::none().keys(Tensor::from_vec(there.to_vec(), [2, 4])?);
            let weights = layer.weights(&x, &AttentionMask::causal(), &memory, &there, cx)?;

            let own = layer.self_attn.clone();
            let attend =
                |x: &Var<f64>, cx: &mut Context| own.forward(x, AttentionMask::causal(), cx);
            let x = common.around(&x, &layer.norm1, cx, attend)?;
            let x = if pre_norm { layer.norm2.forward(&x, cx)? } else { x };
            let cross = &layer.multihead_attn;
            let wanted = cross.attend(&x, &memory, &memory, there.clone(), cx)?;
            let weight = cross.in_proj_weight.var().slice(0, 12..18)?;
            let values = memory.linear(&weight, &cross.in_proj_bias.var().slice(0, 12..18)?)?;
            let ours = cross.out_proj.forward(&weights.matmul(&values)?, cx)?;
            let gap = ours.sub(&wanted)?.value().abs().max()?.item()?;
            assert!(gap < 1e-12, "{gap}");
            assert_eq!(weights.value().get([1, 0, 3])?, 0.0);
        }
        Ok(())
    }
}
