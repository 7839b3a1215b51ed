//! The same elements, in row-major order, under another shape. The gradient is reshaped back.

use gradus_tensor::{Float, Tensor};

use crate::{At, Fused, Op, Result, Var};

#[derive(Debug)]
struct Reshape {
    shape: Vec<usize>,
}

impl<T: Float> Op<T, 1> for Reshape {
    type Saved = ();
    const KEEPS_INPUTS: bool = false;

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<(Tensor<T>, ())> {
        Ok((x.reshape(&self.shape)?, ()))
    }

    fn vjp(&self, at: &At<'_, T, (), 1>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.reshape(at.shape(0))?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, (), 1>, grad: Tensor<T>) -> Result<Fused<T, 1>> {
        Ok(Fused::Yes([Some(grad.reshape(at.shape(0))?)]))
    }
}

impl<T: Float> Var<T> {
    /// The elements in row-major order under another shape.
    ///
    /// # Errors
    /// If the shape has another number of elements.
    pub fn reshape(&self, shape: impl AsRef<[usize]>) -> Result<Var<T>> {
        Var::apply(Reshape { shape: shape.as_ref().to_vec() }, [self])
    }

    /// All axes from `first` on merged into one.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn flatten(&self, first: isize) -> Result<Var<T>> {
        let first = self.value().axis("flatten", first)?;
        let mut shape = self.shape()[..first].to_vec();
        shape.push(self.shape()[first..].iter().product());
        self.reshape(shape)
    }

    /// A new axis of size 1 before axis `axis`; `-1` puts it last.
    ///
    /// # Errors
    /// If the result has no such axis.
    pub fn unsqueeze(&self, axis: isize) -> Result<Var<T>> {
        self.reshape(self.value().unsqueeze(axis)?.shape())
    }

    /// Without axis `axis`, which must have size 1.
    ///
    /// # Errors
    /// If there is no such axis, or it has another size.
    pub fn squeeze(&self, axis: isize) -> Result<Var<T>> {
        self.reshape(self.value().squeeze(axis)?.shape())
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        Cases::new("reshape", |x| x[0].reshape([3, 4]))
            .on("another matrix", [normal([2, 6], 1)])
            .on("three axes", [normal([2, 3, 2], 2)])
            .refuses(
                "another number",
                [normal([5], 1)],
                "reshape: got shape [3, 4], wanted one of 5",
            )
            .check();
        Cases::new("flatten", |x| x[0].flatten(1)?.unsqueeze(-1)?.squeeze(-1))
            .on("images", [normal([2, 3, 2, 2], 1)])
            .on("no images", [normal([0, 3, 2, 2], 1)])
            .refuses("a vector", [normal([5], 1)], "flatten: axis 1 is out of range")
            .check();
    }
}
