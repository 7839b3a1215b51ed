//! Pooling: the largest value, or the mean, of each small window of an image.

use gradus_autograd::Var;
use gradus_tensor::{Float, Pool2dSpec};

use super::{line, no_parameters};
use crate::{Context, Layer, Result};

/// The largest value of each window of `[N, C, H, W]`, channel by channel.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Layer, MaxPool2d};
/// use gradus_tensor::Tensor;
/// let images: Var = Var::constant(Tensor::zeros([2, 3, 8, 8]));
/// assert_eq!(MaxPool2d::new(2).forward(&images, &mut Context::eval())?.shape(), [2, 3, 4, 4]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MaxPool2d(
    /// Size, stride and padding of the window.
    pub Pool2dSpec,
);

/// The mean of each window of `[N, C, H, W]`, channel by channel. Zeros that padding adds count.
#[derive(Debug, Clone, Copy)]
pub struct AvgPool2d(
    /// Size, stride and padding of the window.
    pub Pool2dSpec,
);

/// The mean of each channel over the whole image: `[N, C, H, W]` to `[N, C]` (Lin, Chen and Yan,
/// *Network in network*, 2014, section 3.2).
#[derive(Debug, Clone, Copy, Default)]
pub struct GlobalAvgPool2d;

impl MaxPool2d {
    /// Square windows that touch but do not overlap.
    pub fn new(size: usize) -> Self {
        Self(size.into())
    }
}

impl AvgPool2d {
    /// Square windows that touch but do not overlap.
    pub fn new(size: usize) -> Self {
        Self(size.into())
    }
}

no_parameters!(MaxPool2d, AvgPool2d, GlobalAvgPool2d);

impl<T: Float> Layer<T> for MaxPool2d {
    /// # Errors
    /// If `x` has not four axes, or is smaller than the window.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = x.max_pool2d(self.0)?;
        cx.record(|| line::<T>(named("MaxPool2d", &self.0), y.shape(), &[], 0));
        Ok(y)
    }
}

impl<T: Float> Layer<T> for AvgPool2d {
    /// # Errors
    /// If `x` has not four axes, or is smaller than the window.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = x.avg_pool2d(self.0)?;
        cx.record(|| line::<T>(named("AvgPool2d", &self.0), y.shape(), &[], 0));
        Ok(y)
    }
}

impl<T: Float> Layer<T> for GlobalAvgPool2d {
    /// # Errors
    /// If `x` has not four axes.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let y = x.global_avg_pool2d()?;
        cx.record(|| line::<T>("GlobalAvgPool2d".into(), y.shape(), &[], 0));
        Ok(y)
    }
}

fn named(layer: &str, spec: &Pool2dSpec) -> String {
    format!("{layer}({}x{})", spec.kernel[0], spec.kernel[1])
}
