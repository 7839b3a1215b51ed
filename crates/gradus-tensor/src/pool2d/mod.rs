//! Pooling of images: the largest or the mean element of each window, with gradients of any order.
//!
//! Images lie channels-last in memory, see [`Tensor::channels_last`]; other layouts are copied
//! first, and results are channels-last. Windows that reach beyond the image see padding there:
//! zeros for the mean, nothing for the maximum.

mod avg;
mod max;
mod spec;

pub use avg::{avg_pool2d, avg_pool2d_grad};
pub use max::{max_pool2d, max_pool2d_gather, max_pool2d_grad};
pub use spec::{Pool2dSpec, PoolSpec};

use crate::conv::window::{Images, rank4};
use crate::layout::Layout;
use crate::{Error, Result};

#[cfg(doc)]
use crate::Tensor;

impl PoolSpec<2> {
    /// The windows on images of a shape, each of which sees at least one pixel.
    fn images(&self, op: &'static str, shape: &[usize]) -> Result<Images> {
        let [batch, channels, height, width] = rank4(op, shape, "[N, C, H, W]")?;
        Layout::checked(op, shape)?;
        if height == 0 || width == 0 {
            return Err(Error::shape(op, shape, "images of at least one pixel (axes 2 and 3)"));
        }
        let (rows, columns) = (self.window(op, 0, height)?, self.window(op, 1, width)?);
        let images = Images { batch, channels, rows, columns };
        Layout::checked(op, &images.output_shape())?;
        Ok(images)
    }
}

impl Images {
    fn output_shape(&self) -> [usize; 4] {
        [self.batch, self.channels, self.rows.output, self.columns.output]
    }
}
