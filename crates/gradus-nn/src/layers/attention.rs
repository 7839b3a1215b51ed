//! Attention of several heads, with the linear layers before and behind it.
//!
//! `Q, K, V = X W_qᵀ + b_q, X W_kᵀ + b_k, X W_vᵀ + b_v`, cut into heads; attention in each of them
//! ([`gradus_tensor::attention`]); their results side by side, through a last linear layer. (Vaswani
//! et al., *Attention is all you need*, 2017, section 3.2.2.) Names and start values are PyTorch's;
//! samples come first.

use gradus_autograd::{Param, Var};
use gradus_tensor::{AttentionMask, Float, Rng};

use super::{Linear, line};
use crate::settings::BadSetting;
use crate::{Context, Error, Init, Layer, Module, Result, Settings};

/// Attention of several heads. [`GroupedAttention`](super::GroupedAttention) is that of today's language models.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, MultiheadAttention};
/// use gradus_tensor::{AttentionMask, Rng, Tensor};
/// let layer: MultiheadAttention = MultiheadAttention::new(16, 4).init(&mut Rng::new(0))?;
/// let x = Var::constant(Tensor::zeros([2, 5, 16])); // two sequences of five tokens
/// let y = layer.forward(&x, AttentionMask::causal(), &mut Context::eval())?;
/// assert_eq!(y.shape(), [2, 5, 16]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct MultiheadAttention<T: Float = f32> {
    /// `W_q`, `W_k` and `W_v` one below the other, `[3 · width, width]`.
    pub in_proj_weight: Param<T>,
    /// `b_q`, `b_k` and `b_v`, `[3 · width]`.
    pub in_proj_bias: Param<T>,
    /// The last layer.
    pub out_proj: Linear<T>,
    #[module(skip)]
    heads: usize,
}

/// The settings of a [`MultiheadAttention`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = MultiheadAttention, torch = "nn.MultiheadAttention", check = MultiheadAttentionBuilder::divides)]
#[must_use = "a layer comes of it by `init`"]
pub struct MultiheadAttentionBuilder {
    /// How many numbers a token has.
    #[at_least(1)]
    width: usize,
    /// Into how many heads they are cut.
    #[at_least(1)]
    heads: usize,
}

impl MultiheadAttentionBuilder {
    fn divides(&self) -> Result<(), BadSetting> {
        let Self { width, heads } = *self;
        match width.is_multiple_of(heads) {
            true => Ok(()),
            false => {
                let got = format!("width {width} and {heads} heads");
                Err(BadSetting::new("MultiheadAttention", got, "a multiple of the heads"))
            }
        }
    }

    /// Builds the layer. The weights in front start uniform within `±√(6 / (4 · width))`, that of the
    /// last layer within `±1 / √width`, biases at zero.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, or the heads do not divide the width.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<MultiheadAttention<T>> {
        let Self { width, heads } = self.checked()?;
        Ok(MultiheadAttention {
            in_proj_weight: Init::XavierUniform.param(&[width.saturating_mul(3), width], rng)?,
            in_proj_bias: Init::Constant(0.0).param(&[3 * width], rng)?,
            out_proj: Linear::new(width, width).bias_init(Init::Constant(0.0)).init(rng)?,
            heads,
        })
    }
}

impl<T: Float> MultiheadAttention<T> {
    /// A sequence `[N, T, width]` that looks at itself.
    ///
    /// # Errors
    /// If it has another shape, or the mask does not fit.
    pub fn forward(&self, x: &Var<T>, mask: AttentionMask, cx: &mut Context) -> Result<Var<T>> {
        let qkv = x.linear(&self.in_proj_weight.var(), &self.in_proj_bias.var());
        let y = qkv.and_then(|qkv| qkv.self_attention(self.heads, mask));
        let y = cx.at(&self.in_proj_weight, y)?;
        // The projections, then the scores and the weighted sums of values.
        let [n, t] = [y.shape()[0], y.shape()[1]];
        self.record(&y, (3 * x.len() + 2 * n * t * t) * self.width(), cx);
        self.out_proj.forward(&y, cx)
    }

    /// Tokens `[N, Tq, width]` that look at others, of `[N, Tk, width]`, for their `keys` and `values`.
    ///
    /// # Errors
    /// If the shapes do not fit each other, or the mask does not.
    pub fn attend(
        &self,
        queries: &Var<T>,
        keys: &Var<T>,
        values: &Var<T>,
        mask: AttentionMask,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let width = self.width();
        let (weight, bias) = (self.in_proj_weight.var(), self.in_proj_bias.var());
        let part = |x: &Var<T>, i: usize| {
            let rows = i * width..(i + 1) * width;
            let x = x.linear(&weight.slice(0, rows.clone())?, &bias.slice(0, rows)?)?;
            let &[n, t, _] = x.shape() else {
                let wanted = format!("[samples, tokens, {width}]");
                let error = gradus_tensor::Error::shape("MultiheadAttention", x.shape(), wanted);
                return Err(Error::from(error));
            };
            Ok(x.reshape([n, t, self.heads, width / self.heads])?.transpose(1, 2)?)
        };
        let y = part(queries, 0)?.attention(&part(keys, 1)?, &part(values, 2)?, mask)?;
        let y = y.transpose(1, 2)?.flatten(2)?;
        let pairs = queries.shape()[0] * queries.shape()[1] * keys.shape()[1];
        let projected = queries.len() + keys.len() + values.len();
        self.record(&y, (projected + 2 * pairs) * width, cx);
        self.out_proj.forward(&y, cx)
    }

    fn width(&self) -> usize {
        self.in_proj_weight.shape()[1]
    }

    fn record(&self, y: &Var<T>, work: usize, cx: &mut Context) {
        let params = [&self.in_proj_weight, &self.in_proj_bias];
        let name = || format!("MultiheadAttention({}, {})", self.width(), self.heads);
        cx.record(|| line(name(), y.shape(), &params, work));
    }
}
