//! The Transformer: reads a sequence, and writes another one that goes with it, such as a translation.
//!
//! ```text
//! source ─ embedding · √width + waves ─ encoder.layers ─ norm ─ memory [N, S, width]
//!                                                                 │ keys and values
//! target ─ embedding · √width + waves ─ decoder.layers ───────────┴─ norm ─ · target tableᵀ ─ logits [N, T, vocabulary]
//! ```
//!
//! The encoder sees the whole source; the decoder sees the source, and of the target what comes before each place. Where a
//! token stands is said by waves that are added to its vector and have nothing to learn:
//!
//! `p(t, 2i) = sin(t / 10000^(2i / width))`, `p(t, 2i + 1) = cos(t / 10000^(2i / width))`
//!
//! (Vaswani and others, *Attention is all you need*, 2017, sections 3.1 to 3.5.) The names of `encoder` and `decoder` are those
//! of PyTorch's `nn.Transformer`; `source` and `target` are the tables.

mod layers;

pub use layers::{TransformerDecoderLayer, TransformerEncoderLayer};

use gradus_autograd::{Var, no_grad};
use gradus_nn::{Context, Dropout, Embedding, Error, Init, Layer, LayerNorm, Module, Result};
use gradus_nn::{Settings, settings::BadSetting};
use gradus_tensor::{AttentionMask, Float, Rng, Tensor};

use crate::common::{heads_divide, known_tokens};
use crate::generate::{BeamSearch, Hypothesis};
use layers::Common;

/// An encoder and a decoder.
///
/// ```
/// use gradus_models::{Transformer, generate::BeamSearch};
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// let net = Transformer::new(50, 40).width(16).layers(1).heads(2).hidden(32);
/// let net: Transformer = net.init(&mut Rng::new(0))?;
/// let source = Tensor::from_vec(vec![7, 8, 9, 3, 3, 0], [2, 3])?; // the second has two tokens
/// let there = Tensor::from_vec(vec![true, true, true, true, true, false], [2, 3])?;
/// let target = Tensor::from_vec(vec![1, 5, 6, 7, 1, 9, 9, 9], [2, 4])?;
/// let logits = net.forward(&source, Some(&there), &target, &mut Context::eval())?;
/// assert_eq!(logits.shape(), [2, 4, 40]);
///
/// let weights = net.attention(&source, Some(&there), &target, &mut Context::eval())?;
/// assert_eq!(weights.shape(), [2, 4, 3]);
/// let best = net.search(&[7, 8, 9], 1, BeamSearch::new(6).end(2))?; // from token 1 on, up to token 2
/// assert!(best[0].tokens.len() <= 6);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Transformer<T: Float = f32> {
    /// A vector for each token of the source.
    pub source: Embedding<T>,
    /// A vector for each token of the target; the last layer too.
    pub target: Embedding<T>,
    /// Reads.
    pub encoder: TransformerStack<TransformerEncoderLayer<T>, T>,
    /// Writes.
    pub decoder: TransformerStack<TransformerDecoderLayer<T>, T>,
    #[module(skip)]
    dropout: Dropout,
}

/// Layers, and a normalisation at the end.
#[derive(Debug, Clone, Module)]
pub struct TransformerStack<L: Module<T>, T: Float = f32> {
    /// One after the other.
    pub layers: Vec<L>,
    /// At the end.
    pub norm: LayerNorm<T>,
}

/// The settings of a [`Transformer`] that is not built yet; the base model of the paper, if nothing is set.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Transformer, check = TransformerBuilder::heads_divide)]
#[must_use = "a model comes of it by `init`"]
pub struct TransformerBuilder {
    /// How many tokens the language that is read has.
    #[at_least(1)]
    source: usize,
    /// How many tokens the language that is written has.
    #[at_least(1)]
    target: usize,
    /// How many numbers a token has.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(512)]
    width: usize,
    /// How many layers encoder and decoder have each.
    #[at_most(1024)]
    #[default(6)]
    layers: usize,
    /// Into how many heads the attention is cut.
    #[at_least(1)]
    #[default(8)]
    heads: usize,
    /// How many numbers a token has inside the network of a layer.
    #[at_least(1)]
    #[default(2048)]
    hidden: usize,
    /// Whether the normalisation stands in front of each layer, and not behind the sum.
    #[default(true)]
    pre_norm: bool,
    /// What is dropped in training behind the tables, the attention and both halves of a network.
    #[in_unit]
    #[default(0.1)]
    dropout: f64,
}

impl TransformerBuilder {
    fn heads_divide(&self) -> Result<(), BadSetting> {
        heads_divide("Transformer", self.width, self.heads)
    }

    /// Builds the model. Tables start normal with variance `1 / width`, weights uniform by Glorot and Bengio.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, or the heads do not divide the width.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Transformer<T>> {
        let Self { source, target, width, layers, heads, hidden, pre_norm, dropout } =
            self.checked()?;
        let common = Common { width, heads, hidden, pre_norm, dropout: Dropout::new(dropout) };
        let deviation = 1.0 / (width as f64).sqrt();
        let mut table = |words| {
            Embedding::new(words, width).weight_init(Init::Normal(0.0, deviation)).init(rng)
        };
        let (source, target) = (table(source)?, table(target)?);
        let mut encoder = Vec::new();
        let mut decoder = Vec::new();
        for _ in 0..layers {
            encoder.push(TransformerEncoderLayer::new(common, rng)?);
            decoder.push(TransformerDecoderLayer::new(common, rng)?);
        }
        Ok(Transformer {
            source,
            target,
            encoder: TransformerStack { layers: encoder, norm: common.norm()? },
            decoder: TransformerStack { layers: decoder, norm: common.norm()? },
            dropout: common.dropout,
        })
    }
}

impl<T: Float> Transformer<T> {
    /// The logits of the next token at every place of the target, `[N, T, vocabulary]`: for a source `[N, S]`, of which
    /// `there` is false at padding, and the beginning of a target, `[N, T]`. Padding of the target stands behind its
    /// tokens, which do not see it; leave its logits out of the loss.
    ///
    /// # Errors
    /// [`Error::Setting`] if shapes do not fit, or a token is not in its vocabulary.
    pub fn forward(
        &self,
        source: &Tensor<i64>,
        there: Option<&Tensor<bool>>,
        target: &Tensor<i64>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let memory = self.encode(source, there, cx)?;
        self.decode(&memory, there, target, cx)
    }

    /// What the decoder looks at, `[N, S, width]`.
    ///
    /// # Errors
    /// As [`forward`](Transformer::forward).
    pub fn encode(
        &self,
        source: &Tensor<i64>,
        there: Option<&Tensor<bool>>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let mut x = self.embed(&self.source, source, cx)?;
        let mask = keys(there, source.shape())?;
        for layer in &self.encoder.layers {
            x = layer.forward(&x, &mask, cx)?;
        }
        self.encoder.norm.forward(&x, cx)
    }

    /// The logits, from what [`encode`](Transformer::encode) gave.
    ///
    /// # Errors
    /// As [`forward`](Transformer::forward).
    pub fn decode(
        &self,
        memory: &Var<T>,
        there: Option<&Tensor<bool>>,
        target: &Tensor<i64>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let mut x = self.embed(&self.target, target, cx)?;
        if memory.shape().len() != 3 || memory.shape()[0] != x.shape()[0] {
            let got = format!("a memory of shape {:?}", memory.shape());
            let wanted = format!("[{}, source, width], as many as targets", x.shape()[0]);
            return Err(Error::setting("Transformer", got, wanted));
        }
        let mask = keys(there, &memory.shape()[..2])?;
        for layer in &self.decoder.layers {
            x = layer.forward(&x, &AttentionMask::causal(), memory, &mask, cx)?;
        }
        let x = self.decoder.norm.forward(&x, cx)?;
        let table = self.target.weight.var();
        cx.layer(&self.target, x.linear(&table, None), |y| {
            let [words, width] = [0, 1].map(|axis| table.shape()[axis]);
            (format!("Linear({width}, {words})"), y.len() * width)
        })
    }

    /// How much each place of a target looks at each token of the source in the last layer, the mean over the heads, `[N, T,
    /// S]`: which words a word is the translation of. Rows add up to one, and padding has nothing.
    ///
    /// # Errors
    /// As [`forward`](Transformer::forward); also if there is no layer.
    pub fn attention(
        &self,
        source: &Tensor<i64>,
        there: Option<&Tensor<bool>>,
        target: &Tensor<i64>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let Some((last, first)) = self.decoder.layers.split_last() else {
            return Err(Error::setting("Transformer", "no layers", "one or more to look at"));
        };
        let memory = self.encode(source, there, cx)?;
        let (mut x, seen) = (self.embed(&self.target, target, cx)?, AttentionMask::causal());
        let mask = keys(there, source.shape())?;
        for layer in first {
            x = layer.forward(&x, &seen, &memory, &mask, cx)?;
        }
        last.weights(&x, &seen, &memory, &mask, cx)
    }

    /// The likeliest targets of a source, as far as a search finds them, the best first; `start` is the token in front of
    /// every target. The source is read once; the target so far is read again for every token.
    ///
    /// # Errors
    /// As [`forward`](Transformer::forward) and [`BeamSearch::run`].
    pub fn search(
        &self,
        source: &[u32],
        start: u32,
        search: BeamSearch,
    ) -> Result<Vec<Hypothesis>> {
        let cx = &mut Context::eval();
        let row = source.iter().map(|&token| i64::from(token)).collect();
        let row = Tensor::from_vec(row, [1, source.len()])?;
        let memory = no_grad(|| self.encode(&row, None, cx))?;
        let [_, steps, width] = [0, 1, 2].map(|axis| memory.shape()[axis]);
        search.run(|beams| {
            let len = 1 + beams[0].tokens.len();
            let tokens = beams.iter().flat_map(|b| std::iter::once(&start).chain(&b.tokens));
            let tokens = tokens.map(|&token| i64::from(token)).collect();
            let target = Tensor::from_vec(tokens, [beams.len(), len])?;
            let memory = memory.expand([beams.len(), steps, width])?;
            let logits = no_grad(|| self.decode(&memory, None, &target, cx))?;
            let last = logits.value().slice(1, len - 1..)?.to_vec();
            let row = |row: &[T]| row.iter().map(|z| z.to_f64()).collect();
            Ok(last.chunks_exact(last.len() / beams.len()).map(row).collect())
        })
    }

    /// The vectors of tokens, `√width` as large, and the waves of their places.
    fn embed(
        &self,
        table: &Embedding<T>,
        tokens: &Tensor<i64>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let [words, width] = [0, 1].map(|axis| table.weight.shape()[axis]);
        let [_, steps] = known_tokens("Transformer", tokens, words)?;
        let x = table.forward(tokens, cx)?.scale(T::from_f64((width as f64).sqrt()));
        self.dropout.forward(&x.add(&Var::constant(waves(steps, width)?))?, cx)
    }
}

/// `p(t, i)`, of shape `[1, steps, width]`.
fn waves<T: Float>(steps: usize, width: usize) -> Result<Tensor<T>> {
    let value = |at: usize| {
        let (t, i) = (at / width, at % width);
        let angle = t as f64 / 10_000_f64.powf((i - i % 2) as f64 / width as f64);
        T::from_f64(if i % 2 == 0 { angle.sin() } else { angle.cos() })
    };
    Ok(Tensor::from_vec((0..steps * width).map(value).collect(), [1, steps, width])?)
}

/// The mask of a source.
fn keys(there: Option<&Tensor<bool>>, shape: &[usize]) -> Result<AttentionMask> {
    match there {
        None => Ok(AttentionMask::none()),
        Some(there) if there.shape() == shape => Ok(AttentionMask::none().keys(there.clone())),
        Some(there) => {
            let got = format!("a mask {:?}", there.shape());
            Err(Error::setting("Transformer", got, format!("{shape:?}, as the source")))
        }
    }
}
