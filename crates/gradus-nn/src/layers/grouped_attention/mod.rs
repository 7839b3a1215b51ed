//! Attention as today's language models have it: heads that share keys, rotary positions, a window, a cache.
//!
//! ```text
//! x ─┬ q_proj ─ H heads ─ turned ─┐
//!    ├ k_proj ─ G heads ─ turned ─┼ attention in scope ─ heads side by side ─ o_proj
//!    └ v_proj ─ G heads ──────────┘
//! ```
//!
//! [`scope`](AttentionScope) has the formula and the sources of shared keys and windows, [`Rotary`] those of the
//! positions. Names and shapes are those of Llama and Mistral in transformers.

mod cache;
mod rotary;
mod scope;
mod windowed;

use gradus_autograd::{Var, no_grad};
use gradus_tensor::{Float, Rng, Tensor};

pub use cache::KeyValueCache;
pub use rotary::Rotary;
pub use scope::AttentionScope;

use super::Linear;
use crate::settings::BadSetting;
use crate::{Context, Error, Init, Layer, Line, Module, Result, Settings};

/// Attention of a sequence to itself, in which several heads of queries share one of keys and values.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, GroupedAttention};
/// use gradus_tensor::{Rng, Tensor};
///
/// // As in Mistral, but smaller.
/// let layer = GroupedAttention::new(32, 8).groups(2).rotary(10_000.0).window(4);
/// let layer: GroupedAttention = layer.init(&mut Rng::new(0))?;
/// assert_eq!(layer.k_proj.weight.shape(), [8, 32]); // two heads of four numbers
/// let x = Var::from(Tensor::zeros([2, 10, 32]));
/// assert_eq!(layer.forward(&x, None, &mut Context::eval())?.shape(), [2, 10, 32]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct GroupedAttention<T: Float = f32> {
    /// Makes the queries, `[width, width]`.
    pub q_proj: Linear<T>,
    /// Makes the keys, `[width / heads · groups, width]`.
    pub k_proj: Linear<T>,
    /// Makes the values, of the same shape.
    pub v_proj: Linear<T>,
    /// The last layer, `[width, width]`.
    pub o_proj: Linear<T>,
    #[module(skip)]
    settings: GroupedAttentionBuilder,
}

/// The settings of a [`GroupedAttention`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(
    of = GroupedAttention,
    torch = "nn.functional.scaled_dot_product_attention",
    check = GroupedAttentionBuilder::divides
)]
#[must_use = "a layer comes of it by `init`"]
pub struct GroupedAttentionBuilder {
    /// How many numbers a token has.
    #[at_least(1)]
    width: usize,
    /// How many heads of queries there are.
    #[at_least(1)]
    heads: usize,
    /// How many heads of keys and values.
    #[at_least(1)]
    #[unset("as many")]
    groups: Option<usize>,
    /// Whether no token sees later ones.
    #[default(true)]
    causal: bool,
    /// Within how many tokens, its own with them, a token sees others.
    #[at_least(1)]
    #[unset("all")]
    window: Option<usize>,
    /// The base of rotary positions.
    #[above(0)]
    #[unset("no positions")]
    rotary: Option<f64>,
    /// Whether queries, keys and values have biases.
    #[default(false)]
    bias: bool,
}

impl GroupedAttentionBuilder {
    fn divides(&self) -> Result<(), BadSetting> {
        let Self { width, heads, .. } = *self;
        let wrong = |got, wanted| Err(BadSetting::new("GroupedAttention", got, wanted));
        if !width.is_multiple_of(heads) {
            return wrong(format!("width {width} and {heads} heads"), "a multiple of the heads");
        }
        let groups = self.groups.unwrap_or(heads);
        if !heads.is_multiple_of(groups) {
            return wrong(format!("{heads} heads in {groups} groups"), "a multiple of the groups");
        }
        if self.rotary.is_some() && !(width / heads).is_multiple_of(2) {
            let got = format!("heads of {} numbers", width / heads);
            return wrong(got, "an even number: rotary positions turn pairs");
        }
        Ok(())
    }

    /// Builds the layer. Weights start uniform within `±√(6 / (in + out))`, biases at zero.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain, the heads do not divide the width or the groups the
    /// heads, or there are rotary positions for heads of an odd size.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<GroupedAttention<T>> {
        let settings = self.checked()?;
        let Self { width, heads, bias, .. } = settings;
        let inner = width / heads * settings.groups.unwrap_or(heads);
        let mut linear = |outputs, bias| {
            let linear = Linear::new(width, outputs).bias(bias).weight_init(Init::XavierUniform);
            linear.bias_init(Init::Constant(0.0)).init(rng)
        };
        Ok(GroupedAttention {
            q_proj: linear(width, bias)?,
            k_proj: linear(inner, bias)?,
            v_proj: linear(inner, bias)?,
            o_proj: linear(width, false)?,
            settings,
        })
    }
}

impl<T: Float> GroupedAttention<T> {
    /// A sequence `[N, T, width]` that looks at itself, but not where `there`, `[N, T]`, is false. With rotary
    /// positions padding may stand in front as well, since only distances count.
    ///
    /// # Errors
    /// If it has another shape, or the mask does not fit.
    pub fn forward(
        &self,
        x: &Var<T>,
        there: Option<&Tensor<bool>>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let [q, k, v] = self.parts(x, 0, cx)?;
        self.attended([&q, &k, &v], there.cloned(), cx)
    }

    /// An empty cache.
    pub fn cache(&self) -> KeyValueCache<T> {
        KeyValueCache::new(self.settings.window)
    }

    /// The same for tokens that follow those in the cache, which are added to it: first for a whole prompt, then for
    /// one token after the other. `there` is `[N, all tokens so far, with the new ones]`. No graph is recorded. The sums run in another order than in
    /// [`forward`](GroupedAttention::forward), so results differ by rounding.
    ///
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_nn::{Context, GroupedAttention};
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// let rng = &mut Rng::new(0);
    /// let layer: GroupedAttention = GroupedAttention::new(8, 4).groups(2).rotary(10_000.0).init(rng)?;
    /// let x = Var::from(Tensor::normal([1, 5, 8], 0.0, 1.0, rng)?);
    /// let (mut cx, mut cache) = (Context::eval(), layer.cache());
    /// layer.forward_cached(&x.slice(1, ..4)?, None, &mut cache, &mut cx)?;
    /// let last = layer.forward_cached(&x.slice(1, 4..)?, None, &mut cache, &mut cx)?;
    /// let all = layer.forward(&x, None, &mut cx)?;
    /// assert!(last.value().sub(&all.value().slice(1, 4..)?)?.abs().max()?.item()? < 1e-5);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the shape does not fit the layer or the cache, the mask does not fit all tokens, or if tokens see later ones, whose keys are not there yet. After an error
    /// the cache is as it was.
    pub fn forward_cached(
        &self,
        x: &Var<T>,
        there: Option<&Tensor<bool>>,
        cache: &mut KeyValueCache<T>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        if !self.settings.causal {
            let got = "a cache for a layer that is not causal";
            return Err(Error::setting("GroupedAttention", got, "one whose tokens see earlier ones alone"));
        }
        no_grad(|| {
            let mut longer = cache.clone();
            let [q, key, value] = self.parts(x, cache.len(), cx)?;
            let [k, v] = cx.at(&self.q_proj.weight, longer.push(&key, &value))?;
            let there = match there {
                Some(there) => Some(of_last(there, [q.shape()[0], longer.len()], k.shape()[2])?),
                None => None,
            };
            let y = self.attended([&q, &k, &v], there, cx)?;
            *cache = longer;
            Ok(y)
        })
    }

    /// Queries, keys and values, each `[N, heads or groups, T, d]`, of tokens of which `before` were read.
    fn parts(&self, x: &Var<T>, before: usize, cx: &mut Context) -> Result<[Var<T>; 3]> {
        let GroupedAttentionBuilder { width, heads, groups, rotary, .. } = self.settings;
        let &[samples, tokens, _] = x.shape() else {
            let wanted = format!("[samples, tokens, {width}]");
            let error = gradus_tensor::Error::shape("GroupedAttention", x.shape(), wanted);
            return cx.at(&self.q_proj.weight, Err(error));
        };
        let mut part = |of: &Linear<T>, heads: usize, turns: bool| {
            let y = of.forward(x, cx)?.reshape([samples, tokens, heads, width / self.settings.heads])?;
            let y = y.transpose(1, 2)?;
            match rotary {
                Some(base) if turns => Rotary::new().base(base).turn(&y, before),
                _ => Ok(y),
            }
        };
        let groups = groups.unwrap_or(heads);
        Ok([
            part(&self.q_proj, heads, true)?,
            part(&self.k_proj, groups, true)?,
            part(&self.v_proj, groups, false)?,
        ])
    }

    /// Attention, and the heads side by side through the last layer.
    fn attended(
        &self,
        [q, k, v]: [&Var<T>; 3],
        there: Option<Tensor<bool>>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let GroupedAttentionBuilder { heads, groups, window, causal, .. } = self.settings;
        let scope = AttentionScope::of(causal, window, there);
        let y = cx.at(&self.q_proj.weight, scope.attend(q, k, v))?;
        let (y, keys) = (y.transpose(1, 2)?.flatten(2)?, k.shape()[2]);
        cx.record(|| Line {
            layer: format!("Attention({heads} heads, {} of keys)", groups.unwrap_or(heads)),
            output: y.shape().to_vec(),
            params: Vec::new(),
            multiply_adds: 2 * (y.len() * window.map_or(keys, |window| window.min(keys))) as u64,
        });
        self.o_proj.forward(&y, cx)
    }
}

/// Of a mask of all tokens so far that of the last ones, whose keys are kept.
fn of_last(there: &Tensor<bool>, all: [usize; 2], keys: usize) -> Result<Tensor<bool>> {
    if there.shape() != all {
        let got = format!("a mask {:?}", there.shape());
        return Err(Error::setting("GroupedAttention", got, format!("{all:?}, for all tokens so far")));
    }
    Ok(there.slice(1, all[1] - keys..)?)
}
