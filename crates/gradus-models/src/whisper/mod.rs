//! Whisper: an encoder reads thirty seconds of sound, a decoder writes down what is said in it.
//!
//! ```text
//! log-mel [N, T, bands] ─ conv1, 3 ─ gelu ─ conv2, 3 at stride 2 ─ gelu ─ + places ─ layers ─ layer_norm
//! tokens [N, L] ─ embed_tokens ─ + places ─ layers, which look at the sound ─ layer_norm ─ · embed_tokensᵀ
//! layer:  x ← x + attention(norm(x));  (x ← x + attention to the sound(norm(x));)  x ← x + fc2(gelu(fc1(norm(x))))
//! ```
//!
//! | | width | layers | heads | hidden | parameters |
//! |---|---|---|---|---|---|
//! | `tiny.en` | 384 | 4 + 4 | 6 | 1536 | 37,760,256 |
//! | `base.en` | 512 | 6 + 6 | 8 | 2048 | 72,593,408 |
//! | `small.en` | 768 | 12 + 12 | 12 | 3072 | 241,734,144 |
//!
//! It was trained with 680,000 hours of sound and their subtitles. The frames are those of
//! `gradus_data::audio::LogMel::whisper`, of exactly 30 s, filled up with silence; the tokens are GPT-2's, and some more
//! that say what is to be done. (Radford, Kim, Xu, Brockman, McLeavey and Sutskever, *Robust speech recognition via
//! large-scale weak supervision*, 2022, section 2.2.) Names and shapes are those of `transformers`: `encoder.conv1`,
//! `decoder.layers.I.encoder_attn.q_proj`, …

mod layers;

pub use layers::{WhisperAttention, WhisperDecoderLayer, WhisperEncoderLayer};

use gradus_autograd::{Var, no_grad};
use gradus_nn::{Context, Conv1d, Embedding, Error, Init, Layer, LayerNorm, Module, Result};
use gradus_nn::{KeyValueCache, Settings, settings::BadSetting};
use gradus_serialize::{LoadReport, StateDict};
use gradus_tensor::{Float, Rng, Tensor};

use crate::common::{heads_divide, known_tokens};
use layers::Pair;

/// A Whisper.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::Whisper;
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// // `tiny.en` would be `Whisper::new(51864)`.
/// let small = Whisper::new(50).bands(8).width(12).layers(1).heads(2).hidden(16).frames(20);
/// let net: Whisper = small.init(&mut Rng::new(0))?;
/// let log_mel = Var::from(Tensor::zeros([1, 40, 8]));
/// let tokens = Tensor::from_vec(vec![48, 49, 7], [1, 3])?;
/// assert_eq!(net.forward(&log_mel, &tokens, &mut Context::eval())?.shape(), [1, 3, 50]);
/// // What comes behind the first two, until token 47 or five more.
/// let written = net.transcribe(&log_mel, &[48, 49], 47, 5)?;
/// assert!(written.len() <= 5 && !written.contains(&47));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Whisper<T: Float = f32> {
    /// Reads sound.
    pub encoder: WhisperEncoder<T>,
    /// Writes text.
    pub decoder: WhisperDecoder<T>,
}

/// What reads sound.
#[derive(Debug, Clone, Module)]
pub struct WhisperEncoder<T: Float = f32> {
    /// Three frames.
    pub conv1: Conv1d<T>,
    /// Three frames, every other one.
    pub conv2: Conv1d<T>,
    /// A vector for each place, `[frames, width]`.
    pub embed_positions: Embedding<T>,
    /// The layers.
    pub layers: Vec<WhisperEncoderLayer<T>>,
    /// The normalisation at the end.
    pub layer_norm: LayerNorm<T>,
    #[module(skip)]
    bands: usize,
}

/// What writes text.
#[derive(Debug, Clone, Module)]
pub struct WhisperDecoder<T: Float = f32> {
    /// A vector for each token, `[vocabulary, width]`; the last layer too.
    pub embed_tokens: Embedding<T>,
    /// A vector for each place, `[block, width]`.
    pub embed_positions: Embedding<T>,
    /// The layers.
    pub layers: Vec<WhisperDecoderLayer<T>>,
    /// The normalisation at the end.
    pub layer_norm: LayerNorm<T>,
}

/// The settings of a [`Whisper`] that is not built yet; `tiny.en` for `Whisper::new(51864)`.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Whisper, check = WhisperBuilder::heads_divide)]
#[must_use = "a model comes of it by `init`"]
pub struct WhisperBuilder {
    /// How many tokens there are.
    #[at_least(1)]
    vocabulary: usize,
    /// How many bands a frame of sound has.
    #[at_least(1)]
    #[default(80)]
    bands: usize,
    /// How many numbers a frame or token has inside.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(384)]
    width: usize,
    /// How many layers read, and as many write.
    #[at_least(1)]
    #[at_most(1024)]
    #[default(4)]
    layers: usize,
    /// Into how many heads the attention is cut.
    #[at_least(1)]
    #[default(6)]
    heads: usize,
    /// How wide the layers of each frame or token by itself are.
    #[at_least(1)]
    #[at_most(1048576)]
    #[default(1536)]
    hidden: usize,
    /// How many frames the layers read: half as many as come in.
    #[at_least(1)]
    #[default(1500)]
    frames: usize,
    /// How many tokens a text may have.
    #[at_least(1)]
    #[default(448)]
    block: usize,
}

impl WhisperBuilder {
    fn heads_divide(&self) -> Result<(), BadSetting> {
        heads_divide("Whisper", self.width, self.heads)
    }

    /// Builds the model. Tables start normal with deviation 0.02, all else as the layers do by themselves; to be of
    /// use it needs trained weights.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, or the heads do not divide the width.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Whisper<T>> {
        let Self { vocabulary, bands, width, layers, heads, hidden, frames, block } =
            self.checked()?;
        let sizes = [width, heads, hidden];
        let mut table =
            |rows| Embedding::new(rows, width).weight_init(Init::Normal(0.0, 0.02)).init(rng);
        let (sound, places, words) = (table(frames)?, table(block)?, table(vocabulary)?);
        Ok(Whisper {
            encoder: WhisperEncoder {
                conv1: Conv1d::new(bands, width, 3).padding(1).init(rng)?,
                conv2: Conv1d::new(width, width, 3).stride(2).padding(1).init(rng)?,
                embed_positions: sound,
                layers: (0..layers)
                    .map(|_| WhisperEncoderLayer::new(sizes, rng))
                    .collect::<Result<_>>()?,
                layer_norm: LayerNorm::new([width]).init()?,
                bands,
            },
            decoder: WhisperDecoder {
                embed_tokens: words,
                embed_positions: places,
                layers: (0..layers)
                    .map(|_| WhisperDecoderLayer::new(sizes, rng))
                    .collect::<Result<_>>()?,
                layer_norm: LayerNorm::new([width]).init()?,
            },
        })
    }
}

impl<T: Float> WhisperEncoder<T> {
    /// What is heard, `[N, ⌈T / 2⌉, width]`, in frames `[N, T, bands]`, at most twice as many as there are places.
    ///
    /// # Errors
    /// [`Error::Setting`] if the frames have another shape or are too many.
    pub fn forward(&self, log_mel: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let most = 2 * self.embed_positions.weight.shape()[0];
        match *log_mel.shape() {
            [_, frames, bands] if bands == self.bands && (1..=most).contains(&frames) => {}
            _ => {
                let got = format!("features {:?}", log_mel.shape());
                let wanted = format!("[recordings, 1 to {most} frames, {}]", self.bands);
                return Err(Error::setting("Whisper", got, wanted));
            }
        }
        let x = self.conv1.forward(&log_mel.transpose(1, 2)?, cx)?.gelu();
        let x = self.conv2.forward(&x, cx)?.gelu().transpose(1, 2)?;
        let places = self.embed_positions.weight.var().slice(0, ..x.shape()[1])?;
        let mut x = x.add(&places)?;
        for layer in &self.layers {
            x = layer.forward(&x, cx)?;
        }
        self.layer_norm.forward(&x, cx)
    }
}

/// Keys and values of what is written, for each layer; and how many tokens that is.
struct Past<T: Float> {
    layers: Vec<KeyValueCache<T>>,
    len: usize,
}

impl<T: Float> WhisperDecoder<T> {
    fn past(&self) -> Past<T> {
        Past { layers: vec![KeyValueCache::new(None); self.layers.len()], len: 0 }
    }

    /// Keys and values of the sound, for each layer.
    fn heard(&self, sound: &Var<T>, cx: &mut Context) -> Result<Vec<Pair<T>>> {
        self.layers.iter().map(|layer| layer.encoder_attn.pair(sound, cx)).collect()
    }

    /// Logits of tokens that follow those of the past.
    fn forward(
        &self,
        tokens: &Tensor<i64>,
        past: &mut Past<T>,
        heard: &[Pair<T>],
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let table = &self.embed_tokens.weight;
        let [_, new] = known_tokens("Whisper", tokens, table.shape()[0])?;
        let (start, end) = (past.len, past.len.saturating_add(new));
        let block = self.embed_positions.weight.shape()[0];
        if end > block {
            let got = format!("a text of {end} tokens");
            return Err(Error::setting("Whisper", got, format!("at most its block, {block}")));
        }
        let places = self.embed_positions.weight.var().slice(0, start..end)?;
        let mut x = self.embed_tokens.forward(tokens, cx)?.add(&places)?;
        for ((layer, past), heard) in self.layers.iter().zip(&mut past.layers).zip(heard) {
            x = layer.forward(&x, past, heard, cx)?;
        }
        past.len = end;
        Ok(self.layer_norm.forward(&x, cx)?.linear(&table.var(), None)?)
    }
}

impl<T: Float> Whisper<T> {
    /// The logits of the next token at every place, `[N, L, vocabulary]`, for frames `[N, T, bands]` and tokens
    /// `[N, L]`.
    ///
    /// # Errors
    /// [`Error::Setting`] if frames or tokens have another shape, are too many, or are not in the vocabulary.
    pub fn forward(
        &self,
        log_mel: &Var<T>,
        tokens: &Tensor<i64>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let sound = self.encoder.forward(log_mel, cx)?;
        let heard = self.decoder.heard(&sound, cx)?;
        self.decoder.forward(tokens, &mut self.decoder.past(), &heard, cx)
    }

    /// What is said in one recording `[1, T, bands]`: the likeliest token, again and again, behind a prompt, until `end`
    /// or so many. For the English models the prompt is `[50257, 50362]` (start, no times) and the end 50256.
    ///
    /// # Errors
    /// As [`forward`](Whisper::forward); and if there is no prompt, or more than one recording.
    pub fn transcribe(
        &self,
        log_mel: &Var<T>,
        prompt: &[i64],
        end: i64,
        most: usize,
    ) -> Result<Vec<i64>> {
        if log_mel.rank() != 3 || log_mel.shape()[0] != 1 {
            let got = format!("features {:?}", log_mel.shape());
            return Err(Error::setting("Whisper", got, "one recording [1, frames, bands]"));
        }
        no_grad(|| {
            let cx = &mut Context::eval();
            let heard = self.decoder.heard(&self.encoder.forward(log_mel, cx)?, cx)?;
            let (mut past, mut written) = (self.decoder.past(), Vec::new());
            let block = self.decoder.embed_positions.weight.shape()[0];
            let mut next = Tensor::from_vec(prompt.to_vec(), [1, prompt.len()])?;
            while written.len() < most && past.len + next.len() <= block {
                let logits = self.decoder.forward(&next, &mut past, &heard, cx)?;
                let last = logits.value().slice(1, logits.shape()[1] - 1..)?;
                next = last.argmax(2)?;
                let token = next.item()?;
                if token == end {
                    break;
                }
                written.push(token);
            }
            Ok(written)
        })
    }

    /// Loads weights as `transformers` names them, with the prefix `model.` or without; `proj_out.weight`, which is
    /// `decoder.embed_tokens.weight` once more, is left out.
    ///
    /// # Errors
    /// If the weights do not fit; then the model is as it was.
    pub fn load(&mut self, weights: StateDict) -> gradus_serialize::Result<LoadReport> {
        let weights = weights.renamed(|name| {
            let name = name.strip_prefix("model.").unwrap_or(name);
            (name != "proj_out.weight").then(|| name.to_string())
        })?;
        gradus_serialize::load(self, &weights)
    }
}
