//! A straight line through every element: `y = a x + b` for fixed numbers `a` and `b`, `x̄ = a ȳ`.

use gradus_tensor::{Float, Tensor, concrete};

use crate::graph::One;
use crate::{At, Op, Result, Var};

#[derive(Debug)]
struct Affine<T> {
    factor: T,
    offset: T,
}

impl<T: Float> Op<T, 1> for Affine<T> {
    type Saved = ();
    const KEEPS_INPUTS: bool = false;

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<(Tensor<T>, ())> {
        let (factor, offset) = (self.factor, self.offset);
        Ok((x.map(move |x| factor * x + offset), ()))
    }

    fn vjp(&self, _: &At<'_, T, (), 1>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.scale(self.factor))])
    }
}

impl<T: Float> Var<T> {
    /// `factor * x + offset` for each element `x`.
    pub fn affine(&self, factor: T, offset: T) -> Var<T> {
        concrete!(affine: fn(&Var<T>, T, T) -> Var<T>)(self, factor, offset)
    }
}

fn affine<T: Float>(x: &Var<T>, factor: T, offset: T) -> Var<T> {
    let value = x.value().map(move |x| factor * x + offset);
    One::record(Affine { factor, offset }, [x], value, ())
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("affine", |x| Ok(x[0].affine(-2.5, 0.75)))
            .on("a matrix", [normal([3, 4], 1)])
            .on("one number", [normal([0_usize; 0], 2)])
            .on("no elements", [normal([0, 2], 3)])
            .check();
    }
}
