//! How a kernel moves over an input.

use super::window::Window;
use crate::{Axes, Padding, Result};

/// How the kernel of a convolution moves over `D` axes, of which the first is that of the slowest.
///
/// Stride 1, no padding, dilation 1 and one group unless they are set. One number stands for all axes.
///
/// ```
/// use gradus_tensor::Conv2dSpec;
/// let spec = Conv2dSpec::new().stride(2).padding([1, 0]);
/// assert_eq!((spec.strides(), spec.paddings()), ([2, 2], [[1, 1], [0, 0]]));
/// assert_eq!(spec.output_size([9, 9], 3)?, [5, 4]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConvSpec<const D: usize> {
    stride: [usize; D],
    padding: [[usize; 2]; D],
    dilation: [usize; D],
    groups: usize,
}

/// How the kernel of a convolution moves over images: rows, then columns.
pub type Conv2dSpec = ConvSpec<2>;

impl<const D: usize> Default for ConvSpec<D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const D: usize> ConvSpec<D> {
    /// Stride 1, no padding, dilation 1, one group.
    #[must_use]
    pub fn new() -> Self {
        Self { stride: [1; D], padding: [[0; 2]; D], dilation: [1; D], groups: 1 }
    }

    /// Elements from one output to the next; at least 1.
    #[must_use]
    pub fn stride(self, stride: impl Into<Axes<D>>) -> Self {
        Self { stride: stride.into().get(), ..self }
    }

    /// Zeros before the first and after the last element; on each side at most the span of the kernel,
    /// `dilation · (kernel - 1) + 1`.
    #[must_use]
    pub fn padding(self, padding: impl Into<Padding<D>>) -> Self {
        Self { padding: padding.into().get(), ..self }
    }

    /// Elements from one tap of the kernel to the next; at least 1.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<Axes<D>>) -> Self {
        Self { dilation: dilation.into().get(), ..self }
    }

    /// Into how many groups the channels are cut; each group of output channels sees only the input
    /// channels of its group.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// The stride of each axis.
    pub fn strides(&self) -> [usize; D] {
        self.stride
    }

    /// The padding before and after, of each axis.
    pub fn paddings(&self) -> [[usize; 2]; D] {
        self.padding
    }

    /// The dilation of each axis.
    pub fn dilations(&self) -> [usize; D] {
        self.dilation
    }

    /// The number of groups.
    pub fn group_count(&self) -> usize {
        self.groups
    }

    /// The size of the output on each axis:
    /// `(input + before + after - dilation · (kernel - 1) - 1) / stride + 1`, rounded down.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) if kernel, stride or dilation is zero, or the kernel does not
    /// fit into the padded input; axes are counted from the batch's, as in a tensor `[N, C, …]`.
    pub fn output_size(
        &self,
        input: impl Into<Axes<D>>,
        kernel: impl Into<Axes<D>>,
    ) -> Result<[usize; D]> {
        let (input, kernel) = (input.into().get(), kernel.into().get());
        let mut output = [0; D];
        for (i, output) in output.iter_mut().enumerate() {
            *output = self.window("output_size", i, input[i], kernel[i])?.output;
        }
        Ok(output)
    }

    /// The window that slides over axis `i` of those that are convolved.
    pub(super) fn window(
        &self,
        op: &'static str,
        i: usize,
        input: usize,
        kernel: usize,
    ) -> Result<Window> {
        let numbers = [kernel, self.stride[i], self.dilation[i]];
        Window::new(op, 2 + i, input, numbers, self.padding[i])
    }
}
