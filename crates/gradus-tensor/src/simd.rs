//! Run-time choice of the vector width.
//!
//! Rust compiles for a baseline processor. [`vectorize`] compiles the loop it is given once more
//! for AVX2, AVX-512 or NEON, and runs the widest version that the machine has. Kernels that name
//! their registers are written once over `pulp::Simd` and go through `dispatch`.
//!
//! The environment variable `GRADUS_SIMD` asks for less, so that every path can be tested on one
//! machine: `avx512`, `avx2` or `scalar`. It is read once. What the machine lacks is not used.

use std::sync::OnceLock;

use pulp::{Arch, WithSimd};

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

/// Runs a kernel that is generic over the registers of `pulp`.
#[inline]
pub(crate) fn dispatch<R>(kernel: impl WithSimd<Output = R>) -> R {
    arch().dispatch(kernel)
}

/// The name of the vector instructions in use: `"AVX-512"`, `"AVX2"`, `"NEON"`, or `"scalar"` for
/// what every processor of the kind has.
///
/// ```
/// assert!(!gradus_tensor::simd::level().is_empty());
/// ```
pub fn level() -> String {
    let name = format!("{:?}", arch());
    let name = name.split(['(', ' ', '{']).next().unwrap_or_default();
    match name {
        "V4" => "AVX-512",
        "V3" => "AVX2",
        "Neon" => "NEON",
        "Scalar" => "scalar",
        other => other,
    }
    .to_string()
}

fn arch() -> Arch {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    *ARCH.get_or_init(|| narrowed(std::env::var("GRADUS_SIMD").ok().as_deref()))
}

/// The best that the machine has, but no more than what was asked for.
fn narrowed(asked: Option<&str>) -> Arch {
    match asked {
        Some("scalar") => Arch::Scalar,
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Some("avx2") => pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3),
        _ => Arch::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_can_be_asked_for() {
        let name = |asked| format!("{:?}", narrowed(asked));
        assert!(matches!(narrowed(Some("scalar")), Arch::Scalar));
        assert!(!name(Some("avx2")).starts_with("V4"));
        assert_eq!(name(Some("avx512")), name(None));
    }
}
