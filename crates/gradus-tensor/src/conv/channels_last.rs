//! Images with the channels of a pixel side by side in memory.
//!
//! The shape stays `[N, C, …]`; the strides say where the elements lie. Kernels then run along
//! the channels, which vectors are filled with whatever the size of the image.

use smallvec::SmallVec;

use crate::layout::Layout;
use crate::threads::for_each_piece;
use crate::{Element, Error, Result, Tensor, concrete};

/// Pixels that are moved together: enough to fill the cache lines of both sides.
const TILE: usize = 32;

impl<T: Element> Tensor<T> {
    /// The same tensor of shape `[N, C, …]` with axis 1 last in memory; copies only if it is not.
    ///
    /// Elementwise operations keep this order, and convolution and pooling work in it: whoever
    /// brings images and weights into it once saves a copy in each of them.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<i64>::arange(12).reshape([1, 3, 2, 2])?;
    /// let y = x.channels_last()?;
    /// assert_eq!(x, y);
    /// assert_eq!((x.strides(), y.strides()), (&[12, 4, 2, 1][..], &[12, 1, 6, 3][..]));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if there are fewer than two axes.
    pub fn channels_last(&self) -> Result<Self> {
        fn bits<T: Element>(x: &Tensor<T>) -> Result<Tensor<T>> {
            type Kernel<T> = fn(&Tensor<T>) -> Result<Tensor<T>>;
            concrete!(Bits, Tensor::with_channels_last: Kernel<T>)(x)
        }
        bits(self.bits()).map(Self::of_bits)
    }

    fn with_channels_last(&self) -> Result<Self> {
        if self.rank() < 2 {
            let wanted = "at least two axes, the second that of the channels";
            return Err(Error::shape("channels_last", self.shape(), wanted));
        }
        let mut order: SmallVec<[usize; 6]> = (0..self.rank()).collect();
        order.remove(1);
        order.push(1);
        let layout = Layout::dense(self.shape(), &order);
        let mut axes = layout.strides.iter().zip(self.strides()).zip(self.shape());
        if self.is_empty() || axes.all(|((wanted, stride), &n)| n == 1 || wanted == stride) {
            return Ok(Self {
                layout: Layout { offset: self.layout.offset, ..layout },
                ..self.clone()
            });
        }
        let Some(values) = self.as_slice() else { return Ok(self.copied_to(layout)) };
        // Row-major images: each is a matrix [channels, pixels] to be transposed.
        let channels = self.shape()[1];
        let pixels: usize = self.shape()[2..].iter().product();
        Ok(Tensor::build(layout, |out| {
            for_each_piece(out, channels * pixels, |image, out| {
                let planes = &values[image * channels * pixels..][..channels * pixels];
                for (t, out) in out.chunks_mut(TILE * channels).enumerate() {
                    for (channel, plane) in planes.chunks_exact(pixels).enumerate() {
                        let plane = &plane[t * TILE..];
                        for (out, &x) in out.chunks_exact_mut(channels).zip(plane) {
                            out[channel] = x;
                        }
                    }
                }
            });
        }))
    }
}
