//! One axis in reverse order. The gradient is turned around as well.

use gradus_tensor::{Float, Tensor};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Flip {
    axis: isize,
}

impl<T: Float> Op<T> for Flip {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "flip";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.flip(self.axis)?)
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.flip(self.axis)?)])
    }

    fn vjp_fused(&self, _: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        Ok([Some(grad.flip(self.axis)?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis)
    }
}

impl<T: Float> Var<T> {
    /// The elements in reverse order along `axis`; a view.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn flip(&self, axis: isize) -> Result<Var<T>> {
        apply!(Flip { axis }, [self])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("flip", |x| x[0].flip(-1))
            .on("a matrix", [normal([3, 4], 1)])
            .on("no elements", [normal([2, 0], 2)])
            .refuses("no axes", [normal([0_usize; 0], 1)], "flip: axis -1 is out of range")
            .check();
    }
}
