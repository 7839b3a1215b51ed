//! Which keys a query sees, and attention of several heads that share keys.
//!
//! With `H` heads of queries and `G` of keys and values, head `h` reads keys and values `g = ⌊h G / H⌋`:
//!
//! ```text
//! O_h = softmax(Q_h K_gᵀ / √d) V_g        over the keys j that query i sees
//! ```
//!
//! * `G = H` is attention as it was, `G = 1` has one head of keys for all, and between them each group of `H / G`
//!   heads shares one. What must be kept of the tokens so far shrinks by `H / G`. (Shazeer, *Fast transformer
//!   decoding: one write-head is all you need*, 2019; Ainslie and others, *GQA: training generalized multi-query
//!   transformer models from multi-head checkpoints*, 2023, section 2.2.)
//! * In a window of `w` tokens query `i` sees the keys `i - w < j ≤ i`, or `|i - j| < w` where it may look ahead:
//!   its own and `w - 1` on each side. Layers above each other still see further, `w - 1` more for each. (Beltagy,
//!   Peters and Cohan, *Longformer: the long-document transformer*, 2020, section 3.1; Jiang and others, *Mistral
//!   7B*, 2023, section 2.)
//!
//! Without a window this is the fused operation, which makes no matrix of scores. With one, queries are cut into
//! pieces, each of which looks at the keys of its window alone: `w` plus a piece for each query, not all of them.

use gradus_autograd::Var;
use gradus_tensor::{AttentionMask, Float, Tensor};

use super::windowed::Windowed;
use crate::{Error, Result};

/// Which keys a query sees: by default all.
///
/// The last query belongs to the last key; so does each one before it, to the key as far from the end. Hence
/// there may be more keys than queries, those of tokens that were read before. A query that sees no key gets zeros.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::AttentionScope;
/// use gradus_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::new(0);
/// let mut part = |heads| Tensor::normal([2, heads, 100, 16], 0.0, 1.0, &mut rng).map(Var::<f32>::from);
/// let (q, k, v) = (part(8)?, part(2)?, part(2)?); // four heads of queries for each of keys
/// let scope = AttentionScope::causal().window(10);
/// assert_eq!(scope.attend(&q, &k, &v)?.shape(), [2, 8, 100, 16]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct AttentionScope {
    causal: bool,
    window: Option<usize>,
    keys: Option<Tensor<bool>>,
}

impl AttentionScope {
    /// Every query sees every key.
    pub fn all() -> Self {
        Self::default()
    }

    /// No query sees keys of later tokens.
    pub fn causal() -> Self {
        Self { causal: true, ..Self::default() }
    }

    /// Nor any that are `tokens` or more away.
    #[must_use]
    pub fn window(self, tokens: usize) -> Self {
        Self { window: Some(tokens), ..self }
    }

    /// Nor those where this `[N, Tk]` is false: padding. Keys and values may hold anything there.
    #[must_use]
    pub fn keys(self, there: Tensor<bool>) -> Self {
        Self { keys: Some(there), ..self }
    }

    pub(super) fn of(causal: bool, window: Option<usize>, keys: Option<Tensor<bool>>) -> Self {
        Self { causal, window, keys }
    }

    /// For each query, `[N, H, Tq, d]`, a mean of the values, `[N, G, Tk, e]`, weighted by how well it fits the
    /// keys, `[N, G, Tk, d]`: `[N, H, Tq, e]`. `G` divides `H`.
    ///
    /// # Errors
    /// If the shapes do not fit each other, the mask of the keys does not fit them, or the window is empty.
    pub fn attend<T: Float>(&self, q: &Var<T>, k: &Var<T>, v: &Var<T>) -> Result<Var<T>> {
        let sizes = Sizes::of([q, k, v])?;
        let Sizes { samples, groups, shared, queries, keys, .. } = sizes;
        if let Some(there) = &self.keys
            && there.shape() != [samples, keys]
        {
            return Err(refused(there.shape(), format!("a mask of the keys [{samples}, {keys}]")));
        }
        match self.window {
            Some(0) => Err(Error::setting("AttentionScope", "window 0", "at least 1")),
            // Where more queries than keys may look ahead, the first is farther from the last key.
            Some(window) if queries > 0 && window < keys.max(queries) => {
                Windowed { causal: self.causal, window, sizes }.attend([q, k, v], self.keys.as_ref())
            }
            _ if shared == 1 => Ok(q.attention(k, v, self.mask(self.causal))?),
            // The heads of a group are more queries of the same keys, if time does not tell them apart.
            _ if queries == 1 || !self.causal => {
                let together = q.reshape([samples, groups, shared * queries, sizes.numbers])?;
                let y = together.attention(k, v, self.mask(false))?;
                Ok(y.reshape([samples, groups * shared, queries, sizes.outputs])?)
            }
            _ => {
                let repeated = |x: &Var<T>, numbers| {
                    let x = x.unsqueeze(2)?.expand([samples, groups, shared, keys, numbers])?;
                    x.reshape([samples, groups * shared, keys, numbers])
                };
                let (k, v) = (repeated(k, sizes.numbers)?, repeated(v, sizes.outputs)?);
                Ok(q.attention(&k, &v, self.mask(true))?)
            }
        }
    }

    /// The same for the fused operation, which knows no windows.
    fn mask(&self, causal: bool) -> AttentionMask {
        let mask = if causal { AttentionMask::causal() } else { AttentionMask::none() };
        match &self.keys {
            Some(there) => mask.keys(there.clone()),
            None => mask,
        }
    }
}

/// The sizes of queries, keys and values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) samples: usize,
    pub(super) groups: usize,
    /// How many heads of queries share one of keys.
    pub(super) shared: usize,
    pub(super) queries: usize,
    pub(super) keys: usize,
    /// Of a query and a key.
    pub(super) numbers: usize,
    /// Of a value.
    pub(super) outputs: usize,
}

impl Sizes {
    fn of<T: Float>([q, k, v]: [&Var<T>; 3]) -> Result<Self> {
        let &[samples, heads, queries, numbers] = q.shape() else {
            return Err(refused(q.shape(), "queries [N, heads, Tq, d]".into()));
        };
        match *k.shape() {
            [n, groups, keys, d] if (n, d) == (samples, numbers) && groups > 0 && heads % groups == 0 => {
                let outputs = v.shape().get(3).copied().unwrap_or(0);
                if v.shape() != [n, groups, keys, outputs] {
                    return Err(refused(v.shape(), format!("values [{n}, {groups}, {keys}, e]")));
                }
                let shared = heads / groups;
                Ok(Self { samples, groups, shared, queries, keys, numbers, outputs })
            }
            _ => {
                let wanted = format!("keys [{samples}, heads, Tk, {numbers}], where the heads divide {heads}");
                Err(refused(k.shape(), wanted))
            }
        }
    }
}

fn refused(got: &[usize], wanted: String) -> Error {
    Error::from(gradus_tensor::Error::shape("AttentionScope", got, wanted))
}
