//! Run-time choice of the vector width.
//!
//! Rust compiles for a baseline processor. [`vectorize`] compiles the loop it is given once more
//! for AVX2, AVX-512 or NEON, and runs the widest version that the machine has. Kernels that name
//! their registers are written once over `pulp::Simd` and go through `dispatch`.
//!
//! The environment variable `GRADUS_SIMD` asks for less, so that every path can be tested on one
//! machine: `avx512`, `avx2`, `neon` or `scalar`. It is read once, by the first kernel that runs. What the machine
//! lacks is not used; [`available`] says what it has. Any other value is a mistake, and stops the program with
//! a message that names these: a run that was to test narrow vectors must not pass with wide ones.

use std::sync::OnceLock;

use pulp::{Arch, NullaryFnOnce, Simd, WithSimd};

use crate::Element;

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
pub fn vectorize<R>(body: impl FnMut() -> R) -> R {
    arch().dispatch(Inlined(body))
}

/// A loop that is compiled where it is run. A closure that could run again and is called as one that runs
/// once goes through a function that the compiler writes, and that nothing asks to be inlined: the loop in
/// it may stay compiled for the baseline, four times slower, and no test sees it. `FnMut` has no such function.
struct Inlined<F>(F);

impl<R, F: FnMut() -> R> NullaryFnOnce for Inlined<F> {
    type Output = R;

    #[inline(always)]
    fn call(mut self) -> R {
        (self.0)()
    }
}

/// As [`vectorize`], in a kernel that runs at a width already.
#[inline(always)]
pub(crate) fn vectorize_at<S: Simd, R>(simd: S, body: impl FnMut() -> R) -> R {
    simd.vectorize(Inlined(body))
}

/// As [`vectorize`], for a loop over numbers of these types: in every width where one is `f32`, in two
/// where one is `f64`, and for the processor's baseline if there are whole numbers only. Each width takes
/// its time to build, and what is not `f32` is seldom what a program waits for.
#[inline]
pub(crate) fn vectorize_for<T: Element, U: Element, V: Element, R>(
    mut body: impl FnMut() -> R,
) -> R {
    // Conditions that are known when compiling, so that nothing else is compiled.
    if const { T::WIDTHS == 3 || U::WIDTHS == 3 || V::WIDTHS == 3 } {
        vectorize(body)
    } else if const { T::WIDTHS == 2 || U::WIDTHS == 2 || V::WIDTHS == 2 } {
        half(body)
    } else {
        body()
    }
}

/// As [`vectorize`], without AVX-512.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[inline]
fn half<R>(mut body: impl FnMut() -> R) -> R {
    static AVX2: OnceLock<Option<pulp::x86::V3>> = OnceLock::new();
    let widest = || if matches!(arch(), Arch::Scalar) { None } else { pulp::x86::V3::try_new() };
    match *AVX2.get_or_init(widest) {
        Some(simd) => vectorize_at(simd, body),
        None => body(),
    }
}

/// As [`vectorize`]: there is one width.
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
#[inline]
fn half<R>(body: impl FnMut() -> R) -> R {
    vectorize(body)
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
    *ARCH.get_or_init(|| {
        let asked = std::env::var_os("GRADUS_SIMD");
        match narrowed(asked.as_deref().map(|asked| asked.to_string_lossy()).as_deref()) {
            Ok(arch) => arch,
            Err(error) => panic!("{error}"),
        }
    })
}

/// The settings of `GRADUS_SIMD`.
const SETTINGS: [&str; 4] = ["avx512", "avx2", "neon", "scalar"];

/// The settings of `GRADUS_SIMD` that choose something of its own on this machine, the widest first, whatever
/// the variable is set to.
///
/// ```
/// assert_eq!(gradus_tensor::simd::available().last(), Some(&"scalar"));
/// ```
pub fn available() -> Vec<&'static str> {
    let name = |arch: Arch| format!("{arch:?}");
    let mut found: Vec<(&str, String)> = Vec::new();
    for setting in ["scalar", "neon", "avx2", "avx512"] {
        let arch = narrowed(Some(setting)).map(name).unwrap_or_default();
        if found.iter().all(|(_, other)| *other != arch) {
            found.push((setting, arch));
        }
    }
    found.into_iter().rev().map(|(setting, _)| setting).collect()
}

/// The best that the machine has, but no more than what was asked for.
fn narrowed(asked: Option<&str>) -> crate::Result<Arch> {
    match asked {
        Some("scalar") => Ok(Arch::Scalar),
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Some("avx2") => Ok(pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3)),
        // Vectors of another kind of processor.
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
        Some("avx512" | "avx2") => Ok(Arch::Scalar),
        Some("neon") if cfg!(any(target_arch = "x86", target_arch = "x86_64")) => Ok(Arch::Scalar),
        None | Some("avx512" | "neon") => Ok(Arch::new()),
        Some(other) => {
            let wanted = format!("one of {}, or nothing", SETTINGS.join(", "));
            Err(crate::Error::value("GRADUS_SIMD", format!("{other:?}"), wanted))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_can_be_asked_for() {
        let name = |asked| format!("{:?}", narrowed(asked).unwrap());
        assert!(matches!(narrowed(Some("scalar")), Ok(Arch::Scalar)));
        assert!(!name(Some("avx2")).starts_with("V4"));
        let x86 = cfg!(any(target_arch = "x86", target_arch = "x86_64"));
        assert_eq!(name(Some(if x86 { "avx512" } else { "neon" })), name(None));
        assert!(available().contains(&"scalar"));
    }

    #[test]
    fn what_is_no_setting_is_an_error() {
        for asked in ["AVX2", "avx", "", "1", "none"] {
            let error = narrowed(Some(asked)).map(|_| ()).unwrap_err().to_string();
            let wanted = "one of avx512, avx2, neon, scalar, or nothing";
            assert_eq!(error, format!("GRADUS_SIMD: got {asked:?}, wanted {wanted}"));
        }
    }
}
