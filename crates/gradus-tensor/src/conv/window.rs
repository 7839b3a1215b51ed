//! A window that slides over the rows and columns of images: what convolution and pooling share.
//!
//! On one axis, output `o` sees the inputs `o·stride + k·dilation - before` for `k` from 0 to
//! `kernel - 1`, and there are `(input + before + after - dilation·(kernel - 1) - 1) / stride + 1`
//! outputs, rounded down, with the padding `before` and `after` (Dumoulin and Visin, *A guide to convolution arithmetic for deep
//! learning*, 2016, relationship 6 and section 5.1).

use std::ops::Range;

use crate::layout::Layout;
use crate::{Element, Error, Result, Tensor};

/// A sliding window on one axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    /// The padding before the first element. That after the last is known by the size of the output.
    pub(crate) padding: usize,
    pub(crate) dilation: usize,
    /// The size of the axis before.
    pub(crate) input: usize,
    /// The size of the axis after.
    pub(crate) output: usize,
}

impl Window {
    /// The window on an axis of `input` elements; `axis` is its number, for messages.
    pub(crate) fn new(
        op: &'static str,
        axis: usize,
        input: usize,
        [kernel, stride, dilation]: [usize; 3],
        padding: [usize; 2],
    ) -> Result<Self> {
        for (name, value) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
            if value == 0 {
                return Err(Error::value(op, format!("{name} 0 on axis {axis}"), "at least 1"));
            }
        }
        let too_large = || {
            let got = format!("kernel {kernel} with dilation {dilation} on axis {axis}");
            Error::value(op, got, "a kernel whose span memory can hold")
        };
        let span = (kernel - 1).checked_mul(dilation).and_then(|s| s.checked_add(1));
        let span = span.ok_or_else(too_large)?;
        // Beyond that, outputs would see nothing but padding; it also keeps a wrong number from
        // asking for a huge result.
        for (side, padding) in [("before", padding[0]), ("after", padding[1])] {
            if padding > span {
                let got = format!("padding {padding} {side} axis {axis}");
                let wanted = format!("at most {span}, the span of the kernel");
                return Err(Error::value(op, got, wanted));
            }
        }
        let [before, after] = padding;
        let padded = before.checked_add(after).and_then(|p| p.checked_add(input));
        let padded = padded.filter(|&p| p <= isize::MAX as usize).ok_or_else(too_large)?;
        if span > padded {
            let got = format!("a kernel that spans {span} on axis {axis}");
            let wanted = match before == after {
                true => format!("at most {padded}: size {input} with padding {before} each side"),
                false => {
                    format!("at most {padded}: size {input} with padding {before} and {after}")
                }
            };
            return Err(Error::value(op, got, wanted));
        }
        let output = (padded - span) / stride + 1;
        Ok(Self { kernel, stride, padding: before, dilation, input, output })
    }

    /// The taps of the kernel that see input, not padding, at output `o`.
    #[inline(always)]
    pub(crate) fn taps(&self, o: usize) -> Range<usize> {
        let start = o * self.stride;
        // Tap k lies at `start + k·dilation` of the padded axis; real input is `padding..end`.
        let mut first = self.padding.saturating_sub(start);
        let mut last = (self.input + self.padding).saturating_sub(start);
        if self.dilation != 1 {
            first = first.div_ceil(self.dilation);
            last = last.div_ceil(self.dilation);
        }
        let first = first.min(self.kernel);
        first..last.min(self.kernel).max(first)
    }

    /// The input that a tap sees; the tap must be one of [`taps`](Window::taps).
    #[inline(always)]
    pub(crate) fn position(&self, o: usize, tap: usize) -> usize {
        o * self.stride + tap * self.dilation - self.padding
    }
}

/// Windows on both axes of a batch of images.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Images {
    pub(crate) batch: usize,
    pub(crate) channels: usize,
    pub(crate) rows: Window,
    pub(crate) columns: Window,
}

impl Images {
    /// The number of pixels of one image before.
    pub(crate) fn input_plane(&self) -> usize {
        self.rows.input * self.columns.input
    }

    /// The number of pixels of one image after.
    pub(crate) fn output_plane(&self) -> usize {
        self.rows.output * self.columns.output
    }

    /// The number of pixels of all images after.
    pub(crate) fn pixels(&self) -> usize {
        self.batch * self.output_plane()
    }

    /// Calls `visit(i, [image, row, column])` for the `count` output pixels from `first` on.
    #[inline(always)]
    pub(crate) fn each_pixel(
        &self,
        first: usize,
        count: usize,
        mut visit: impl FnMut(usize, [usize; 3]),
    ) {
        let (height, width) = (self.rows.output, self.columns.output);
        if count == 0 {
            return;
        }
        let (mut row, mut column) = (first / width, first % width);
        let mut image = row / height;
        row %= height;
        for i in 0..count {
            visit(i, [image, row, column]);
            column += 1;
            if column == width {
                (row, column) = (row + 1, 0);
                if row == height {
                    (image, row) = (image + 1, 0);
                }
            }
        }
    }

    /// Calls `visit(tap, pixel)` for each tap of the kernel that sees a pixel of the input at an
    /// output pixel; both are counted row by row, the pixel over all images.
    #[inline(always)]
    pub(crate) fn each_tap(
        &self,
        [image, row, column]: [usize; 3],
        mut visit: impl FnMut(usize, usize),
    ) {
        let across = self.columns.taps(column);
        for down in self.rows.taps(row) {
            let line =
                (image * self.rows.input + self.rows.position(row, down)) * self.columns.input;
            for tap in across.clone() {
                visit(down * self.columns.kernel + tap, line + self.columns.position(column, tap));
            }
        }
    }
}

/// A shape of rank 4, as four numbers.
pub(crate) fn rank4(op: &'static str, shape: &[usize], axes: &str) -> Result<[usize; 4]> {
    shape.try_into().map_err(|_| Error::shape(op, shape, format!("four axes {axes}")))
}

/// The layout of results: shape N, C, H, W, with the channels of a pixel side by side.
pub(crate) fn image_layout<T>(op: &'static str, shape: [usize; 4]) -> Result<Layout> {
    Layout::with_room::<T>(op, &shape)?;
    Ok(Layout::dense(&shape, &[0, 2, 3, 1]))
}

/// The elements of a tensor that [`channels_last`](Tensor::channels_last) gave, by address.
pub(crate) fn pixels_of<T: Element>(x: &Tensor<T>) -> &[T] {
    x.as_dense().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_are_those_that_see_input() {
        for (input, kernel, stride, padding, after, dilation) in [
            (5, 3, 1, 1, 1, 1),
            (7, 3, 2, 2, 2, 2),
            (4, 1, 3, 1, 1, 1),
            (6, 5, 2, 4, 4, 1),
            (3, 2, 1, 3, 3, 3),
            (5, 3, 1, 0, 2, 1),
            (6, 4, 2, 3, 0, 1),
        ] {
            let numbers = [kernel, stride, dilation];
            let w = Window::new("test", 2, input, numbers, [padding, after]).unwrap();
            for o in 0..w.output {
                let at = |k: usize| (o * stride + k * dilation) as isize - padding as isize;
                let seen = |&k: &usize| at(k) >= 0 && at(k) < input as isize;
                let expected: Vec<usize> = (0..kernel).filter(seen).collect();
                assert_eq!(w.taps(o).collect::<Vec<_>>(), expected, "{w:?} at {o}");
                expected.iter().for_each(|&k| assert_eq!(w.position(o, k) as isize, at(k)));
            }
            let beyond = w.output * stride + dilation * (kernel - 1);
            assert!(beyond >= input + padding + after, "one more output would fit: {w:?}");
        }
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        let huge = usize::MAX;
        for (numbers, padding) in
            [([huge, 1, huge], 0), ([3, 1, 1], huge), ([huge, 1, 1], huge), ([2, huge, huge], 0)]
        {
            for padding in [[padding, padding], [0, padding], [padding, 0]] {
                assert!(Window::new("test", 2, 8, numbers, padding).is_err(), "{numbers:?}");
            }
        }
        let wide = Window::new("test", 2, 8, [1, huge, huge], [0, 0]).unwrap();
        assert_eq!((wide.output, wide.taps(0)), (1, 0..1));
    }
}
