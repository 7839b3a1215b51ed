//! Less memory for more time: what a part of a network computes is not kept for the backward pass, but
//! computed again when it comes.

use crate::graph::next_id;
use crate::mode;

/// Runs `work`, a part of a network, without keeping what its operations save for their derivatives.
/// When the backward pass reaches the part, its operations run once more, from what came into it.
///
/// A network of `n` equal blocks, each in a checkpoint, keeps `n` inputs of blocks and the inside of one,
/// instead of `n` insides; the forward pass is computed twice. (Griewank and Walther, *Evaluating
/// Derivatives*, 2nd edition, 2008, chapter 12; Chen, Xu, Zhang and Guestrin, *Training deep nets with
/// sublinear memory cost*, 2016.)
///
/// Operations are repeated, not `work` itself: dropout draws the same numbers, running averages move
/// once, and the gradients have the same bits as without. A checkpoint within another is part of it.
///
/// ```
/// use gradus_autograd::{Var, checkpoint};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::vector([0.5_f32, -1.0]));
/// let plain = x.exp().sin().sum().backward()?;
/// let y = checkpoint(|| x.exp().sin());           // keeps x, and not exp(x)
/// assert_eq!(y.sum().backward()?.of(&x), plain.of(&x));
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn checkpoint<R>(work: impl FnOnce() -> R) -> R {
    match mode::is_on(mode::CHECKPOINT) {
        true => work(),
        false => mode::within(next_id(), work),
    }
}
