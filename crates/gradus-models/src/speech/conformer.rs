//! Conformer: attention sees the whole recording, convolutions see what is near.
//!
//! ```text
//! features ─ 3 × 3 at stride 2, twice, relu ─ linear ─ layers ─ linear ─ log softmax
//! layer:  x ← x + ½ ffn1(x);  x ← x + attention(norm(x));  x ← x + conv(x);  x ← norm(x + ½ ffn2(x))
//! ffn:    norm ─ linear ─ silu ─ linear
//! conv:   norm ─ 1 × 1 ─ glu ─ k frames, each channel alone ─ batch norm ─ silu ─ 1 × 1,    glu(a, b) = a σ(b)
//! ```
//!
//! There are no positions: the convolutions tell what comes before what. (Gulati and others, *Conformer:
//! convolution-augmented transformer for speech recognition*, 2020, section 2, which has relative positions besides. A
//! kernel of 31 frames, as theirs; for 144 numbers a frame, 4 heads and 16 layers it is their Conformer S.) Names of the
//! layers are torchaudio's: `conformer_layers.I.ffn1.sequential.0` and so on, besides `subsample.I`, `input`, `fc`.

use gradus_autograd::Var;
use gradus_nn::{BatchNorm1d, Context, Conv1d, Conv2d, Dropout, Layer, LayerNorm, Linear, Module};
use gradus_nn::{MultiheadAttention, Result, Settings, Visitor, VisitorMut, settings::BadSetting};
use gradus_tensor::{Activation, AttentionMask, Float, Rng};

use super::{Spoken, checked, fewer, silenced, there};
use crate::common::heads_divide;

/// A Conformer for CTC.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::Conformer;
/// use gradus_nn::Context;
/// use gradus_tensor::{Rng, Tensor};
///
/// let small = Conformer::new(40, 28).width(8).layers(2).heads(2).hidden(16).kernel(7);
/// let net: Conformer = small.init(&mut Rng::new(0))?;
/// let log_mel = Var::from(Tensor::zeros([2, 50, 40]));
/// let (log_p, frames) = net.forward(&log_mel, Some(&[50, 20]), &mut Context::eval())?;
/// assert_eq!((log_p.shape(), frames), (&[13, 2, 28][..], vec![13, 5]));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Conformer<T: Float = f32> {
    /// Thin the frames out, to a quarter.
    pub subsample: Vec<Conv2d<T>>,
    /// From what they see to the width of the layers.
    pub input: Linear<T>,
    /// The layers.
    pub conformer_layers: Vec<ConformerLayer<T>>,
    /// The classes.
    pub fc: Linear<T>,
    #[module(skip)]
    dropout: Dropout,
    #[module(skip)]
    features: usize,
}

/// One layer of a [`Conformer`].
#[derive(Debug, Clone, Module)]
pub struct ConformerLayer<T: Float = f32> {
    /// Each frame by itself.
    pub ffn1: FeedForward<T>,
    /// In front of the attention.
    pub self_attn_layer_norm: LayerNorm<T>,
    /// Every frame sees every other.
    pub self_attn: MultiheadAttention<T>,
    /// Every frame sees those near it.
    pub conv_module: ConvModule<T>,
    /// Each frame by itself.
    pub ffn2: FeedForward<T>,
    /// At the end.
    pub final_layer_norm: LayerNorm<T>,
    #[module(skip)]
    dropout: Dropout,
}

/// Two linear layers, the first one wider.
#[derive(Debug, Clone)]
pub struct FeedForward<T: Float = f32> {
    /// In front; `sequential.0`.
    pub norm: LayerNorm<T>,
    /// To the hidden width; `sequential.1`.
    pub wide: Linear<T>,
    /// Back; `sequential.4`.
    pub narrow: Linear<T>,
    dropout: Dropout,
}

/// The convolutions of a layer.
#[derive(Debug, Clone)]
pub struct ConvModule<T: Float = f32> {
    /// In front; `layer_norm`.
    pub norm: LayerNorm<T>,
    /// To twice the width; `sequential.0`.
    pub gates: Conv1d<T>,
    /// Each channel alone; `sequential.2`.
    pub depthwise: Conv1d<T>,
    /// Its normalisation; `sequential.3`.
    pub batch_norm: BatchNorm1d<T>,
    /// All channels; `sequential.5`.
    pub pointwise: Conv1d<T>,
    dropout: Dropout,
}

/// The settings of a [`Conformer`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = Conformer, check = ConformerBuilder::fits)]
#[must_use = "a model comes of it by `init`"]
pub struct ConformerBuilder {
    /// How many numbers a frame has.
    #[at_least(1)]
    #[at_most(65536)]
    features: usize,
    /// How many classes there are, the blank among them.
    #[at_least(2)]
    classes: usize,
    /// How many numbers a frame has inside.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(144)]
    width: usize,
    /// How many layers there are.
    #[at_least(1)]
    #[at_most(1024)]
    #[default(4)]
    layers: usize,
    /// How many heads the attention has.
    #[at_least(1)]
    #[default(4)]
    heads: usize,
    /// How wide the layers of each frame by itself are.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(576)]
    hidden: usize,
    /// How many frames the convolutions see: an odd number.
    #[at_least(1)]
    #[at_most(1023)]
    #[default(31)]
    kernel: usize,
    /// What is dropped in training.
    #[in_unit]
    #[default(0.1)]
    dropout: f64,
}

impl ConformerBuilder {
    fn fits(&self) -> Result<(), BadSetting> {
        let Self { width, heads, kernel, .. } = *self;
        heads_divide("Conformer", width, heads)?;
        if kernel % 2 == 0 {
            let got = format!("a kernel of {kernel} frames");
            return Err(BadSetting::new("Conformer", got, "an odd number, with a middle"));
        }
        Ok(())
    }

    /// Builds the model.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) if a setting is outside its domain, the heads do not divide the
    /// width, or the kernel is even.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Conformer<T>> {
        let settings = self.checked()?;
        let Self { features, classes, width, layers, dropout, .. } = settings;
        let thin = |inputs, rng: &mut Rng| {
            let conv = Conv2d::new(inputs, width, 3).stride(2).padding(1);
            conv.activation(Activation::Relu).init(rng)
        };
        let layers = (0..layers).map(|_| settings.layer(rng)).collect::<Result<_>>()?;
        Ok(Conformer {
            subsample: vec![thin(1, rng)?, thin(width, rng)?],
            input: Linear::new(width * features.div_ceil(4), width).init(rng)?,
            conformer_layers: layers,
            fc: Linear::new(width, classes).init(rng)?,
            dropout: Dropout::new(dropout),
            features,
        })
    }

    fn layer<T: Float>(&self, rng: &mut Rng) -> Result<ConformerLayer<T>> {
        let Self { width, heads, hidden, kernel, dropout, .. } = *self;
        let dropout = Dropout::new(dropout);
        let norm = || LayerNorm::new([width]).init();
        let by_itself = |rng: &mut Rng| -> Result<FeedForward<T>> {
            let wide = Linear::new(width, hidden).init(rng)?;
            let narrow = Linear::new(hidden, width).init(rng)?;
            Ok(FeedForward { norm: norm()?, wide, narrow, dropout })
        };
        let near = Conv1d::new(width, width, kernel).padding(kernel / 2).groups(width);
        Ok(ConformerLayer {
            ffn1: by_itself(rng)?,
            self_attn_layer_norm: norm()?,
            self_attn: MultiheadAttention::new(width, heads).init(rng)?,
            conv_module: ConvModule {
                norm: norm()?,
                gates: Conv1d::new(width, 2 * width, 1).init(rng)?,
                depthwise: near.init(rng)?,
                batch_norm: BatchNorm1d::new(width).init()?,
                pointwise: Conv1d::new(width, width, 1).init(rng)?,
                dropout,
            },
            ffn2: by_itself(rng)?,
            final_layer_norm: norm()?,
            dropout,
        })
    }
}

/// Fields under the names that they have in torchaudio.
macro_rules! named {
    ($Struct:ident: $($name:literal $field:ident),*) => {
        impl<T: Float> Module<T> for $Struct<T> {
            fn visit(&self, visitor: &mut Visitor<'_, T>) {
                $(visitor.field($name, &self.$field);)*
            }
            fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
                $(visitor.field($name, &mut self.$field);)*
            }
        }
    };
}
named!(FeedForward: "sequential.0" norm, "sequential.1" wide, "sequential.4" narrow);
named!(ConvModule: "layer_norm" norm, "sequential.0" gates, "sequential.2" depthwise,
    "sequential.3" batch_norm, "sequential.5" pointwise);

impl<T: Float> Layer<T> for FeedForward<T> {
    /// # Errors
    /// If `x` is not of the width.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.wide.forward(&self.norm.forward(x, cx)?, cx)?.silu();
        let x = self.narrow.forward(&self.dropout.forward(&x, cx)?, cx)?;
        self.dropout.forward(&x, cx)
    }
}

impl<T: Float> ConvModule<T> {
    fn forward(&self, x: &Var<T>, lengths: &[usize], cx: &mut Context) -> Result<Var<T>> {
        let x = self.norm.forward(x, cx)?.transpose(1, 2)?;
        let x = self.gates.forward(&x, cx)?;
        let width = x.shape()[1] / 2;
        let gate = x.slice(1, width..)?.sigmoid();
        let x = silenced(&x.slice(1, ..width)?.mul(&gate)?, 2, lengths)?;
        let x = self.batch_norm.forward(&self.depthwise.forward(&x, cx)?, cx)?.silu();
        let x = self.pointwise.forward(&x, cx)?.transpose(1, 2)?;
        self.dropout.forward(&x, cx)
    }
}

impl<T: Float> ConformerLayer<T> {
    fn forward(&self, x: &Var<T>, lengths: &[usize], cx: &mut Context) -> Result<Var<T>> {
        let x = x.add(&self.ffn1.forward(x, cx)?.scale(T::from_f64(0.5)))?;
        let mask = AttentionMask::none().keys(there(lengths, x.shape()[1])?);
        let seen = self.self_attn_layer_norm.forward(&x, cx)?;
        let seen = self.self_attn.forward(&seen, mask, cx)?;
        let x = x.add(&self.dropout.forward(&seen, cx)?)?;
        let x = x.add(&self.conv_module.forward(&x, lengths, cx)?)?;
        let x = x.add(&self.ffn2.forward(&x, cx)?.scale(T::from_f64(0.5)))?;
        self.final_layer_norm.forward(&x, cx)
    }
}

impl<T: Float> Conformer<T> {
    /// The logarithms of the probabilities of the classes, `[T', N, classes]` with `T' = ⌈⌈T / 2⌉ / 2⌉`, and the frames
    /// of each recording among them.
    ///
    /// # Errors
    /// [`Error::Setting`](gradus_nn::Error::Setting) unless the features are `[N, T, features]` and there is a length
    /// from 1 to `T` for each.
    pub fn forward(
        &self,
        features: &Var<T>,
        lengths: Option<&[usize]>,
        cx: &mut Context,
    ) -> Result<Spoken<T>> {
        let mut lengths = checked("Conformer", features, self.features, lengths)?;
        let mut x = features.unsqueeze(1)?;
        for conv in &self.subsample {
            x = conv.forward(&silenced(&x, 2, &lengths)?, cx)?;
            lengths = fewer(&lengths, 2);
        }
        // [N, width, T', bands'] to [N, T', width].
        let x = self.input.forward(&x.transpose(1, 2)?.flatten(2)?, cx)?;
        let mut x = self.dropout.forward(&x, cx)?;
        for layer in &self.conformer_layers {
            x = layer.forward(&x, &lengths, cx)?;
        }
        let x = self.fc.forward(&x, cx)?;
        Ok((x.log_softmax(-1)?.transpose(0, 1)?, lengths))
    }
}
