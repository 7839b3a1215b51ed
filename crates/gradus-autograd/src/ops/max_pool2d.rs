//! The largest element of each window of an image: `y[o] = max_k x[o·s + k - p]`.
//!
//! `x` is `[N, C, H, W]`. The gradient goes to the element that was chosen, the first one of
//! several equal ones; with its place saved, that is a linear operation `scatter`, whose derivative
//! `gather` takes elements from those places, and the other way round. (Zhou and Chellappa,
//! *Computation of optical flow using a neural network*, 1988.)

use gradus_tensor::{Float, Pool2dSpec, Tensor, max_pool2d, max_pool2d_gather, max_pool2d_grad};

use super::windows::pool_attributes;
use crate::{At, Attributes, In, Keeps, Op, Result, Saving, Var, apply};

#[derive(Debug)]
struct MaxPool2d {
    spec: Pool2dSpec,
}

impl<T: Float> Op<T> for MaxPool2d {
    type Inputs = [In; 1];
    type Output = Saving<Tensor<T>, Tensor<i64>>;
    const NAME: &'static str = "max_pool2d";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Saving<Tensor<T>, Tensor<i64>>> {
        let (y, places) = max_pool2d(x, &self.spec)?;
        Ok(Saving(y, places))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let scatter = Scatter { places: at.saved.clone(), shape: at.shape(0).to_vec() };
        Ok([Some(Var::apply(scatter, [grad])?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        pool_attributes(&self.spec)
    }
}

/// Each element added to its place in an image of zeros.
#[derive(Debug)]
struct Scatter {
    places: Tensor<i64>,
    shape: Vec<usize>,
}

impl<T: Float> Op<T> for Scatter {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "max_pool2d_grad";

    fn forward(&self, [grad]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(max_pool2d_grad(grad, &self.places, &self.shape)?)
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(Var::apply(Gather { places: self.places.clone() }, [grad])?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("places", &self.places).with("shape", &*self.shape)
    }
}

/// The elements of an image at their places.
#[derive(Debug)]
struct Gather {
    places: Tensor<i64>,
}

impl<T: Float> Op<T> for Gather {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "max_pool2d_gather";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(max_pool2d_gather(x, &self.places)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let scatter = Scatter { places: self.places.clone(), shape: at.shape(0).to_vec() };
        Ok([Some(Var::apply(scatter, [grad])?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("places", &self.places)
    }
}

impl<T: Float> Var<T> {
    /// The largest element of each window of images `[N, C, H, W]`. A number stands for square
    /// windows of that size, side by side.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::<f32>::arange(16).reshape([1, 1, 4, 4])?);
    /// let y = x.max_pool2d(2)?;
    /// assert_eq!(y.value().to_vec(), [5.0, 7.0, 13.0, 15.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there are not four axes, the images have no pixels, the window is larger than the padded
    /// image, the padding more than half of the window, or window or stride is zero.
    pub fn max_pool2d(&self, spec: impl Into<Pool2dSpec>) -> Result<Var<T>> {
        apply!(MaxPool2d { spec: spec.into() }, [self])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::distinct, inputs::normal};

    #[test]
    fn properties() {
        cases!("max_pool2d", |x| x[0].max_pool2d(2))
            .equals(|x| {
                let &[n, c, h, w] = x[0].shape() else { unreachable!("images") };
                let whole = x[0].slice(2, ..h / 2 * 2)?.slice(3, ..w / 2 * 2)?;
                let windows = whole.reshape([n, c, h / 2, 2, w / 2, 2])?;
                windows.max_axes(&[3, 5], false)
            })
            .on("images", [distinct([2, 3, 4, 6], 1)])
            .on("a row too many", [distinct([1, 2, 5, 3], 2)])
            .on("no images", [distinct([0, 2, 4, 4], 3)])
            .refuses("a matrix", [normal([2, 3], 1)], "max_pool2d: got shape [2, 3]")
            .refuses(
                "small images",
                [normal([1, 1, 1, 4], 1)],
                "max_pool2d: got a kernel that spans 2",
            )
            .check();
        let spec = Pool2dSpec::new([3, 2]).stride([2, 1]).padding([[1, 1], [0, 1]]);
        cases!("max_pool2d with overlap", move |x| x[0].max_pool2d(spec))
            .on("images", [distinct([2, 2, 5, 4], 1)])
            .check();
    }

    #[test]
    fn properties_of_the_gradients() -> Result<()> {
        let spec = Pool2dSpec::new(2).stride(1);
        let (_, places) = max_pool2d(&distinct([2, 2, 3, 4], 1), &spec)?;
        let shape = vec![2, 2, 3, 4];
        let of = places.clone();
        cases!([of, shape] "scatter", move |x| {
            Var::apply(Scatter { places: of.clone(), shape: shape.clone() }, [&x[0]])
        })
        .on("overlapping windows", [normal([2, 2, 2, 3], 2)])
        .check();
        cases!([places] "gather", move |x| Var::apply(Gather { places: places.clone() }, [&x[0]]))
            .on("overlapping windows", [normal([2, 2, 3, 4], 2)])
            .check();
        Ok(())
    }
}
