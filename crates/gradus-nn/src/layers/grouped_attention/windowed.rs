//! Attention in a window, piece by piece.
//!
//! The queries of a piece, `a ≤ i < b`, see keys from `a - w + 1` to `b - 1` (to `b + w - 2` where they may look ahead):
//! a matrix of scores of `b - a` by `w + b - a` for each head, instead of all queries by all keys.

use std::ops::Range;

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

use super::scope::Sizes;
use crate::{Error, Result};

/// Queries in a piece: few enough that its scores stay in the cache, and enough for a product.
const PIECE: usize = 64;

/// How far a query sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windowed {
    pub(super) causal: bool,
    pub(super) window: usize,
    pub(super) sizes: Sizes,
}

impl Windowed {
    /// As [`AttentionScope::attend`](super::AttentionScope::attend), without the keys that are not `there`.
    pub(super) fn attend<T: Float>(
        self,
        [q, k, v]: [&Var<T>; 3],
        there: Option<&Tensor<bool>>,
    ) -> Result<Var<T>> {
        let Sizes { samples, groups, shared, queries, keys, numbers, outputs } = self.sizes;
        let zero = Var::constant(Tensor::scalar(T::ZERO));
        let [k, v] = match there {
            // What is not there may be anything, and zero times anything is not always zero.
            Some(there) => {
                let there = there.reshape([samples, 1, keys, 1])?;
                [Var::choose(&there, k, &zero)?, Var::choose(&there, v, &zero)?]
            }
            None => [k.clone(), v.clone()],
        };
        let scale = T::from_f64(1.0 / (numbers.max(1) as f64).sqrt());
        let q = q.scale(scale).reshape([samples, groups, shared, queries, numbers])?;
        let mut found = Vec::new();
        for first in (0..queries).step_by(PIECE) {
            let piece = first..queries.min(first + PIECE);
            let near = self.near(&piece);
            let (rows, columns) = (piece.len(), near.len());
            // The heads that share keys are more rows of one product.
            let together = [samples, groups, shared * rows, numbers];
            let q = q.slice(3, piece.clone())?.reshape(together)?;
            let k = k.slice(2, near.clone())?.transpose(2, 3)?;
            // As long as a row: one number would be stretched once for each element.
            let row = |x| Ok::<_, Error>(Var::constant(Tensor::from_vec(vec![x; columns], [columns])?));
            let scores = q.matmul(&k)?.reshape([samples, groups, shared, rows, columns])?;
            let seen = self.seen(piece, near.clone(), there)?;
            let weights = Var::choose(&seen, &scores, &row(T::LOWEST)?)?.softmax(4)?;
            // A query that sees no key has equal weights here: it takes none. Without padding the first sees least.
            let all_see = there.is_none() && !self.of_query(first).is_empty();
            let weights = if all_see { weights } else { Var::choose(&seen, &weights, &row(T::ZERO)?)? };
            let weights = weights.reshape([samples, groups, shared * rows, columns])?;
            let y = weights.matmul(&v.slice(2, near)?)?;
            found.push(y.reshape([samples, groups, shared, rows, outputs])?);
        }
        let y = Var::concat(&found.iter().collect::<Vec<_>>(), 3)?;
        Ok(y.reshape([samples, groups * shared, queries, outputs])?)
    }

    /// The keys that a query sees, as far as places go.
    fn of_query(&self, query: usize) -> Range<usize> {
        let Sizes { queries, keys, .. } = self.sizes;
        // The place behind the query's own, counted from before the first query, so that it is not negative.
        let (behind, start) = (query + 1 + keys, queries);
        let end = if self.causal { behind } else { behind.saturating_add(self.window - 1) };
        let first = behind.saturating_sub(start.saturating_add(self.window));
        let end = end.saturating_sub(start).min(keys);
        first.min(end)..end
    }

    /// The keys that some query of a piece sees.
    fn near(&self, piece: &Range<usize>) -> Range<usize> {
        self.of_query(piece.start).start..self.of_query(piece.end - 1).end
    }

    /// Which pairs belong together, `[1 or N, 1, 1, piece, near]`.
    fn seen(
        &self,
        piece: Range<usize>,
        near: Range<usize>,
        there: Option<&Tensor<bool>>,
    ) -> Result<Tensor<bool>> {
        let (rows, columns) = (piece.len(), near.len());
        let mut pairs = vec![false; rows * columns];
        for (query, row) in piece.zip(pairs.chunks_mut(columns.max(1))) {
            let keys = self.of_query(query);
            row[keys.start - near.start..keys.end - near.start].fill(true);
        }
        let pairs = Tensor::from_vec(pairs, [1, 1, 1, rows, columns])?;
        let Some(there) = there else { return Ok(pairs) };
        let there = there.slice(1, near)?.reshape([self.sizes.samples, 1, 1, 1, columns])?;
        Ok(there.zip("AttentionScope", &pairs, |a, b| a && b)?)
    }
}
