//! Pooling: the largest value, or the mean, of each small window of an image.

use gradus_autograd::Var;
use gradus_tensor::{Axes, Float, Padding, Pool2dSpec};

use super::no_parameters;
use crate::{Context, Layer, Result, Settings};

/// The largest value of each window of `[N, C, H, W]`, channel by channel.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Layer, MaxPool2d};
/// use gradus_tensor::Tensor;
/// let images: Var = Var::constant(Tensor::zeros([2, 3, 8, 8]));
/// assert_eq!(MaxPool2d::new(2).forward(&images, &mut Context::eval())?.shape(), [2, 3, 4, 4]);
/// let overlapping = MaxPool2d::new(3).stride(2).padding(1);
/// assert_eq!(overlapping.forward(&images, &mut Context::eval())?.shape(), [2, 3, 4, 4]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.MaxPool2d")]
pub struct MaxPool2d {
    /// The size of the window; one number stands for both axes.
    #[into]
    #[at_least(1)]
    kernel: Axes<2>,
    /// Pixels from one window to the next.
    #[unset("that of the window")]
    #[at_least(1)]
    #[into]
    stride: Option<Axes<2>>,
    /// Padding on each side, at most half of the window; nothing is the largest there.
    #[into]
    #[default(0)]
    padding: Padding<2>,
}

/// The mean of each window of `[N, C, H, W]`, channel by channel. Zeros that padding adds count.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.AvgPool2d")]
pub struct AvgPool2d {
    /// The size of the window; one number stands for both axes.
    #[into]
    #[at_least(1)]
    kernel: Axes<2>,
    /// Pixels from one window to the next.
    #[unset("that of the window")]
    #[at_least(1)]
    #[into]
    stride: Option<Axes<2>>,
    /// Zeros on each side, at most half of the window.
    #[into]
    #[default(0)]
    padding: Padding<2>,
}

/// The mean of each channel over the whole image: `[N, C, H, W]` to `[N, C]` (Lin, Chen and Yan,
/// *Network in network*, 2014, section 3.2).
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "nn.AdaptiveAvgPool2d")]
pub struct GlobalAvgPool2d;

no_parameters!(MaxPool2d, AvgPool2d, GlobalAvgPool2d);

impl<T: Float> Layer<T> for MaxPool2d {
    /// # Errors
    /// If `x` has not four axes, or is smaller than the window, or the padding is more than half of that.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        self.check()?;
        let y = x.max_pool2d(spec(self.kernel, self.stride, self.padding));
        cx.layer(self, y, |_| (named("MaxPool2d", self.kernel), 0))
    }
}

impl<T: Float> Layer<T> for AvgPool2d {
    /// # Errors
    /// If `x` has not four axes, or is smaller than the window, or the padding is more than half of that.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        self.check()?;
        let y = x.avg_pool2d(spec(self.kernel, self.stride, self.padding));
        cx.layer(self, y, |_| (named("AvgPool2d", self.kernel), 0))
    }
}

impl<T: Float> Layer<T> for GlobalAvgPool2d {
    /// # Errors
    /// If `x` has not four axes.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        cx.layer(self, x.global_avg_pool2d(), |_| ("GlobalAvgPool2d".into(), 0))
    }
}

fn spec(kernel: Axes<2>, stride: Option<Axes<2>>, padding: Padding<2>) -> Pool2dSpec {
    Pool2dSpec::new(kernel).stride(stride.unwrap_or(kernel)).padding(padding)
}

fn named(layer: &str, kernel: Axes<2>) -> String {
    let [height, width] = kernel.get();
    format!("{layer}({height}x{width})")
}
