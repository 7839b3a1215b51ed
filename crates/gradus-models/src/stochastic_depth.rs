//! Stochastic depth: in training a residual block is left out now and then, for each sample on its own.
//!
//! ```text
//! y = x + b / (1 - p) · F(x),   b = 0 with probability p, else 1        in evaluation: y = x + F(x)
//! ```
//!
//! One `b` for a sample, so that a branch is there or not as a whole; the factor keeps the mean. With `p` growing
//! along the blocks, a deep network is trained as a shallow one on average, and no block can rely on the last one.
//! (Huang, Sun, Liu, Sedra and Weinberger, *Deep networks with stochastic depth*, 2016, section 3; torchvision's
//! `StochasticDepth` with `mode="row"`.)

use gradus_autograd::Var;
use gradus_nn::{Context, Result};
use gradus_tensor::{Float, Tensor};

/// The branch `[N, …]`, each sample's dropped with probability `p` in training, the others scaled by `1 / (1 - p)`.
/// The random numbers are those of the context.
pub(crate) fn stochastic_depth<T: Float>(
    branch: Var<T>,
    p: f64,
    cx: &mut Context,
) -> Result<Var<T>> {
    if !cx.is_training() || p == 0.0 {
        return Ok(branch);
    }
    let mut one_each = vec![1; branch.shape().len()];
    one_each[0] = branch.shape()[0];
    // Zeros, and ones times the factor.
    let kept = Var::constant(Tensor::ones(one_each)).dropout(p, cx.rng())?;
    Ok(branch.mul(&kept)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole samples are zero or scaled, as often as `p` says; the gradient goes where the branch went.
    #[test]
    fn whole_samples() -> Result<()> {
        let (n, p) = (2000, 0.25);
        let x = Var::leaf(Tensor::ones([n, 2, 3]));
        let dropped = |seed| stochastic_depth(x.clone(), p, &mut Context::train(seed));
        let y = dropped(1)?;
        let values: Vec<f64> = y.value().to_vec();
        let mut zeros = 0;
        for sample in values.chunks(6) {
            assert!(sample.iter().all(|&v| v == sample[0]), "{sample:?}");
            assert!(sample[0] == 0.0 || sample[0] == 1.0 / (1.0 - p), "{sample:?}");
            zeros += usize::from(sample[0] == 0.0);
        }
        // Five standard deviations of a binomial number.
        let gap = (zeros as f64 - n as f64 * p).abs();
        assert!(gap < 5.0 * (n as f64 * p * (1.0 - p)).sqrt(), "{zeros} of {n} dropped");

        assert_eq!(dropped(1)?.value(), y.value());
        assert_ne!(dropped(2)?.value(), y.value());
        assert_eq!(y.sum().backward()?.of(&x), Some(&Tensor::from_vec(values, [n, 2, 3])?));
        let used = stochastic_depth(x.clone(), p, &mut Context::eval())?;
        assert_eq!(used.value(), x.value());
        Ok(())
    }
}
