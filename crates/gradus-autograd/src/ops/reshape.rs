//! The same elements, in row-major order, under another shape. The gradient is reshaped back.

use gradus_tensor::{Float, Tensor, concrete};

use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct Reshape {
    shape: Vec<usize>,
}

impl<T: Float> Op<T> for Reshape {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "reshape";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.reshape(&self.shape)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.reshape(at.shape(0))?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        Ok([Some(grad.reshape(at.shape(0))?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("shape", &*self.shape)
    }
}

impl<T: Float> Var<T> {
    /// The elements in row-major order under another shape.
    ///
    /// # Errors
    /// If the shape has another number of elements.
    pub fn reshape(&self, shape: impl AsRef<[usize]>) -> Result<Var<T>> {
        apply!(Reshape { shape: shape.as_ref().to_vec() }, [self])
    }

    /// All axes from `first` on merged into one.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn flatten(&self, first: isize) -> Result<Var<T>> {
        concrete!(flatten: fn(&Var<T>, isize) -> Result<Var<T>>)(self, first)
    }

    /// A new axis of size 1 before axis `axis`; `-1` puts it last.
    ///
    /// # Errors
    /// If the result has no such axis.
    pub fn unsqueeze(&self, axis: isize) -> Result<Var<T>> {
        concrete!(unsqueeze: fn(&Var<T>, isize) -> Result<Var<T>>)(self, axis)
    }

    /// Without axis `axis`, which must have size 1.
    ///
    /// # Errors
    /// If there is no such axis, or it has another size.
    pub fn squeeze(&self, axis: isize) -> Result<Var<T>> {
        concrete!(squeeze: fn(&Var<T>, isize) -> Result<Var<T>>)(self, axis)
    }
}

fn flatten<T: Float>(x: &Var<T>, first: isize) -> Result<Var<T>> {
    let first = x.value().axis("flatten", first)?;
    let mut shape = x.shape()[..first].to_vec();
    shape.push(x.shape()[first..].iter().product());
    x.reshape(shape)
}

fn unsqueeze<T: Float>(x: &Var<T>, axis: isize) -> Result<Var<T>> {
    x.reshape(x.value().unsqueeze(axis)?.shape())
}

fn squeeze<T: Float>(x: &Var<T>, axis: isize) -> Result<Var<T>> {
    x.reshape(x.value().squeeze(axis)?.shape())
}

#[cfg(test)]
mod tests {
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("reshape", |x| x[0].reshape([3, 4]))
            .on("another matrix", [normal([2, 6], 1)])
            .on("three axes", [normal([2, 3, 2], 2)])
            .refuses(
                "another number",
                [normal([5], 1)],
                "reshape: got shape [3, 4], wanted one of 5",
            )
            .check();
        cases!("flatten", |x| x[0].flatten(1)?.unsqueeze(-1)?.squeeze(-1))
            .on("images", [normal([2, 3, 2, 2], 1)])
            .on("no images", [normal([0, 3, 2, 2], 1)])
            .refuses("a vector", [normal([5], 1)], "flatten: axis 1 is out of range")
            .check();
    }
}
