//! Vision Transformer: an image is cut into patches, and the patches are read as words are.
//!
//! ```text
//! image ─ conv_proj, p × p at stride p ─ (H/p · W/p) tokens of `width` numbers
//!       ─ class_token in front ─ + pos_embedding ─ layers ─ ln ─ the class token ─ head
//! layer:  x ← x + attention(ln_1(x));  x ← x + mlp(ln_2(x)),  mlp = linear ─ gelu ─ linear
//! ```
//!
//! | | patch | width | layers | heads | hidden |
//! |---|---|---|---|---|---|
//! | B/16 | 16 | 768 | 12 | 12 | 3072 |
//! | B/32 | 32 | 768 | 12 | 12 | 3072 |
//! | L/16 | 16 | 1024 | 24 | 16 | 4096 |
//!
//! Nothing in it knows that neighbours belong together but the positions that it learns, so it needs many
//! pictures, or weights that have seen them. (Dosovitskiy and others, *An image is worth 16x16 words*, 2021,
//! section 3.1, table 1.) Names and constants (`ε = 10⁻⁶`) are those of torchvision.

use gradus_autograd::{Param, Var};
use gradus_nn::{Context, Conv2d, Dropout, Error, Gelu, Init, Layer, LayerNorm, Linear, Module};
use gradus_nn::{MultiheadAttention, Result, Settings, Visitor, VisitorMut, settings::BadSetting};
use gradus_tensor::{AttentionMask, Float, Rng};

use crate::common::{heads_divide, images};

/// A Vision Transformer.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::VisionTransformer;
/// use gradus_nn::{Context, Layer};
/// use gradus_tensor::{Rng, Tensor};
///
/// // B/16 would be `VisionTransformer::new(224, 1000)`.
/// let small = VisionTransformer::new(32, 10).patch(8).width(48).layers(2).heads(3).hidden(96);
/// let net: VisionTransformer = small.init(&mut Rng::new(0))?;
/// let x = Var::from(Tensor::zeros([2, 3, 32, 32]));
/// assert_eq!(net.forward(&x, &mut Context::eval())?.shape(), [2, 10]);
/// assert_eq!(net.features(&x, &mut Context::eval())?.shape(), [2, 48]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct VisionTransformer<T: Float = f32> {
    /// The token that gathers what the head reads, `[1, 1, width]`.
    pub class_token: Param<T>,
    /// Makes tokens of patches.
    pub conv_proj: Conv2d<T>,
    /// Positions, layers and the last normalisation.
    pub encoder: VitEncoder<T>,
    /// The linear layer at the end.
    pub heads: VitHeads<T>,
    #[module(skip)]
    image: usize,
    #[module(skip)]
    channels: usize,
}

/// The layers of a [`VisionTransformer`].
#[derive(Debug, Clone, Module)]
pub struct VitEncoder<T: Float = f32> {
    /// What is added to each token for its place, `[1, 1 + patches, width]`.
    pub pos_embedding: Param<T>,
    /// The layers.
    pub layers: VitLayers<T>,
    /// The normalisation at the end.
    pub ln: LayerNorm<T>,
    #[module(skip)]
    dropout: Dropout,
}

/// Layers that are called `encoder_layer_0`, `encoder_layer_1`, …
#[derive(Debug, Clone)]
pub struct VitLayers<T: Float = f32>(pub Vec<VitLayer<T>>);

/// Attention between tokens, then a network for each token.
#[derive(Debug, Clone, Module)]
pub struct VitLayer<T: Float = f32> {
    /// Before the attention.
    pub ln_1: LayerNorm<T>,
    /// Every token looks at every token.
    pub self_attention: MultiheadAttention<T>,
    /// Before the network.
    pub ln_2: LayerNorm<T>,
    /// To the hidden width and back.
    pub mlp: (Linear<T>, Gelu, Dropout, Linear<T>),
}

/// What stands behind the encoder.
#[derive(Debug, Clone, Module)]
pub struct VitHeads<T: Float = f32> {
    /// `width` to the classes.
    pub head: Linear<T>,
}

/// The settings of a [`VisionTransformer`] that is not built yet; B/16 if nothing is set.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = VisionTransformer, check = VisionTransformerBuilder::comes_out_even)]
#[must_use = "a model comes of it by `init`"]
pub struct VisionTransformerBuilder {
    /// How many pixels a picture is high and wide.
    #[at_least(1)]
    #[at_most(65536)]
    image: usize,
    /// How many classes there are.
    #[at_least(1)]
    classes: usize,
    /// How many channels a picture has.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(3)]
    channels: usize,
    /// How many pixels a patch is high and wide.
    #[at_least(1)]
    #[at_most(65536)]
    #[default(16)]
    patch: usize,
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
    #[at_most(65536)]
    #[default(3072)]
    hidden: usize,
    /// What is dropped in training: behind the positions, the attention, and both halves of a network.
    #[in_unit]
    #[default(0.0)]
    dropout: f64,
}

impl VisionTransformerBuilder {
    fn comes_out_even(&self) -> Result<(), BadSetting> {
        let Self { image, patch, width, heads, .. } = *self;
        if !image.is_multiple_of(patch) {
            let got = format!("image {image} and patch {patch}");
            return Err(BadSetting::new("VisionTransformer", got, "a multiple of the patch"));
        }
        heads_divide("VisionTransformer", width, heads)?;
        Ok(())
    }

    /// Builds the model. As in torchvision the patches' weight starts normal, cut off, with variance
    /// `1 / fan_in`, positions with deviation 0.02; the head starts at zero.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, the patch does not divide the image or the
    /// heads do not divide the width.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<VisionTransformer<T>> {
        let Self { image, classes, channels, patch, width, layers, heads, hidden, .. } =
            self.checked()?;
        let zero = Init::Constant(0.0);
        let dropout = Dropout::new(self.dropout);
        let narrow = Init::TruncatedNormal(0.0, 1.0 / ((channels * patch * patch) as f64).sqrt());
        let conv_proj = Conv2d::new(channels, width, patch).stride(patch);
        let conv_proj = conv_proj.weight_init(narrow).bias_init(zero).init(rng)?;
        let norm = || LayerNorm::new([width]).eps(1e-6).init();
        let linear = |inputs, outputs, rng: &mut Rng| {
            let linear = Linear::new(inputs, outputs).weight_init(Init::XavierUniform);
            linear.bias_init(Init::Normal(0.0, 1e-6)).init(rng)
        };
        let mut layer = || -> Result<VitLayer<T>> {
            Ok(VitLayer {
                ln_1: norm()?,
                self_attention: MultiheadAttention::new(width, heads).init(rng)?,
                ln_2: norm()?,
                mlp: (linear(width, hidden, rng)?, Gelu, dropout, linear(hidden, width, rng)?),
            })
        };
        let layers = VitLayers((0..layers).map(|_| layer()).collect::<Result<_>>()?);
        let tokens = 1 + (image / patch).pow(2);
        let pos_embedding = Init::Normal(0.0, 0.02).param(&[1, tokens, width], rng)?;
        let head = Linear::new(width, classes).weight_init(zero).bias_init(zero).init(rng)?;
        Ok(VisionTransformer {
            class_token: zero.param(&[1, 1, width], rng)?,
            conv_proj,
            encoder: VitEncoder { pos_embedding, layers, ln: norm()?, dropout },
            heads: VitHeads { head },
            image,
            channels,
        })
    }
}

impl<T: Float> Module<T> for VitLayers<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        for (i, layer) in self.0.iter().enumerate() {
            visitor.field(format_args!("encoder_layer_{i}"), layer);
        }
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        for (i, layer) in self.0.iter_mut().enumerate() {
            visitor.field(format_args!("encoder_layer_{i}"), layer);
        }
    }
}

impl<T: Float> VitEncoder<T> {
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let mut x = self.dropout.forward(&x.add(&self.pos_embedding.var())?, cx)?;
        for layer in &self.layers.0 {
            let y = layer.ln_1.forward(&x, cx)?;
            let y = layer.self_attention.forward(&y, AttentionMask::none(), cx)?;
            x = x.add(&self.dropout.forward(&y, cx)?)?;
            let (first, _, dropout, second) = &layer.mlp;
            let y = first.forward_gelu(&layer.ln_2.forward(&x, cx)?, cx)?;
            let y = second.forward(&dropout.forward(&y, cx)?, cx)?;
            x = x.add(&dropout.forward(&y, cx)?)?;
        }
        self.ln.forward(&x, cx)
    }
}

impl<T: Float> VisionTransformer<T> {
    /// All tokens at the end, `[N, 1 + patches, width]`, that of the class first.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn tokens(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let [samples, _, height, width] = images("VisionTransformer", x, self.channels, 1)?;
        if [height, width] != [self.image; 2] {
            let got = format!("pictures of {height} × {width} pixels");
            let wanted = format!("{0} × {0}, for which it has positions", self.image);
            return Err(Error::setting("VisionTransformer", got, wanted));
        }
        let patches = self.conv_proj.forward(x, cx)?.flatten(2)?.transpose(1, 2)?;
        let token = self.class_token.var();
        let token = token.expand([samples, 1, self.class_token.shape()[2]])?;
        self.encoder.forward(&Var::concat(&[&token, &patches], 1)?, cx)
    }

    /// What the head reads: the class token at the end, `[N, width]`.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn features(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        Ok(self.tokens(x, cx)?.index(1, 0)?)
    }
}

impl<T: Float> Layer<T> for VisionTransformer<T> {
    /// Scores `[N, classes]` of images `[N, channels, image, image]`.
    ///
    /// # Errors
    /// If the images have another shape.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.features(x, cx)?;
        self.heads.head.forward(&x, cx)
    }
}
