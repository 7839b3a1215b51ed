//! The Kaiser window and the low-pass filters made of it.
//!
//! ```text
//! w(t) = I₀(β √(1 − t²)) / I₀(β)                          for |t| ≤ 1
//! β = 0.1102 (A − 8.7)                                    for A > 50 dB
//! β = 0.5842 (A − 21)^0.4 + 0.07886 (A − 21)              for 21 ≤ A ≤ 50 dB
//! M = (A − 7.95) / (2.285 Δω)
//! ```
//!
//! `A` is how far the stop band is below the pass band, `Δω` the width of the band between them in
//! radians a sample, and `M` the length of the filter in samples, less one. Source: Oppenheim and
//! Schafer, *Discrete-Time Signal Processing*, section 7.6.

/// The modified Bessel function of order 0: `Σ ((x/2)^k / k!)²`.
pub(super) fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term, mut k) = (1.0, 1.0, 0.0);
    // All terms are positive: the first that changes nothing is the last.
    while term > sum * f64::EPSILON {
        k += 1.0;
        term *= quarter / (k * k);
        sum += term;
    }
    sum
}

/// The window at `t`, from −1 to 1.
pub(super) fn kaiser(t: f64, beta: f64) -> f64 {
    bessel_i0(beta * (1.0 - t * t).max(0.0).sqrt()) / bessel_i0(beta)
}

/// A low-pass filter in continuous time, `h(t) = c sinc(c t) w(t / half)`, with `t` in samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct LowPass {
    /// The frequency where it halves the amplitude, as a part of half the rate.
    cutoff: f64,
    /// Half the length in samples.
    pub(super) half: f64,
    beta: f64,
    /// `1 / I₀(β)`.
    scale: f64,
}

impl LowPass {
    /// A filter that lets pass what is below `pass` and keeps `rejection` dB of what is above
    /// `stop`, both as parts of half the rate.
    pub(super) fn new(pass: f64, stop: f64, rejection: f64) -> Self {
        let beta = if rejection > 50.0 {
            0.1102 * (rejection - 8.7)
        } else {
            let above = (rejection - 21.0).max(0.0);
            0.5842 * above.powf(0.4) + 0.07886 * above
        };
        let length = (rejection - 7.95) / (2.285 * std::f64::consts::PI * (stop - pass));
        let (cutoff, half) = ((pass + stop) / 2.0, length / 2.0);
        Self { cutoff, half, beta, scale: 1.0 / bessel_i0(beta) }
    }

    /// `h(t)`.
    pub(super) fn at(&self, t: f64) -> f64 {
        let u = t / self.half;
        if u.abs() >= 1.0 {
            return 0.0;
        }
        let x = std::f64::consts::PI * self.cutoff * t;
        let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
        self.cutoff * sinc * self.scale * bessel_i0(self.beta * (1.0 - u * u).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bessel_function() {
        // Abramowitz and Stegun, table 9.8 (there as e^-x I0(x)), and scipy.special.i0.
        for (x, wanted) in [
            (0.0, 1.0),
            (1.0, 1.266065877752008),
            (5.0, 27.23987182360445),
            (14.0, 129418.56270064856),
        ] {
            assert!((bessel_i0(x) / wanted - 1.0_f64).abs() < 1e-14, "{x}: {}", bessel_i0(x));
        }
    }

    #[test]
    fn the_filter_is_even_and_sums_to_one() {
        for rejection in [40.0, 100.0] {
            let filter = LowPass::new(0.5, 0.6, rejection);
            let sum: f64 = (-500..=500).map(|t| filter.at(f64::from(t))).sum();
            assert!((sum - 1.0).abs() < 10_f64.powf(-rejection / 20.0), "{sum}");
            assert_eq!(filter.at(-3.25), filter.at(3.25));
            assert_eq!(filter.at(filter.half), 0.0);
        }
    }
}
