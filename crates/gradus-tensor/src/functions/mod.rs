//! Functions that the processor has no instruction for, as branch-free polynomials that the
//! compiler turns into vector code (see [`simd`](crate::simd)).
//!
//! Each states how far it may be from the true value, in units of the last place (ulp); tests hold it
//! to that over its whole range. Products and sums are rounded separately on purpose: without fused
//! multiply-add every machine computes the same bits.

mod erf;
mod exp;
mod gaussian;
mod ln;
mod sigmoid;
mod tanh;

pub use erf::{erf, erf_f32};
pub use exp::{exp_f32, exp_m1_f32};
pub use gaussian::{gaussian_f32, gaussian_f64};
pub use ln::{ln_1p_f32, ln_f32};
pub use sigmoid::{sigmoid_f32, sigmoid_f64};
pub use tanh::tanh_f32;

/// `c₀ + c₁ x + c₂ x² + …`, from the last coefficient inwards.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = 0.0;
    let mut i = N;
    while i > 0 {
        i -= 1;
        sum = sum * x + coefficients[i];
    }
    sum
}

#[cfg(test)]
mod tests {
    /// The distance of `got` from `want` in units of the last place of `want`.
    fn ulps(got: f32, want: f64) -> f64 {
        let want_f32 = want as f32;
        if got == want_f32 || (got.is_nan() && want.is_nan()) {
            return 0.0;
        }
        // No distance is a number here, and a comparison with NaN is false: it would pass.
        if got.is_nan() || want.is_nan() || got.is_infinite() || want_f32.is_infinite() {
            return f64::INFINITY;
        }
        // The gap below the largest number, whose next one up is infinite.
        let at = want_f32.abs().min(f32::MAX.next_down());
        let gap = f64::from(at.next_up()) - f64::from(at);
        (f64::from(got) - want).abs() / gap
    }

    /// The largest distance over every 1009th single of both signs, whose true values are normal.
    pub(super) fn worst(f: fn(f32) -> f32, exact: fn(f64) -> f64) -> f64 {
        let all = (0..=u32::MAX).step_by(1009).map(f32::from_bits).filter(|x| x.is_finite());
        let normal = |want: &f64| want.is_nan() || (want.abs() as f32).is_normal();
        all.map(|x| (x, exact(f64::from(x))))
            .filter(|(x, want)| normal(want) && x.is_normal())
            .map(|(x, want)| ulps(f(x), want))
            .fold(0.0, f64::max)
    }

    #[test]
    fn a_function_of_nan_or_infinities_does_not_pass() {
        assert_eq!(worst(|_| f32::NAN, f64::exp), f64::INFINITY);
        assert_eq!(ulps(f32::NAN, 1.0), f64::INFINITY);
        assert_eq!(ulps(1.0, f64::NAN), f64::INFINITY);
        assert_eq!(ulps(f32::INFINITY, f64::from(f32::MAX)), f64::INFINITY);
        assert_eq!(ulps(f32::MAX.next_down(), f64::from(f32::MAX)), 1.0);
        assert_eq!(ulps(1.0_f32.next_up(), 1.0), 1.0);
    }
}
