//! How a pooling window moves over an input.

use crate::conv::window::Window;
use crate::{Axes, Error, Padding, Result};

/// How a pooling window moves over `D` axes. Windows lie side by side, without padding, unless that is
/// set. One number stands for all axes.
///
/// ```
/// use gradus_tensor::Pool2dSpec;
/// let spec = Pool2dSpec::new(2);
/// assert_eq!((spec.strides(), spec.paddings()), ([2, 2], [[0, 0], [0, 0]]));
/// let overlapping = Pool2dSpec::new(3).stride(2).padding(1);
/// assert_eq!(overlapping.kernels(), [3, 3]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PoolSpec<const D: usize> {
    kernel: [usize; D],
    stride: [usize; D],
    padding: [[usize; 2]; D],
}

/// How a pooling window moves over images: rows, then columns.
pub type Pool2dSpec = PoolSpec<2>;

impl<const D: usize> PoolSpec<D> {
    /// Windows of a size, side by side, without padding.
    #[must_use]
    pub fn new(kernel: impl Into<Axes<D>>) -> Self {
        let kernel = kernel.into().get();
        Self { kernel, stride: kernel, padding: [[0; 2]; D] }
    }

    /// Elements from one window to the next; at least 1.
    #[must_use]
    pub fn stride(self, stride: impl Into<Axes<D>>) -> Self {
        Self { stride: stride.into().get(), ..self }
    }

    /// Padding before the first and after the last element; on each side at most half of the kernel.
    #[must_use]
    pub fn padding(self, padding: impl Into<Padding<D>>) -> Self {
        Self { padding: padding.into().get(), ..self }
    }

    /// The size of the window on each axis.
    pub fn kernels(&self) -> [usize; D] {
        self.kernel
    }

    /// The stride of each axis.
    pub fn strides(&self) -> [usize; D] {
        self.stride
    }

    /// The padding before and after, of each axis.
    pub fn paddings(&self) -> [[usize; 2]; D] {
        self.padding
    }

    /// The window that slides over axis `i` of those that are pooled.
    pub(super) fn window(&self, op: &'static str, i: usize, input: usize) -> Result<Window> {
        let (kernel, padding) = (self.kernel[i], self.padding[i]);
        for (side, padding) in [("before", padding[0]), ("after", padding[1])] {
            if padding > kernel / 2 {
                let got = format!("padding {padding} {side} axis {}", 2 + i);
                return Err(Error::value(op, got, format!("at most half of the kernel {kernel}")));
            }
        }
        Window::new(op, 2 + i, input, [kernel, self.stride[i], 1], padding)
    }
}

impl<const D: usize> From<usize> for PoolSpec<D> {
    fn from(kernel: usize) -> Self {
        Self::new(kernel)
    }
}

impl<const D: usize> From<[usize; D]> for PoolSpec<D> {
    fn from(kernel: [usize; D]) -> Self {
        Self::new(kernel)
    }
}
