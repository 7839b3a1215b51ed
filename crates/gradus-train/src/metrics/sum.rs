//! A sum of doubles without rounding, the same for any order and any parts.
//!
//! A double is a whole number of at most 53 bits times a power of two, from 2⁻¹⁰⁷⁴ on. So a whole number wide
//! enough holds every sum exactly: here in limbs of 32 bits, `Σᵢ limbᵢ 2^(32 i - 1074)`, each with room for the
//! carries of 2³⁰ additions. Addition of whole numbers knows no order; the sum is rounded once, when it is
//! asked for. That is what lets a metric merged in parts have the bits of one computed at once.
//!
//! Source: U. W. Kulisch, W. L. Miranker, "The Arithmetic of the Digital Computer: A New Approach", SIAM Review
//! 28, 1986, where it is the "long accumulator".

use serde::{Deserialize, Serialize};

/// The 2098 bits of doubles, and 64 more so that no number of additions that can be made runs over.
const LIMBS: usize = 68;
/// After so many additions carries are passed on.
const ROOM: u32 = 1 << 30;
const MASK: i64 = 0xffff_ffff;

const NAN: u8 = 1;
const PLUS: u8 = 2;
const MINUS: u8 = 4;

/// An exact sum. NaN and infinities show in it as they would in a plain one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(into = "(u8, Vec<i64>)", try_from = "(u8, Vec<i64>)")]
pub(super) struct Sum {
    /// None before the first number, else all of them.
    limbs: Vec<i64>,
    /// How many numbers were added since carries were passed on.
    pending: u32,
    /// Which numbers that are not finite were added.
    special: u8,
}

impl Sum {
    pub(super) fn add(&mut self, x: f64) {
        if !x.is_finite() {
            self.special |= if x.is_nan() {
                NAN
            } else if x > 0.0 {
                PLUS
            } else {
                MINUS
            };
            return;
        }
        let bits = x.to_bits();
        let (exponent, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
        let (digits, shift) = match exponent {
            0 => (fraction, 0),
            _ => (fraction | 1 << 52, exponent as usize - 1),
        };
        if digits == 0 {
            return;
        }
        self.limbs.resize(LIMBS, 0);
        let wide = u128::from(digits) << (shift % 32);
        for (i, limb) in self.limbs[shift / 32..][..3].iter_mut().enumerate() {
            let part = (wide >> (32 * i)) as i64 & MASK;
            *limb += if x < 0.0 { -part } else { part };
        }
        self.pending += 1;
        if self.pending == ROOM {
            self.carry();
        }
    }

    /// Adds `a b`, whose rounding error is added, too: exact where neither overflows nor is tiny.
    pub(super) fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.add(product);
        if product.is_finite() {
            self.add(a.mul_add(b, -product));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.special |= other.special;
        if other.limbs.is_empty() {
            return;
        }
        self.limbs.resize(LIMBS, 0);
        self.carry();
        let mut other = other.clone();
        other.carry();
        self.limbs.iter_mut().zip(&other.limbs).for_each(|(a, b)| *a = a.wrapping_add(*b));
        self.pending = 2;
    }

    /// The sum, rounded to the nearest double.
    pub(super) fn value(&self) -> f64 {
        match self.special {
            0 => {}
            PLUS => return f64::INFINITY,
            MINUS => return f64::NEG_INFINITY,
            _ => return f64::NAN,
        }
        let mut size = self.clone();
        size.carry();
        let negative = size.limbs.last().is_some_and(|&top| top < 0);
        if negative {
            size.limbs.iter_mut().for_each(|limb| *limb = limb.wrapping_neg());
            size.carry();
        }
        let size = size.rounded();
        if negative { -size } else { size }
    }

    /// The value of limbs that are not negative, carries passed on.
    fn rounded(&self) -> f64 {
        let Some(top) = self.limbs.iter().rposition(|&limb| limb != 0) else { return 0.0 };
        // Four limbs hold at least 97 bits, or all there are; a last bit for what lies below them makes the
        // conversion round as the whole number would.
        let low = top.saturating_sub(3);
        let mut digits = (low..=top).rev().fold(0_u128, |d, i| d << 32 | self.limbs[i] as u128);
        if self.limbs[..low].iter().any(|&limb| limb != 0) {
            digits |= 1;
        }
        if digits < 1 << 53 && low == 0 {
            // The bits of a double this small count units of 2⁻¹⁰⁷⁴.
            return f64::from_bits(digits as u64);
        }
        // In two steps, since the power alone may be out of range.
        let power = 32 * low as i32 - 1074;
        digits as f64 * 2.0_f64.powi(power / 2) * 2.0_f64.powi(power - power / 2)
    }

    /// Numbers whose sum this is exactly, the largest first: mostly two or three, at most one for each 53
    /// bits. The one sum that is not finite stands alone.
    pub(super) fn terms(&self) -> Vec<f64> {
        let mut rest = self.clone();
        let mut terms = Vec::new();
        loop {
            let value = rest.value();
            if value == 0.0 {
                return terms;
            }
            terms.push(value);
            if !value.is_finite() {
                return terms;
            }
            rest.add(-value);
        }
    }

    /// Brings all limbs but the last into `0..2³²`.
    fn carry(&mut self) {
        let mut carry = 0;
        if let Some((last, others)) = self.limbs.split_last_mut() {
            for limb in others {
                let sum = *limb + carry;
                (*limb, carry) = (sum & MASK, sum >> 32);
            }
            *last = last.wrapping_add(carry);
        }
        self.pending = 1;
    }
}

impl PartialEq for Sum {
    fn eq(&self, other: &Self) -> bool {
        <(u8, Vec<i64>)>::from(self.clone()) == other.clone().into()
    }
}

/// Always the same bytes for the same sum, whatever way it came about.
impl From<Sum> for (u8, Vec<i64>) {
    fn from(mut sum: Sum) -> Self {
        sum.carry();
        if sum.limbs.iter().all(|&limb| limb == 0) {
            sum.limbs.clear();
        }
        (sum.special, sum.limbs)
    }
}

impl TryFrom<(u8, Vec<i64>)> for Sum {
    type Error = &'static str;

    fn try_from((special, limbs): (u8, Vec<i64>)) -> Result<Self, Self::Error> {
        let others = &limbs[..limbs.len().saturating_sub(1)];
        if !(limbs.is_empty() || limbs.len() == LIMBS)
            || !others.iter().all(|limb| (0..=MASK).contains(limb))
            || special > 7
        {
            return Err("not an exact sum");
        }
        Ok(Self { limbs, pending: 1, special })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(numbers: &[f64]) -> Sum {
        let mut sum = Sum::default();
        numbers.iter().for_each(|&x| sum.add(x));
        sum
    }

    #[test]
    fn nothing_is_lost() {
        let tiny = f64::from_bits(1);
        let cases: [(&[f64], f64); 15] = [
            (&[], 0.0),
            (&[0.1; 10], 1.0),
            (&[1e100, 1.0, -1e100], 1.0),
            (&[f64::MAX, f64::MAX, -f64::MAX], f64::MAX),
            (&[f64::MAX, f64::MAX], f64::INFINITY),
            (&[-f64::MAX, -f64::MAX], f64::NEG_INFINITY),
            (&[tiny, tiny, -tiny], tiny),
            (&[-tiny], -tiny),
            (&[f64::MIN_POSITIVE, -tiny], f64::from_bits(f64::MIN_POSITIVE.to_bits() - 1)),
            (&[1.0, f64::EPSILON / 2.0], 1.0),
            (&[1.0, f64::EPSILON / 2.0, tiny], 1.0 + f64::EPSILON),
            (&[1.0, f64::EPSILON / 2.0, -tiny], 1.0),
            (&[-1.0, 0.5], -0.5),
            (&[f64::INFINITY, 1.0], f64::INFINITY),
            (&[f64::NEG_INFINITY], f64::NEG_INFINITY),
        ];
        for (numbers, wanted) in cases {
            assert_eq!(sum(numbers).value(), wanted, "{numbers:?}");
        }
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).value().is_nan());
        assert!(sum(&[1.0, f64::NAN]).value().is_nan());
        // One number is itself, over the whole range of exponents.
        for exponent in 0..2047_u64 {
            for fraction in [0, 1, 0x000f_edcb_a987_6543, (1 << 52) - 1] {
                let x = f64::from_bits(exponent << 52 | fraction);
                assert_eq!(sum(&[x]).value(), x);
                assert_eq!(sum(&[-x, -x, x]).value(), -x);
            }
        }
    }

    #[test]
    fn products_keep_their_last_digits() {
        let mut sum = Sum::default();
        sum.add_product(1.0 + f64::EPSILON, 1.0 + f64::EPSILON);
        sum.add(-1.0 - 2.0 * f64::EPSILON);
        assert_eq!(sum.value(), f64::EPSILON * f64::EPSILON);
        assert_eq!(sum.terms(), [f64::EPSILON * f64::EPSILON]);
        assert_eq!(super::tests::sum(&[1.0, 1e-30, 1e-60]).terms(), [1.0, 1e-30, 1e-60]);
        assert_eq!(super::tests::sum(&[f64::MAX, f64::MAX]).terms(), [f64::INFINITY]);
        assert!(super::tests::sum(&[f64::NAN]).terms()[0].is_nan());
    }

    #[test]
    fn parts_in_any_order_are_the_same_sum() {
        let numbers: Vec<f64> =
            (0..300).map(|i| (f64::from(i) * 0.7).sin() * 10_f64.powi(i % 37 - 18)).collect();
        let whole = sum(&numbers);
        for cut in [0, 1, 150, 299, 300] {
            let (mut left, right) = (sum(&numbers[..cut]), sum(&numbers[cut..]));
            left.merge(&right);
            assert_eq!(left, whole);
            assert_eq!(left.value().to_bits(), whole.value().to_bits());
        }
        let turned: Vec<f64> = numbers.iter().rev().copied().collect();
        assert_eq!(sum(&turned), whole);
    }

    #[test]
    fn carries_are_passed_on_in_time() {
        let mut sum = Sum { pending: ROOM - 2, ..sum(&[-3.5]) };
        (0..8).for_each(|_| sum.add(f64::from_bits(0x43ff_ffff_ffff_ffff)));
        assert!(sum.pending < 16);
        let wanted = 8.0 * f64::from_bits(0x43ff_ffff_ffff_ffff);
        assert_eq!(sum.value(), wanted);
    }

    #[test]
    fn what_is_no_sum_is_not_read() {
        for parts in [(8, vec![]), (0, vec![0]), (0, vec![-1; LIMBS]), (0, vec![1 << 32; LIMBS])] {
            assert!(Sum::try_from(parts).is_err());
        }
        let top = i64::MAX;
        let mut most = Sum::try_from((0, [vec![MASK; LIMBS - 1], vec![top]].concat())).unwrap();
        most.merge(&most.clone());
        most.value();
        let least = Sum::try_from((0, [vec![0; LIMBS - 1], vec![i64::MIN]].concat())).unwrap();
        least.value();
    }
}
