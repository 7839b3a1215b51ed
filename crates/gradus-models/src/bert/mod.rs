//! BERT: a network that reads a text in both directions, and gives each token a vector that knows the others.
//!
//! ```text
//! tokens ─ word_embeddings ─ + position_embeddings + token_type_embeddings ─ LayerNorm ─ layer.0 ─ layer.1 ─ … ─ [N, T, width]
//! layer:  x ← norm(x + attention(x));  x ← norm(x + dense(gelu(dense(x))))
//! ```
//!
//! Every token looks at every other that is no padding. The sums are normalised behind the addition ("post-norm"), in GPT
//! in front of the layers. A pair of texts is one sequence, whose tokens have the types 0 and 1.
//!
//! | | vocabulary | width | layers | heads | hidden |
//! |---|---|---|---|---|---|
//! | `bert-base-uncased` | 30,522 | 768 | 12 | 12 | 3072 |
//! | `all-MiniLM-L6-v2` | 30,522 | 384 | 6 | 12 | 1536 |
//!
//! (Devlin, Chang, Lee and Toutanova, *BERT: pre-training of deep bidirectional transformers for language understanding*,
//! 2019, section 3; Wang and others, *MiniLM*, 2020.) Names and shapes are those of `transformers.BertModel`; see
//! [`Bert::load`].

mod layer;

pub use layer::{BertAttention, BertDense, BertLayer, BertOutput, BertSelfAttention};

use gradus_autograd::Var;
use gradus_nn::{Context, Dropout, Embedding, Error, Init, Layer, LayerNorm, Module, Result};
use gradus_nn::{Settings, Visitor, VisitorMut, settings::BadSetting};
use gradus_serialize::{LoadReport, StateDict};
use gradus_tensor::{AttentionMask, Float, Rng, Tensor};

use crate::common::{heads_divide, known_tokens};
use layer::{dense, names, norm};

/// A BERT without a head.
///
/// ```
/// use gradus_models::Bert;
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: Bert = Bert::new(100).width(24).layers(2).heads(3).hidden(48).block(16).init(&mut Rng::new(0))?;
/// let tokens = Tensor::from_vec(vec![1, 7, 9, 2, 1, 5, 2, 0], [2, 4])?;
/// let there = Tensor::from_vec([[true; 4], [true, true, true, false]].concat(), [2, 4])?;
/// let states = net.forward(&tokens, Some(&there), None, &mut Context::eval())?;
/// assert_eq!(states.shape(), [2, 4, 24]);
/// assert_eq!(net.sentences(&tokens, Some(&there), &mut Context::eval())?.shape(), [2, 24]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Bert<T: Float = f32> {
    /// Tokens to vectors.
    pub embeddings: BertEmbeddings<T>,
    /// The layers.
    pub encoder: BertEncoder<T>,
    /// `tanh(W x + b)` of the first token, for a head.
    pub pooler: BertDense<T>,
    #[module(skip)]
    dropout: Dropout,
}

/// Tables whose rows are added, and a normalisation, which is named `LayerNorm`.
#[derive(Debug, Clone)]
pub struct BertEmbeddings<T: Float = f32> {
    /// A vector for each token, `[vocabulary, width]`.
    pub word_embeddings: Embedding<T>,
    /// A vector for each place, `[block, width]`.
    pub position_embeddings: Embedding<T>,
    /// A vector for each type, `[types, width]`.
    pub token_type_embeddings: Embedding<T>,
    /// Of the sum.
    pub norm: LayerNorm<T>,
}
names! { BertEmbeddings {
    "word_embeddings": word_embeddings, "position_embeddings": position_embeddings,
    "token_type_embeddings": token_type_embeddings, "LayerNorm": norm
} }

/// The layers.
#[derive(Debug, Clone, Module)]
pub struct BertEncoder<T: Float = f32> {
    /// One after the other.
    pub layer: Vec<BertLayer<T>>,
}

/// The settings of a [`Bert`] that is not built yet; `bert-base-uncased` for `Bert::new(30522)`.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Bert, check = BertBuilder::heads_divide)]
#[must_use = "a model comes of it by `init`"]
pub struct BertBuilder {
    /// How many tokens there are.
    #[at_least(1)]
    vocabulary: usize,
    /// How many tokens a sequence may have.
    #[at_least(1)]
    #[default(512)]
    block: usize,
    /// How many types of tokens there are.
    #[at_least(1)]
    #[default(2)]
    types: usize,
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
    /// How many numbers a token has inside the network of a layer.
    #[at_least(1)]
    #[default(3072)]
    hidden: usize,
    /// What is dropped in training behind the tables and both halves of a layer. (Weights of the attention are not
    /// dropped.)
    #[in_unit]
    #[default(0.1)]
    dropout: f64,
}

impl BertBuilder {
    fn heads_divide(&self) -> Result<(), BadSetting> {
        heads_divide("Bert", self.width, self.heads)
    }

    /// Builds the model. Weights start normal with deviation 0.02.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, or the heads do not divide the width.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Bert<T>> {
        let Self { vocabulary, block, types, width, layers, heads, hidden, dropout } =
            self.checked()?;
        let mut table =
            |rows| Embedding::new(rows, width).weight_init(Init::Normal(0.0, 0.02)).init(rng);
        let embeddings = BertEmbeddings {
            word_embeddings: table(vocabulary)?,
            position_embeddings: table(block)?,
            token_type_embeddings: table(types)?,
            norm: norm(width)?,
        };
        let layer = |_| BertLayer::new([width, heads, hidden], rng);
        let layer = (0..layers).map(layer).collect::<Result<_>>()?;
        let pooler = BertDense { dense: dense(width, width, rng)? };
        let dropout = Dropout::new(dropout);
        Ok(Bert { embeddings, encoder: BertEncoder { layer }, pooler, dropout })
    }
}

impl<T: Float> Bert<T> {
    /// The last state of every token, `[N, T, width]`, for tokens `[N, T]`; `there` is false at padding, `types` says to
    /// which text of a pair a token belongs. Without them there is no padding, and all types are 0.
    ///
    /// # Errors
    /// [`Error::Setting`] if the tokens have another shape, are more than the block, or are not in the vocabulary; also
    /// if `there` or `types` have another shape than the tokens, or a type is unknown.
    pub fn forward(
        &self,
        tokens: &Tensor<i64>,
        there: Option<&Tensor<bool>>,
        types: Option<&Tensor<i64>>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let mut x = self.embed(tokens, types, cx)?;
        let mask = match there {
            Some(there) => {
                same_shape("a mask", there.shape(), tokens.shape())?;
                AttentionMask::none().keys(there.clone())
            }
            None => AttentionMask::none(),
        };
        for layer in &self.encoder.layer {
            x = layer.forward(&x, &mask, self.dropout, cx)?;
        }
        Ok(x)
    }

    /// What a head for whole texts reads, `[N, width]`, of the states that [`forward`](Bert::forward) gave.
    ///
    /// # Errors
    /// If there are no states `[N, T, width]`.
    pub fn pooled(&self, states: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        Ok(self.pooler.dense.forward(&states.index(1, 0)?, cx)?.tanh())
    }

    /// A vector of length 1 for each text, `[N, width]`: the mean of the states of its tokens, padding left out, divided
    /// by its length. Of models that were trained for it, such as `all-MiniLM-L6-v2`, the dot product of two vectors
    /// says how near two texts are in meaning. (Reimers and Gurevych, *Sentence-BERT*, 2019, section 3.)
    ///
    /// # Errors
    /// As [`forward`](Bert::forward).
    pub fn sentences(
        &self,
        tokens: &Tensor<i64>,
        there: Option<&Tensor<bool>>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let states = self.forward(tokens, there, None, cx)?;
        let [n, t] = [0, 1].map(|axis| tokens.shape()[axis]);
        let weights = match there {
            Some(there) => there.cast::<T>().reshape([n, t, 1])?,
            None => Tensor::ones([n, t, 1]),
        };
        // Of a direction the length of the sum does not matter.
        let sum = states.mul(&Var::constant(weights))?.sum_axes(&[1], false)?;
        let length = sum.mul(&sum)?.sum_axes(&[1], true)?.sqrt();
        let least = Var::constant(Tensor::scalar(T::from_f64(1e-9)));
        Ok(sum.div(&length.maximum(&least)?)?)
    }

    /// Loads weights as `transformers` names them, with the prefix `bert.` or without. Heads (`cls.…`) and the numbers of
    /// the places, which stand in old files, are left out.
    ///
    /// ```no_run
    /// use gradus_models::Bert;
    /// use gradus_serialize::safetensors;
    /// use gradus_tensor::Rng;
    ///
    /// let mini = Bert::new(30522).width(384).layers(6).hidden(1536);
    /// let mut net: Bert = mini.init(&mut Rng::new(0))?;
    /// net.load(safetensors::read("model.safetensors")?.tensors)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the weights do not fit; then the model is as it was.
    pub fn load(&mut self, weights: StateDict) -> gradus_serialize::Result<LoadReport> {
        let weights = weights.renamed(|name| {
            let name = name.strip_prefix("bert.").unwrap_or(name);
            let extra = name == "embeddings.position_ids" || name.starts_with("cls.");
            (!extra).then(|| name.to_string())
        })?;
        gradus_serialize::load(self, &weights)
    }

    /// The sum of the tables' rows, normalised.
    fn embed(
        &self,
        tokens: &Tensor<i64>,
        types: Option<&Tensor<i64>>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let BertEmbeddings { word_embeddings, position_embeddings, token_type_embeddings, norm } =
            &self.embeddings;
        let rows = |table: &Embedding<T>| table.weight.shape()[0];
        let [_, steps] = known_tokens("Bert", tokens, rows(word_embeddings))?;
        if steps > rows(position_embeddings) {
            let wanted = format!("at most its block, {}", rows(position_embeddings));
            return Err(Error::setting("Bert", format!("a sequence of {steps} tokens"), wanted));
        }
        let types = match types {
            Some(types) => {
                same_shape("types", types.shape(), tokens.shape())?;
                let count = rows(token_type_embeddings) as i64;
                if let Some(other) = types.to_vec().iter().find(|t| !(0..count).contains(*t)) {
                    let wanted = format!("0 to {}", count - 1);
                    return Err(Error::setting("Bert", format!("type {other}"), wanted));
                }
                types.clone()
            }
            None => Tensor::zeros(tokens.shape()),
        };
        let places = Tensor::from_vec((0..steps as i64).collect(), [1, steps])?;
        let x = word_embeddings.forward(tokens, cx)?;
        let x = x.add(&token_type_embeddings.forward(&types, cx)?)?;
        let x = x.add(&position_embeddings.forward(&places, cx)?)?;
        self.dropout.forward(&norm.forward(&x, cx)?, cx)
    }
}

fn same_shape(what: &str, got: &[usize], wanted: &[usize]) -> Result<()> {
    if got == wanted {
        return Ok(());
    }
    Err(Error::setting("Bert", format!("{what} {got:?}"), format!("{wanted:?}, as the tokens")))
}
