//! A variable and a number: `y = x + c`, `x̄ = ȳ`; `y = c x`, `x̄ = c ȳ`; `y = x / c`, `x̄ = ȳ / c`.
//!
//! The bits are those of the same arithmetic on tensors: a quotient is not a product with a rounded
//! reciprocal, and the sign of a zero stays.

use gradus_tensor::{Float, Tensor, concrete};

use crate::op::total;
use crate::{At, Attributes, In, Keeps, Op, Result, Var};

#[derive(Debug, Clone, Copy)]
enum WithNumber<T> {
    Plus(T),
    Times(T),
    Over(T),
}

impl<T: Float> WithNumber<T> {
    fn value(&self, x: &Tensor<T>) -> Tensor<T> {
        match *self {
            Self::Plus(number) => x + number,
            Self::Times(number) => x * number,
            Self::Over(number) => x / number,
        }
    }
}

impl<T: Float> Op<T> for WithNumber<T> {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "with_number";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(self.value(x))
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(match *self {
            Self::Plus(_) => grad.clone(),
            Self::Times(number) => grad.scale(number),
            Self::Over(number) => grad / number,
        })])
    }

    fn vjp_fused(&self, _: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        Ok([Some(match *self {
            Self::Plus(_) => grad,
            Self::Times(number) => &grad * number,
            Self::Over(number) => &grad / number,
        })])
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Plus(_) => "plus",
            Self::Times(_) => "times",
            Self::Over(_) => "over",
        }
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        let (Self::Plus(number) | Self::Times(number) | Self::Over(number)) = *self;
        Attributes::new().with("number", number.to_f64())
    }
}

impl<T: Float> Var<T> {
    /// Each element times a number: the same as the operator.
    pub fn scale(&self, factor: T) -> Var<T> {
        self.with_number(WithNumber::Times(factor))
    }

    /// Each element plus a number: the same as the operator.
    pub fn shift(&self, offset: T) -> Var<T> {
        self.with_number(WithNumber::Plus(offset))
    }

    /// Each element divided by a number, `x / c`.
    pub(crate) fn over(&self, divisor: T) -> Var<T> {
        self.with_number(WithNumber::Over(divisor))
    }

    fn with_number(&self, op: WithNumber<T>) -> Var<T> {
        fn kernel<T: Float>(op: WithNumber<T>, x: &Var<T>) -> Var<T> {
            total(op, x, WithNumber::value)
        }
        concrete!(kernel: fn(WithNumber<T>, &Var<T>) -> Var<T>)(op, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        for cases in [
            cases!("plus", |x| Ok(&x[0] + 0.75)),
            cases!("minus", |x| Ok(&x[0] - 0.75)),
            cases!("from a number", |x| Ok(0.75 - &x[0])),
            cases!("times", |x| Ok(-2.5 * &x[0])),
            cases!("over", |x| Ok(&x[0] / 3.0)),
            cases!("negated", |x| Ok(-&x[0])),
        ] {
            cases
                .on("a matrix", [normal([3, 4], 1)])
                .on("one number", [normal([0_usize; 0], 2)])
                .on("no elements", [normal([0, 2], 3)])
                .check();
        }
        cases!("a number over", |x| Ok(2.0 / &x[0]))
            .on("a matrix", [crate::check::inputs::positive([3, 4], 1)])
            .check();
    }

    #[test]
    fn the_bits_are_those_of_tensors() {
        let x = Tensor::vector([0.1_f32, -0.0, 7.0, f32::INFINITY, -3.3]);
        let v = Var::from(&x);
        let pairs = [
            (&v + 0.3, &x + 0.3),
            (&v - 0.3, &x - 0.3),
            (&v * 0.3, &x * 0.3),
            (&v / 3.0, &x / 3.0),
            (0.3 + &v, 0.3 + &x),
            (0.3 - &v, 0.3 - &x),
            (0.3 * &v, 0.3 * &x),
            (0.3 / &v, 0.3 / &x),
            (-&v, -&x),
        ];
        for (i, (got, wanted)) in pairs.into_iter().enumerate() {
            let bits = |x: &Tensor| x.to_vec().into_iter().map(f32::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(got.value()), bits(&wanted), "pair {i}");
        }
    }
}
