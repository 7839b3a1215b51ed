//! Where queries, keys and values lie, and how many there are.

use super::AttentionMask;
use crate::linalg::shared::Shared;
use crate::{Error, Float, Result, Tensor};

/// `[samples, heads, rows, dim]`, each row in one piece.
pub(super) struct Heads<'a, T> {
    all: Shared<'a, T>,
    offset: usize,
    strides: [isize; 3],
}

impl<T> Clone for Heads<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Heads<'_, T> {}

impl<'a, T> Heads<'a, T> {
    pub(super) fn new(all: Shared<'a, T>, offset: usize, strides: [usize; 3]) -> Self {
        Self { all, offset, strides: strides.map(|stride| stride as isize) }
    }

    /// A view of `[N, heads, T, dim]`, to be read.
    pub(super) fn of(tensor: &'a Tensor<T>) -> Self
    where
        T: Float,
    {
        let strides = tensor.strides();
        let strides = [strides[0], strides[1], strides[2]];
        let all = Shared::to_read(tensor.buffer.as_slice());
        Self { all, offset: tensor.layout.offset, strides }
    }

    /// One row of one head; the others of the head follow at the distance of [`Self::stride`].
    pub(super) fn row(self, sample: usize, head: usize, row: usize) -> *mut T {
        let [n, h, t] = self.strides;
        let start = sample as isize * n + head as isize * h + row as isize * t;
        self.all.at(self.offset as isize + start)
    }

    /// From row to row.
    pub(super) fn stride(self) -> usize {
        self.strides[2] as usize
    }
}

/// A tensor whose rows lie in one piece, forwards.
pub(super) fn rows<T: Float>(x: &Tensor<T>) -> Tensor<T> {
    let fits = x.strides()[3] == 1 && x.strides()[2] >= 0 || x.is_empty();
    if fits { x.clone() } else { x.contiguous() }
}

/// The sizes of an attention, and what belongs to them.
#[derive(Clone)]
pub(super) struct Sizes {
    pub(super) samples: usize,
    pub(super) heads: usize,
    pub(super) queries: usize,
    pub(super) keys: usize,
    /// Numbers in a query and in a key.
    pub(super) dim: usize,
    /// Numbers in a value.
    pub(super) width: usize,
    pub(super) causal: bool,
    pub(super) mask: Option<Tensor<bool>>,
}

impl Sizes {
    /// Of queries, keys and values that are apart.
    pub(super) fn of_three<T: Float>(
        op: &'static str,
        [q, k, v]: [&Tensor<T>; 3],
        mask: &AttentionMask,
    ) -> Result<Self> {
        let four = |x: &Tensor<T>, what: &str| match *x.shape() {
            [a, b, c, d] => Ok([a, b, c, d]),
            _ => Err(Error::shape(op, x.shape(), format!("{what} [samples, heads, tokens, size]"))),
        };
        let [samples, heads, queries, dim] = four(q, "queries")?;
        let [.., keys, _] = four(k, "keys")?;
        let [.., width] = four(v, "values")?;
        let fits = |x: &Tensor<T>, what: &str, wanted: [usize; 4]| match x.shape() == wanted {
            true => Ok(()),
            false => Err(Error::shape(op, x.shape(), format!("{what} {wanted:?}"))),
        };
        fits(k, "keys that fit the queries,", [samples, heads, keys, dim])?;
        fits(v, "a value for each key,", [samples, heads, keys, width])?;
        let causal = mask.causal;
        let mask = mask.checked(op, [samples, keys])?;
        Ok(Self { samples, heads, queries, keys, dim, width, causal, mask })
    }

    /// Of queries, keys and values side by side, `[samples, tokens, 3 · heads · dim]`.
    pub(super) fn of_one<T: Float>(
        op: &'static str,
        qkv: &Tensor<T>,
        heads: usize,
        mask: &AttentionMask,
    ) -> Result<Self> {
        match *qkv.shape() {
            [samples, tokens, all]
                if heads > 0 && all % 3 == 0 && (all / 3).is_multiple_of(heads) =>
            {
                let (dim, causal) = (all / 3 / heads, mask.causal);
                let mask = mask.checked(op, [samples, tokens])?;
                let (queries, keys, width) = (tokens, tokens, dim);
                Ok(Self { samples, heads, queries, keys, dim, width, causal, mask })
            }
            _ => {
                let wanted = format!("[samples, tokens, 3 · {heads} heads · size]");
                Err(Error::shape(op, qkv.shape(), wanted))
            }
        }
    }

    /// Queries, keys and values in such a tensor.
    pub(super) fn split<'a, T: Float>(&self, qkv: Shared<'a, T>) -> [Heads<'a, T>; 3] {
        let one = self.heads * self.dim;
        [0, 1, 2].map(|i| Heads::new(qkv, i * one, [self.keys * 3 * one, self.dim, 3 * one]))
    }

    /// A dense `[samples, tokens, heads, width]`, seen with its heads first.
    pub(super) fn tokens_first<'a, T>(
        &self,
        all: Shared<'a, T>,
        [tokens, width]: [usize; 2],
    ) -> Heads<'a, T> {
        Heads::new(all, 0, [tokens * self.heads * width, width, self.heads * width])
    }

    /// `1 / √d`.
    pub(super) fn scale<T: Float>(&self) -> T {
        T::from_f64(1.0 / (self.dim.max(1) as f64).sqrt())
    }

    /// How many keys a query sees, as far as time goes.
    pub(super) fn seen(&self, query: usize) -> usize {
        if self.causal { (query + 1 + self.keys).saturating_sub(self.queries) } else { self.keys }
    }

    /// Whether it takes several threads.
    pub(super) fn is_large(&self) -> bool {
        let pairs = self.samples * self.heads * self.queries * self.keys;
        pairs * (self.dim + self.width) >= 1 << 17
    }
}
