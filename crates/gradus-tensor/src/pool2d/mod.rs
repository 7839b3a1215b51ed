//! Pooling of images: the largest or the mean element of each window, with gradients of any order.
//!
//! Images lie channels-last in memory, see [`Tensor::channels_last`]; other layouts are copied
//! first, and results are channels-last. Windows that reach beyond the image see padding there:
//! zeros for the mean, nothing for the maximum.

mod avg;
mod max;

pub use avg::{avg_pool2d, avg_pool2d_grad};
pub use max::{max_pool2d, max_pool2d_gather, max_pool2d_grad};

use crate::conv::window::{Images, Window, image_layout, rank4};
use crate::layout::Layout;
use crate::{Error, Result};

#[cfg(doc)]
use crate::Tensor;

/// How a pooling window moves over an image; pairs are (rows, columns).
///
/// ```
/// use gradus_tensor::Pool2dSpec;
/// let spec = Pool2dSpec::new([2, 2]);
/// assert_eq!((spec.stride, spec.padding), ([2, 2], [0, 0]));
/// let overlapping = Pool2dSpec { stride: [2, 2], padding: [1, 1], ..Pool2dSpec::new([3, 3]) };
/// # let _ = overlapping;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pool2dSpec {
    /// Rows and columns of the window; at least 1.
    pub kernel: [usize; 2],
    /// Pixels from one window to the next; at least 1.
    pub stride: [usize; 2],
    /// Pixels of padding on each side; at most half of the kernel.
    pub padding: [usize; 2],
}

impl Pool2dSpec {
    /// Windows side by side, without padding.
    pub fn new(kernel: [usize; 2]) -> Self {
        Self { kernel, stride: kernel, padding: [0, 0] }
    }

    /// The windows on images of a shape, each of which sees at least one pixel.
    fn images(&self, op: &'static str, shape: &[usize]) -> Result<Images> {
        let [batch, channels, height, width] = rank4(op, shape, "[N, C, H, W]")?;
        Layout::checked(op, shape)?;
        if height == 0 || width == 0 {
            return Err(Error::shape(op, shape, "images of at least one pixel (axes 2 and 3)"));
        }
        let window = |i: usize, input: usize| {
            let (kernel, padding) = (self.kernel[i], self.padding[i]);
            if padding > kernel / 2 {
                let got = format!("padding {padding} on axis {}", 2 + i);
                return Err(Error::value(op, got, format!("at most half of the kernel {kernel}")));
            }
            Window::new(op, 2 + i, input, [kernel, self.stride[i], padding, 1])
        };
        let images =
            Images { batch, channels, rows: window(0, height)?, columns: window(1, width)? };
        image_layout(op, images.output_shape())?;
        Ok(images)
    }
}

/// Square windows of this size, side by side.
impl From<usize> for Pool2dSpec {
    fn from(size: usize) -> Self {
        Self::new([size, size])
    }
}

impl Images {
    fn output_shape(&self) -> [usize; 4] {
        [self.batch, self.channels, self.rows.output, self.columns.output]
    }
}
