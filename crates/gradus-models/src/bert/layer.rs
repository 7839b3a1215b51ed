//! A layer of BERT: attention to all tokens, then a network for each, both added and then normalised.

use gradus_autograd::Var;
use gradus_nn::{Context, Dropout, Init, Layer, LayerNorm, Line, Linear, Module, Result};
use gradus_nn::{Visitor, VisitorMut};
use gradus_tensor::{AttentionMask, Float, Rng};

/// Shows the fields of a struct under names of its own: those of `transformers`, which are no names of fields in Rust.
macro_rules! names {
    ($type:ident { $($name:literal: $field:ident),* }) => {
        impl<T: Float> Module<T> for $type<T> {
            fn visit(&self, visitor: &mut Visitor<'_, T>) {
                visitor$(.field($name, &self.$field))*;
            }
            fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
                visitor$(.field($name, &mut self.$field))*;
            }
        }
    };
}
pub(super) use names;

/// `x ← norm(x + attention(x))`, then `x ← norm(x + output(gelu(intermediate(x))))`.
#[derive(Debug, Clone, Module)]
pub struct BertLayer<T: Float = f32> {
    /// Every token looks at every token.
    pub attention: BertAttention<T>,
    /// To the hidden width.
    pub intermediate: BertDense<T>,
    /// And back.
    pub output: BertOutput<T>,
}

/// Attention and what follows it; named `self` and `output`.
#[derive(Debug, Clone)]
pub struct BertAttention<T: Float = f32> {
    /// Queries, keys and values.
    pub inner: BertSelfAttention<T>,
    /// A linear layer, the sum and its normalisation.
    pub output: BertOutput<T>,
}
names! { BertAttention { "self": inner, "output": output } }

/// The layers in front of the attention.
#[derive(Debug, Clone, Module)]
pub struct BertSelfAttention<T: Float = f32> {
    /// What tokens ask.
    pub query: Linear<T>,
    /// What they offer.
    pub key: Linear<T>,
    /// What they say.
    pub value: Linear<T>,
    #[module(skip)]
    heads: usize,
}

/// A linear layer by itself.
#[derive(Debug, Clone, Module)]
pub struct BertDense<T: Float = f32> {
    /// The layer.
    pub dense: Linear<T>,
}

/// `norm(x + dense(y))`; named `dense` and `LayerNorm`.
#[derive(Debug, Clone)]
pub struct BertOutput<T: Float = f32> {
    /// The linear layer.
    pub dense: Linear<T>,
    /// The normalisation.
    pub norm: LayerNorm<T>,
}
names! { BertOutput { "dense": dense, "LayerNorm": norm } }

/// A linear layer with BERT's start values: weights normal with deviation 0.02, biases zero.
pub(super) fn dense<T: Float>(inputs: usize, outputs: usize, rng: &mut Rng) -> Result<Linear<T>> {
    let linear = Linear::new(inputs, outputs).weight_init(Init::Normal(0.0, 0.02));
    linear.bias_init(Init::Constant(0.0)).init(rng)
}

/// BERT's normalisation.
pub(super) fn norm<T: Float>(width: usize) -> Result<LayerNorm<T>> {
    LayerNorm::new([width]).eps(1e-12).init()
}

impl<T: Float> BertLayer<T> {
    pub(super) fn new([width, heads, hidden]: [usize; 3], rng: &mut Rng) -> Result<Self> {
        let mut square = || dense(width, width, rng);
        let (query, key, value, output) = (square()?, square()?, square()?, square()?);
        Ok(Self {
            attention: BertAttention {
                inner: BertSelfAttention { query, key, value, heads },
                output: BertOutput { dense: output, norm: norm(width)? },
            },
            intermediate: BertDense { dense: dense(width, hidden, rng)? },
            output: BertOutput { dense: dense(hidden, width, rng)?, norm: norm(width)? },
        })
    }

    pub(super) fn forward(
        &self,
        x: &Var<T>,
        mask: &AttentionMask,
        dropout: Dropout,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let y = self.attention.inner.forward(x, mask, cx)?;
        let x = self.attention.output.forward(x, &y, dropout, cx)?;
        let y = self.intermediate.dense.forward_gelu(&x, cx)?;
        self.output.forward(&x, &y, dropout, cx)
    }
}

impl<T: Float> BertSelfAttention<T> {
    fn forward(&self, x: &Var<T>, mask: &AttentionMask, cx: &mut Context) -> Result<Var<T>> {
        let [n, t, width] = [0, 1, 2].map(|axis| x.shape()[axis]);
        let mut part = |layer: &Linear<T>| -> Result<Var<T>> {
            let y = layer.forward(x, cx)?.reshape([n, t, self.heads, width / self.heads])?;
            Ok(y.transpose(1, 2)?)
        };
        let (query, key, value) = (part(&self.query)?, part(&self.key)?, part(&self.value)?);
        let y = query.attention(&key, &value, mask.clone())?.transpose(1, 2)?.flatten(2)?;
        cx.record(|| Line {
            layer: format!("Attention({} heads)", self.heads),
            output: y.shape().to_vec(),
            params: Vec::new(),
            multiply_adds: 2 * (y.len() * t) as u64,
        });
        Ok(y)
    }
}

impl<T: Float> BertOutput<T> {
    fn forward(&self, x: &Var<T>, y: &Var<T>, drop: Dropout, cx: &mut Context) -> Result<Var<T>> {
        let y = drop.forward(&self.dense.forward(y, cx)?, cx)?;
        self.norm.forward(&x.add(&y)?, cx)
    }
}
