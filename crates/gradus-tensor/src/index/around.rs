//! A tensor of any layout, seen as `[outer, axis, inner]` around one of its axes, so that what
//! belongs to one index on that axis is a few rows.

use crate::elementwise::Walk;
use crate::layout::{Dims, Layout, Strides};
use crate::{Element, Tensor};

pub(super) struct Around<'a, T: Element> {
    values: &'a [T],
    outer: Walk<1>,
    stride: isize,
    inner: Walk<1>,
    /// Whether the inner elements lie one after the other.
    joined: bool,
    /// The number of elements for one index on the axis and one outer index.
    pub(super) inner_len: usize,
}

impl<'a, T: Element> Around<'a, T> {
    /// Splits the axes, in the given order from slow to fast, at `axis`.
    pub(super) fn new(x: &'a Tensor<T>, axis: usize, order: &[usize]) -> Self {
        let mut parts = order.split(|&a| a == axis);
        let mut part = |offset: usize| {
            let axes = parts.next().unwrap_or_default();
            Layout {
                shape: axes.iter().map(|&a| x.shape()[a]).collect::<Dims>(),
                strides: axes.iter().map(|&a| x.strides()[a]).collect::<Strides>(),
                offset,
            }
        };
        let (outer, inner) = (part(x.layout.offset), part(0));
        let walk = |layout: &Layout| {
            let axes: Dims = (0..layout.rank()).collect();
            Walk::new(&Layout::dense(&layout.shape, &axes), [layout])
        };
        Self {
            values: x.buffer.as_slice(),
            outer: walk(&outer),
            stride: x.strides()[axis],
            inner: walk(&inner),
            joined: inner.is_contiguous(),
            inner_len: inner.len(),
        }
    }

    /// Where the elements of an outer index start.
    pub(super) fn start(&self, outer: usize) -> usize {
        let mut start = 0;
        self.outer.rows(outer, outer + 1, &mut |_, _, [offset]| start = offset);
        start
    }

    /// Calls `f(element of out, element of the tensor)` for the inner elements from `from` on of
    /// one index on the axis, as many as `out` has.
    #[inline(always)]
    pub(super) fn each(
        &self,
        start: usize,
        index: usize,
        from: usize,
        out: &mut [T],
        f: impl Fn(&mut T, T),
    ) {
        let start = start as isize + index as isize * self.stride;
        if self.joined {
            let start = start as usize + from;
            let values = &self.values[start..start + out.len()];
            return out.iter_mut().zip(values).for_each(|(o, &x)| f(o, x));
        }
        let [stride] = self.inner.strides();
        self.inner.rows(from, from + out.len(), &mut |position, n, [offset]| {
            // Relative to `start`, so it may be negative.
            let first = start + offset as isize;
            for (i, o) in out[position - from..position - from + n].iter_mut().enumerate() {
                f(o, self.values[(first + i as isize * stride) as usize]);
            }
        });
    }
}
