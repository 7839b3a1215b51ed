//! GPT: a network that says how likely each token is to come next, built as GPT-2 is.
//!
//! ```text
//! tokens ─ wte ─ + wpe of the place ─ h.0 ─ h.1 ─ … ─ ln_f ─ · wteᵀ ─ logits [N, T, vocabulary]
//! h:  x ← x + attn(ln_1(x));  x ← x + mlp(ln_2(x)),  mlp = c_fc ─ gelu ─ c_proj
//! ```
//!
//! Each token looks at itself and at those before it, so that one pass gives a prediction for every place of a
//! sequence. The table of tokens serves twice: a token that is near the last state of a place is likely there.
//!
//! | | width | layers | heads | parameters |
//! |---|---|---|---|---|
//! | `gpt2` | 768 | 12 | 12 | 124,439,808 |
//! | `gpt2-medium` | 1024 | 24 | 16 | 354,823,168 |
//!
//! (Radford, Wu, Child, Luan, Amodei and Sutskever, *Language models are unsupervised multitask learners*, 2019,
//! section 2.3.) Names and shapes are those of `transformers`: `wte`, `wpe`, `h.I.ln_1`, `h.I.attn.c_attn`, …, the
//! transposed weights of [`Conv1D`] too, so that nothing is turned round when they are loaded; see
//! [`Gpt::load`].
//!
//! **With a cache** ([`GptCache`]) keys and values of earlier tokens are kept, and a new token costs one token's
//! work: without one, writing `T` tokens costs `T²` of them.

mod block;
mod write;

pub use block::{Conv1D, GptAttention, GptBlock, GptMlp};

use gradus_autograd::{Var, no_grad};
use gradus_nn::{Context, Dropout, Embedding, Error, Init, Layer, LayerNorm, Module, Result};
use gradus_nn::{KeyValueCache, Settings, settings::BadSetting};
use gradus_serialize::{LoadReport, StateDict};
use gradus_tensor::{Float, Rng, Tensor};

use crate::common::{heads_divide, known_tokens};

/// A GPT.
///
/// ```
/// use gradus_models::Gpt;
/// use gradus_nn::{Context, cross_entropy};
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: Gpt = Gpt::new(65, 64).width(32).layers(2).heads(4).init(&mut Rng::new(0))?;
/// let text = Tensor::from_vec(vec![7, 1, 64, 3, 9, 2, 2, 5], [2, 4])?;
/// let next = Tensor::vector([1, 64, 3, 1, 2, 2, 5, 8]);
/// let logits = net.forward(&text, &mut Context::train(0))?;
/// assert_eq!(logits.shape(), [2, 4, 65]);
/// let loss = cross_entropy(&logits.reshape([8, 65])?, &next)?;
/// assert!(loss.backward()?.len() > 20);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Gpt<T: Float = f32> {
    /// A vector for each token, `[vocabulary, width]`; the last layer too.
    pub wte: Embedding<T>,
    /// A vector for each place, `[block, width]`.
    pub wpe: Embedding<T>,
    /// The layers.
    pub h: Vec<GptBlock<T>>,
    /// The normalisation at the end.
    pub ln_f: LayerNorm<T>,
    #[module(skip)]
    dropout: Dropout,
}

/// The settings of a [`Gpt`] that is not built yet; `gpt2` for `Gpt::new(50257, 1024)`.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Gpt, check = GptBuilder::heads_divide)]
#[must_use = "a model comes of it by `init`"]
pub struct GptBuilder {
    /// How many tokens there are.
    #[at_least(1)]
    vocabulary: usize,
    /// How many tokens a sequence may have.
    #[at_least(1)]
    block: usize,
    /// How many numbers a token has.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(768)]
    width: usize,
    /// How many layers there are.
    #[at_most(1024)]
    #[default(12)]
    layers: usize,
    /// Into how many heads the attention is cut.
    #[at_least(1)]
    #[default(12)]
    heads: usize,
    /// What is dropped in training behind the tables, the attention and the networks. (Weights of the
    /// attention are not dropped, as they are in GPT-2.)
    #[in_unit]
    #[default(0.1)]
    dropout: f64,
}

impl GptBuilder {
    fn heads_divide(&self) -> Result<(), BadSetting> {
        heads_divide("Gpt", self.width, self.heads)
    }

    /// Builds the model. Weights start normal with deviation 0.02; those that are added to the sum,
    /// with `0.02 / √(2 · layers)`, so that it does not grow with the depth.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, or the heads do not divide the width.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Gpt<T>> {
        let Self { vocabulary, block, width, layers, heads, dropout } = self.checked()?;
        let last = 0.02 / ((2 * layers.max(1)) as f64).sqrt();
        let table = |words| Embedding::new(words, width).weight_init(Init::Normal(0.0, 0.02));
        Ok(Gpt {
            wte: table(vocabulary).init(rng)?,
            wpe: table(block).init(rng)?,
            h: (0..layers)
                .map(|_| GptBlock::new([width, heads], [0.02, last], rng))
                .collect::<Result<_>>()?,
            ln_f: LayerNorm::new([width]).init()?,
            dropout: Dropout::new(dropout),
        })
    }
}

/// The keys and values of a sequence so far; see [`Gpt::forward_cached`].
#[derive(Debug, Clone)]
pub struct GptCache<T: Float = f32> {
    layers: Vec<KeyValueCache<T>>,
    samples: usize,
    len: usize,
}

impl<T: Float> GptCache<T> {
    /// How many tokens of each sequence it knows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Other sequences in the place of these: for each, which of the old ones it was. A search that goes on from the
    /// best beginnings takes what is known of them along.
    ///
    /// # Errors
    /// If there is no sequence of such a number; then the cache is as it was.
    pub fn select(&mut self, sequences: &[i64]) -> Result<()> {
        let index = Tensor::vector(sequences);
        let mut layers = self.layers.clone();
        layers.iter_mut().try_for_each(|layer| layer.select(&index))?;
        *self = Self { layers, samples: sequences.len(), len: self.len };
        Ok(())
    }
}

impl<T: Float> Gpt<T> {
    /// The logits of the next token at every place, `[N, T, vocabulary]`, for tokens `[N, T]`.
    ///
    /// # Errors
    /// [`Error::Setting`] if the tokens have another shape, are more than the block, or are not in
    /// the vocabulary.
    pub fn forward(&self, tokens: &Tensor<i64>, cx: &mut Context) -> Result<Var<T>> {
        self.logits(&self.features(tokens, cx)?, cx)
    }

    /// The last state of every place, `[N, T, width]`: what the logits are made of.
    ///
    /// # Errors
    /// As [`forward`](Gpt::forward).
    pub fn features(&self, tokens: &Tensor<i64>, cx: &mut Context) -> Result<Var<T>> {
        let mut x = self.embed(tokens, 0, cx)?;
        for block in &self.h {
            x = block.forward(&x, None, self.dropout, cx)?;
        }
        self.ln_f.forward(&x, cx)
    }

    /// An empty cache.
    pub fn cache(&self) -> GptCache<T> {
        GptCache { layers: vec![KeyValueCache::new(None); self.h.len()], samples: 0, len: 0 }
    }

    /// The logits for tokens that follow those in the cache, which are added to it: first for a whole
    /// prompt, then for one token after the other. No graph is recorded. The sums run in another order than
    /// in [`forward`](Gpt::forward), so results differ by rounding.
    ///
    /// ```
    /// use gradus_models::Gpt;
    /// use gradus_nn::Context;
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// let net: Gpt = Gpt::new(50, 16).width(8).layers(1).heads(2).init(&mut Rng::new(0))?;
    /// let (mut cx, mut cache) = (Context::eval(), net.cache());
    /// let mut next = Tensor::from_vec(vec![3, 14, 15], [1, 3])?;
    /// for _ in 0..5 {
    ///     let logits = net.forward_cached(&next, &mut cache, &mut cx)?;
    ///     let last = logits.value().slice(1, logits.shape()[1] - 1..)?;
    ///     next = last.argmax(2)?.reshape([1, 1])?;
    /// }
    /// assert_eq!(cache.len(), 3 + 4);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`forward`](Gpt::forward), for all tokens together; also if the cache is of another model or of
    /// another number of sequences. After an error the cache is as it was.
    pub fn forward_cached(
        &self,
        tokens: &Tensor<i64>,
        cache: &mut GptCache<T>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        if cache.layers.len() != self.h.len() {
            let got = format!("a cache of {} layers", cache.layers.len());
            return Err(Error::setting("Gpt", got, format!("one of {}", self.h.len())));
        }
        if !cache.is_empty() && tokens.rank() == 2 && tokens.shape()[0] != cache.samples {
            let got = format!("tokens {:?}", tokens.shape());
            let wanted = format!("{} sequences, as in the cache", cache.samples);
            return Err(Error::setting("Gpt", got, wanted));
        }
        no_grad(|| {
            let mut x = self.embed(tokens, cache.len, cx)?;
            let mut layers = cache.layers.clone();
            for (block, past) in self.h.iter().zip(&mut layers) {
                x = block.forward(&x, Some(past), self.dropout, cx)?;
            }
            let logits = self.logits(&self.ln_f.forward(&x, cx)?, cx)?;
            let [samples, new] = [0, 1].map(|axis| tokens.shape()[axis]);
            *cache = GptCache { layers, samples, len: cache.len + new };
            Ok(logits)
        })
    }

    /// Loads GPT-2's weights as `transformers` names them, with the prefix `transformer.` or without. What
    /// stands in old files beside the weights is left out: the masks `attn.bias` and `attn.masked_bias`, and
    /// `lm_head.weight`, which is `wte.weight` once more.
    ///
    /// ```no_run
    /// use gradus_models::Gpt;
    /// use gradus_serialize::safetensors;
    /// use gradus_tensor::Rng;
    ///
    /// let mut net: Gpt = Gpt::new(50257, 1024).init(&mut Rng::new(0))?;
    /// net.load(safetensors::read("gpt2/model.safetensors")?.tensors)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the weights do not fit; then the model is as it was.
    pub fn load(&mut self, weights: StateDict) -> gradus_serialize::Result<LoadReport> {
        let weights = weights.renamed(|name| {
            let name = name.strip_prefix("transformer.").unwrap_or(name);
            let extra = name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias");
            (!extra && name != "lm_head.weight").then(|| name.to_string())
        })?;
        gradus_serialize::load(self, &weights)
    }

    /// The vectors of the tokens, of which `before` are known already, plus those of their places.
    fn embed(&self, tokens: &Tensor<i64>, before: usize, cx: &mut Context) -> Result<Var<T>> {
        let [words, block] = [&self.wte, &self.wpe].map(|table| table.weight.shape()[0]);
        let [_, new] = known_tokens("Gpt", tokens, words)?;
        let len = before.saturating_add(new);
        if len > block {
            let got = format!("a sequence of {len} tokens");
            return Err(Error::setting("Gpt", got, format!("at most its block, {block}")));
        }
        let places = Tensor::from_vec((before as i64..len as i64).collect(), [1, new])?;
        let x = self.wte.forward(tokens, cx)?.add(&self.wpe.forward(&places, cx)?)?;
        self.dropout.forward(&x, cx)
    }

    fn logits(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let table = self.wte.weight.var();
        cx.layer(&self.wte, x.linear(&table, None), |y| {
            let [words, width] = [0, 1].map(|axis| table.shape()[axis]);
            (format!("Linear({width}, {words})"), y.len() * width)
        })
    }
}
