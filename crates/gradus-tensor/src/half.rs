//! Floating-point numbers of 16 bits, to be stored: arithmetic is done after a
//! [`cast`](crate::Tensor::cast) to `f32`.
//!
//! Both have a bit of sign `s`, then an exponent `e`, then a fraction `f`; [`F16`] has 5 and 10 bits of
//! these (IEEE 754-2019, binary16), [`BF16`] 8 and 7: it is the upper half of an `f32`. With `p` bits of
//! fraction and the bias `b`, 15 or 127:
//!
//! * `0 < e < 2 b + 1`: `(-1)^s · 2^(e-b) · (1 + f / 2^p)`
//! * `e = 0`: `(-1)^s · 2^(1-b) · f / 2^p`, zero and the subnormal numbers
//! * `e = 2 b + 1`: infinity if `f = 0`, otherwise NaN
//!
//! Widening is exact. A wider number goes to the nearest of 16 bits, halfway to that with an even
//! fraction; beyond the greatest to infinity as soon as it is nearer to the next power of two; NaN stays
//! NaN.

use std::cmp::Ordering;
use std::fmt;

// Not the crate `half`: it brings `zerocopy-derive` and a second `syn` below this crate, for what is a
// hundred lines here.

/// The bits of the nearest number with `p` bits of fraction and bias `b`.
#[inline(never)]
fn round(x: f64, p: u32, b: u64) -> u16 {
    const BIAS: u64 = 1023;
    let (sign, size) = ((x.to_bits() >> 63 << 15) as u16, x.to_bits() << 1 >> 1);
    let infinity = (2 * b + 1) << p;
    let bits = if x.is_nan() {
        infinity | 1 << (p - 1)
    } else if size >> 52 <= BIAS - b {
        // The steps are 2^(1-b-p); the greatest of these may come out as the least normal number.
        (f64::from_bits(size) * 2.0_f64.powi(b as i32 - 1 + p as i32)).round_ties_even() as u64
    } else {
        // A carry goes into the exponent, as it should.
        let (unit, odd) = (1_u64 << (52 - p), size >> (52 - p) & 1);
        let rounded = (size + unit / 2 - 1 + odd) >> (52 - p);
        (rounded - ((BIAS - b) << p)).min(infinity)
    };
    sign | bits as u16
}

macro_rules! half {
    ($(#[$doc:meta])* $name:ident, $p:literal, $b:literal, $widened:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default)]
        #[repr(transparent)]
        pub struct $name(u16);

        impl $name {
            /// The number with these bits.
            pub const fn from_bits(bits: u16) -> Self {
                Self(bits)
            }

            /// The bits of this number.
            pub const fn to_bits(self) -> u16 {
                self.0
            }

            /// The nearest number; halfway that with an even fraction.
            pub fn from_f32(x: f32) -> Self {
                Self::from_f64(x.into())
            }

            /// The nearest number, rounded once; halfway that with an even fraction.
            pub fn from_f64(x: f64) -> Self {
                Self(round(x, $p, $b))
            }

            /// The same number, exactly.
            #[inline]
            pub fn to_f32(self) -> f32 {
                f32::from_bits($widened(self.0))
            }

            /// Whether it is no number.
            pub fn is_nan(self) -> bool {
                self.to_f32().is_nan()
            }
        }

        impl From<$name> for f32 {
            fn from(x: $name) -> f32 {
                x.to_f32()
            }
        }

        impl From<$name> for f64 {
            fn from(x: $name) -> f64 {
                x.to_f32().into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.to_f32(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.to_f32(), f)
            }
        }

        /// By value: zeros are equal, and NaN equals nothing.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.to_f32() == other.to_f32()
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                self.to_f32().partial_cmp(&other.to_f32())
            }
        }
    };
}

half! {
    /// A number in half precision (binary16): about three digits, from 6·10⁻⁸ to 65504.
    ///
    /// ```
    /// use gradus_tensor::F16;
    /// assert_eq!(F16::from_f32(0.1).to_f32(), 0.099975586);
    /// assert_eq!(F16::from_f32(65519.0).to_f32(), 65504.0);
    /// assert_eq!(F16::from_f32(65520.0).to_f32(), f32::INFINITY);
    /// ```
    F16, 10, 15, f16_widened
}
half! {
    /// A bfloat16: between two and three digits, with the range of `f32`.
    ///
    /// ```
    /// use gradus_tensor::BF16;
    /// assert_eq!(BF16::from_f32(0.1).to_f32(), 0.100097656);
    /// assert!(BF16::from_f32(3.3e38).to_f32() > 3.29e38);
    /// ```
    BF16, 7, 127, bf16_widened
}

/// The bits of the `f32` that is equal.
fn f16_widened(bits: u16) -> u32 {
    let (sign, size) = (u32::from(bits >> 15) << 31, u32::from(bits & 0x7fff));
    let size = match size >> 10 {
        // At most 10 bits, so that the product is exact.
        0 => (size as f32 * 2.0_f32.powi(-24)).to_bits(),
        31 => 255 << 23 | size << 13,
        _ => (size << 13) + ((127 - 15) << 23),
    };
    sign | (size & 0x7fff_ffff)
}

/// The bits of the `f32` that is equal.
fn bf16_widened(bits: u16) -> u32 {
    u32::from(bits) << 16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the formula above.
    fn value(bits: u16, p: u32, b: i32) -> f64 {
        let (s, e) = (bits >> 15, i32::from(bits << 1 >> (p + 1)));
        let f = f64::from(bits & ((1 << p) - 1)) / 2.0_f64.powi(p as i32);
        let sign = if s == 1 { -1.0 } else { 1.0 };
        match e {
            0 => sign * 2.0_f64.powi(1 - b) * f,
            e if e == 2 * b + 1 => {
                if f == 0.0 {
                    sign * f64::INFINITY
                } else {
                    f64::NAN
                }
            }
            e => sign * 2.0_f64.powi(e - b) * (1.0 + f),
        }
    }

    /// Every number is that of its formula and comes back; between neighbours the nearer is taken.
    fn is_what_it_should_be<H: Copy>(
        [p, b]: [i32; 2],
        from_bits: fn(u16) -> H,
        to_bits: fn(H) -> u16,
        to_f32: fn(H) -> f32,
        from_f64: fn(f64) -> H,
    ) {
        let infinity = ((2 * b + 1) << p) as u16;
        for bits in 0..=u16::MAX {
            let (got, want) = (f64::from(to_f32(from_bits(bits))), value(bits, p as u32, b));
            if want.is_nan() {
                assert!(got.is_nan());
                let back = to_bits(from_f64(got));
                assert!(back & 0x7fff > infinity && back >> 15 == bits >> 15, "{bits:04x}");
                continue;
            }
            assert_eq!(got.to_bits(), want.to_bits(), "{bits:04x}");
            assert_eq!(to_bits(from_f64(want)), bits);
            if bits & 0x7fff == infinity {
                continue;
            }
            // The one above in size; above the greatest lies the next power of two.
            let next = match (bits & 0x7fff) + 1 {
                next if next == infinity => 2.0_f64.powi(b + 1).copysign(want),
                _ => value(bits + 1, p as u32, b),
            };
            let middle = (want + next) / 2.0;
            let [below, above] =
                [-1, 1].map(|d| f64::from_bits(middle.to_bits().wrapping_add_signed(d)));
            assert_eq!(to_bits(from_f64(below)), bits, "{bits:04x}");
            assert_eq!(to_bits(from_f64(above)), bits + 1, "{bits:04x}");
            assert_eq!(to_bits(from_f64(middle)), bits + (bits & 1), "{bits:04x}");
        }
    }

    #[test]
    fn every_number_is_that_of_its_formula_and_the_nearest_is_taken() {
        is_what_it_should_be([10, 15], F16::from_bits, F16::to_bits, F16::to_f32, F16::from_f64);
        is_what_it_should_be(
            [7, 127],
            BF16::from_bits,
            BF16::to_bits,
            BF16::to_f32,
            BF16::from_f64,
        );
    }

    #[test]
    fn order_and_text_are_those_of_the_value() {
        assert!(F16::from_bits(0x8000) == F16::from_bits(0));
        assert!(
            F16::from_bits(0x7e00).is_nan() && F16::from_bits(0x7e00) != F16::from_bits(0x7e00)
        );
        assert!(BF16::from_f32(-2.0) < BF16::from_f32(-1.0));
        assert_eq!(format!("{:.2} {}", F16::from_f32(1.5), BF16::from_f32(-3.0)), "1.50 -3");
        assert_eq!(F16::from_f64(1e300).to_bits(), 0x7c00);
        assert_eq!(BF16::from_f64(-1e-300).to_bits(), 0x8000);
    }
}
