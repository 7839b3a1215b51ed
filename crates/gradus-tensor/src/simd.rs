//! Run-time choice of the vector width.
//!
//! Rust compiles for a baseline processor. [`vectorize`] compiles the loop it is given once more
//! for AVX2, AVX-512 or NEON, and runs the widest version that the machine has.

use std::sync::OnceLock;

/// Runs `body` compiled for the widest vectors of this machine.
///
/// `body` should be a plain loop over slices, marked `#[inline(always)]`; a call that is not
/// inlined into it stays compiled for the baseline.
///
/// ```
/// let x = [1.0_f32, 2.0, 3.0];
/// let mut y = [0.0_f32; 3];
/// gradus_tensor::simd::vectorize(#[inline(always)] || {
///     for (y, x) in y.iter_mut().zip(&x) {
///         *y = 2.0 * x;
///     }
/// });
/// assert_eq!(y, [2.0, 4.0, 6.0]);
/// ```
#[inline]
pub fn vectorize<R>(body: impl FnOnce() -> R) -> R {
    arch().dispatch(body)
}

/// The name of the vector instructions that [`vectorize`] chose: `"V4"` is AVX-512, `"V3"` is
/// AVX2 with FMA, `"Neon"` is ARM's, `"Scalar"` is none of them.
///
/// ```
/// assert!(!gradus_tensor::simd::level().is_empty());
/// ```
pub fn level() -> String {
    let name = format!("{:?}", arch());
    name.split(['(', ' ', '{']).next().unwrap_or_default().to_string()
}

fn arch() -> pulp::Arch {
    static ARCH: OnceLock<pulp::Arch> = OnceLock::new();
    *ARCH.get_or_init(pulp::Arch::new)
}
