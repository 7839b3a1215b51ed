//! The mean of each window of an image: `y[o] = 1/(kh kw) Σ_k x[o·s + k - p]`, where padding counts
//! as zeros, and the mean of the whole image.
//!
//! `x` is `[N, C, H, W]`. The operation is linear; its gradient `x̄` spreads `ȳ / (kh kw)` over the
//! elements of the window, and the derivative of that is the operation itself. (LeCun and others,
//! *Gradient-based learning applied to document recognition*, 1998, section II; Lin, Chen and Yan,
//! *Network in network*, 2014, section 3.2.)

use gradus_tensor::{Error, Float, Pool2dSpec, Tensor, avg_pool2d, avg_pool2d_grad, concrete};

use super::windows::pool_attributes;
use crate::{At, Attributes, In, Keeps, Op, Result, Var, apply};

#[derive(Debug)]
struct AvgPool2d {
    spec: Pool2dSpec,
}

impl<T: Float> Op<T> for AvgPool2d {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "avg_pool2d";

    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(avg_pool2d(x, &self.spec)?)
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let spread = Spread { spec: self.spec, shape: at.shape(0).to_vec() };
        Ok([Some(Var::apply(spread, [grad])?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        pool_attributes(&self.spec)
    }
}

/// Each element spread over its window.
#[derive(Debug)]
struct Spread {
    spec: Pool2dSpec,
    shape: Vec<usize>,
}

impl<T: Float> Op<T> for Spread {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "avg_pool2d_grad";

    fn forward(&self, [grad]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(avg_pool2d_grad(grad, &self.shape, &self.spec)?)
    }

    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        Ok([Some(grad.avg_pool2d(self.spec)?)])
    }

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }

    fn attributes(&self) -> Attributes {
        pool_attributes(&self.spec).with("shape", &*self.shape)
    }
}

impl<T: Float> Var<T> {
    /// The mean of each window of images `[N, C, H, W]`; padding counts as zeros. A number stands
    /// for square windows of that size, side by side.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::<f32>::arange(16).reshape([1, 1, 4, 4])?);
    /// assert_eq!(x.avg_pool2d(2)?.value().to_vec(), [2.5, 4.5, 10.5, 12.5]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`max_pool2d`](Var::max_pool2d).
    pub fn avg_pool2d(&self, spec: impl Into<Pool2dSpec>) -> Result<Var<T>> {
        apply!(AvgPool2d { spec: spec.into() }, [self])
    }

    /// The mean of each channel over the whole image: `[N, C, H, W]` to `[N, C]`.
    ///
    /// # Errors
    /// If there are not four axes, or the images have no pixels.
    pub fn global_avg_pool2d(&self) -> Result<Var<T>> {
        concrete!(global_avg_pool2d: fn(&Var<T>) -> Result<Var<T>>)(self)
    }
}

fn global_avg_pool2d<T: Float>(x: &Var<T>) -> Result<Var<T>> {
    match x.shape() {
        [_, _, h, w] if *h > 0 && *w > 0 => x.mean_axes(&[2, 3], false),
        shape => {
            let wanted = "images [N, C, H, W] of at least one pixel";
            Err(Error::shape("global_avg_pool2d", shape, wanted).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        cases!("avg_pool2d", |x| x[0].avg_pool2d(2))
            .equals(|x| {
                let &[n, c, h, w] = x[0].shape() else { unreachable!("images") };
                let whole = x[0].slice(2, ..h / 2 * 2)?.slice(3, ..w / 2 * 2)?;
                whole.reshape([n, c, h / 2, 2, w / 2, 2])?.mean_axes(&[3, 5], false)
            })
            .on("images", [normal([2, 3, 4, 6], 1)])
            .on("a row too many", [normal([1, 2, 5, 3], 2)])
            .on("no images", [normal([0, 2, 4, 4], 3)])
            .refuses("a matrix", [normal([2, 3], 1)], "avg_pool2d: got shape [2, 3]")
            .check();
        let spec = Pool2dSpec::new([3, 2]).stride([2, 1]).padding([[1, 1], [0, 1]]);
        cases!("avg_pool2d with overlap", move |x| x[0].avg_pool2d(spec))
            .equals(move |x| {
                // The convolution of each channel by itself with a kernel of equal numbers.
                let weight = Tensor::full([2, 1, 3, 2], 1.0 / 6.0);
                let convolution = gradus_tensor::Conv2dSpec::new().groups(2);
                let spec = convolution.stride(spec.strides()).padding(spec.paddings());
                x[0].conv2d(&weight.into(), None, spec)
            })
            .on("images", [normal([2, 2, 5, 4], 1)])
            .check();
        cases!("spread", move |x| {
            Var::apply(Spread { spec, shape: vec![2, 2, 5, 4] }, [&x[0]])
        })
        .on("images", [normal([2, 2, 3, 4], 1)])
        .check();
        cases!("global_avg_pool2d", |x| x[0].global_avg_pool2d())
            .equals(|x| {
                let [h, w] = [2, 3].map(|axis| x[0].shape()[axis]);
                let spec = Pool2dSpec::new([h, w]);
                x[0].avg_pool2d(spec)?.squeeze(3)?.squeeze(2)
            })
            .on("images", [normal([2, 3, 4, 2], 1)])
            .on("no images", [normal([0, 3, 4, 2], 1)])
            .refuses(
                "no pixels",
                [normal([2, 3, 0, 2], 1)],
                "global_avg_pool2d: got shape [2, 3, 0, 2], wanted images [N, C, H, W] of at least \
                 one pixel",
            )
            .check();
    }
}
