//! Axes of size 1, and new ones in front, repeated. The gradient is the sum over the repetitions.

use gradus_tensor::{Float, Tensor};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Expand {
    shape: Vec<usize>,
}

impl<T: Float> Op<T> for Expand {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "expand";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.expand(&self.shape)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.sum_to(at.shape(0))?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        Ok([Some(grad.sum_to(at.shape(0))?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("shape", &*self.shape)
    }
}

impl<T: Float> Var<T> {
    /// Axes of size 1, and new ones in front, repeated to `shape` without a copy.
    ///
    /// # Errors
    /// If an axis of another size than 1 would change.
    pub fn expand(&self, shape: impl AsRef<[usize]>) -> Result<Var<T>> {
        apply!(Expand { shape: shape.as_ref().to_vec() }, [self])
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("expand", |x| x[0].expand([2, 3, 4]))
            .on("a row", [normal([4], 1)])
            .on("a column", [normal([3, 1], 2)])
            .on("one number", [normal([0_usize; 0], 3)])
            .refuses("another size", [normal([3], 1)], "expand: got shape [3]")
            .check();
    }
}
