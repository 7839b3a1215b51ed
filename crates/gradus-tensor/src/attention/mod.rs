//! Scaled dot-product attention: every query takes a mean of the values, weighted by how well the
//! keys fit it.
//!
//! With `d` numbers in a query and in a key, `s = Q Kᵀ / √d`, `p = softmax(s)` in each row, `O = P V`
//! (Vaswani et al., *Attention is all you need*, 2017, equation 1). Backward, with `D = Σ Ō O` of each
//! row:
//!
//! `V̄ = Pᵀ Ō`, `P̄ = Ō Vᵀ`, `S̄ = P (P̄ - D)`, `Q̄ = S̄ K / √d`, `K̄ = S̄ᵀ Q / √d`
//!
//! The matrices `S` and `P`, with a number for every pair of a query and a key, are never written to
//! memory. They are made in blocks of 64 by 64 that stay in the cache; of each row the largest score
//! `m` so far and the sum `l` of the weights so far are carried from block to block. Backward makes
//! the blocks once more, from `L = m + ln l`. (Dao, Fu, Ermon, Rudra and Ré, *FlashAttention: fast and
//! memory-efficient exact attention with IO-awareness*, 2022, algorithms 1 and 4; Milakov and
//! Gimelshein, *Online normalizer calculation for softmax*, 2018, for the sums.)

mod backward;
mod block;
mod forward;
mod heads;
mod mask;

pub use backward::{attention_grad, self_attention_grad};
pub use forward::{attention, self_attention};
pub use mask::AttentionMask;

use crate::{Float, Tensor};

/// What [`attention`] and [`self_attention`] computed.
#[derive(Debug, Clone)]
pub struct AttentionPass<T: Float> {
    /// A mean of the values for each query.
    pub output: Tensor<T>,
    /// `L = m + ln l` of each row of scores, `[N, heads, queries]`; infinite where a query sees no key.
    logs: Tensor<T>,
}

#[cfg(test)]
mod tests;
