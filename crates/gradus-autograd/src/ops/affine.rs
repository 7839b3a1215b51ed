//! A straight line through every element: `y = a x + b` for fixed numbers `a` and `b`, `x̄ = a ȳ`.

use gradus_tensor::{Float, Tensor, concrete};

use crate::op::total;
use crate::{At, Attributes, In, Keeps, Op, Result, Var};

#[derive(Debug)]
struct Affine<T> {
    factor: T,
    offset: T,
}

impl<T: Float> Affine<T> {
    fn value(&self, x: &Tensor<T>) -> Tensor<T> {
        let (factor, offset) = (self.factor, self.offset);
        x.map(move |x| factor * x + offset)
    }
}

impl<T: Float> Op<T> for Affine<T> {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "affine";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(self.value(x))
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.scale(self.factor))])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("factor", self.factor.to_f64()).with("offset", self.offset.to_f64())
    }
}

impl<T: Float> Var<T> {
    /// `factor * x + offset` for each element `x`.
    pub fn affine(&self, factor: T, offset: T) -> Var<T> {
        concrete!(affine: fn(&Var<T>, T, T) -> Var<T>)(self, factor, offset)
    }
}

fn affine<T: Float>(x: &Var<T>, factor: T, offset: T) -> Var<T> {
    total(Affine { factor, offset }, x, Affine::value)
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("affine", |x| Ok(x[0].affine(-2.5, 0.75)))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .check();
    }
}
