//! A tensor that becomes a part of a larger one.

use crate::elementwise::Walk;
use crate::layout::{Dims, Layout};
use crate::{Element, Tensor};

/// A source, and the box in a dense result that it fills.
///
/// Elements of the box have the same order in the memory of the source, once packed, and of the
/// result, so a piece of the result takes one range of them: that lets the threads work on
/// separate slices of the result.
pub(super) struct Part<'a, T: Element> {
    values: &'a [T],
    /// The source packed in the order of the result, and the corner of its box.
    packed: Layout,
    corner: Dims,
    order: Dims,
    result_strides: Dims,
    walk: Walk<2>,
    /// The first position of the box in the result, and the one after its last.
    first: usize,
    end: usize,
}

impl<'a, T: Element> Part<'a, T> {
    /// The box of `result` that starts at `corner` and has the shape of `source`. The axes of
    /// `result`, which is dense, are in `order` from slow to fast.
    pub(super) fn new(
        source: &'a Tensor<T>,
        corner: Dims,
        result: &Layout,
        order: &[usize],
    ) -> Self {
        let shape = &source.layout.shape;
        let mut target = Layout { shape: shape.clone(), ..result.clone() };
        let mut end = 1;
        for (axis, &n) in shape.iter().enumerate() {
            let stride = result.strides[axis] as usize;
            target.offset += corner[axis] * stride;
            end += n.saturating_sub(1) * stride;
        }
        let packed = Layout::dense(shape, order);
        Self {
            values: source.buffer.as_slice(),
            walk: Walk::new(&packed, [&source.layout, &target]),
            packed,
            corner,
            order: Dims::from_slice(order),
            result_strides: result.strides.iter().map(|&s| s as usize).collect(),
            first: target.offset,
            end: target.offset + end,
        }
    }

    /// Writes those elements whose positions in the result lie in `out`, which starts at `start`.
    pub(super) fn write(&self, start: usize, out: &mut [T]) {
        let end = start + out.len();
        if end <= self.first || self.end <= start || self.packed.len() == 0 {
            return;
        }
        let (from, to) = (self.elements_before(start), self.elements_before(end));
        let strides = self.walk.strides();
        self.walk.rows(from, to, &mut |_, n, [source, target]| {
            let target = target - start;
            if strides == [1, 1] {
                out[target..target + n].copy_from_slice(&self.values[source..source + n]);
                return;
            }
            for i in 0..n as isize {
                let value = self.values[(source as isize + i * strides[0]) as usize];
                out[(target as isize + i * strides[1]) as usize] = value;
            }
        });
    }

    /// How many elements of the box lie before a position of the result.
    fn elements_before(&self, position: usize) -> usize {
        let (mut count, mut rest) = (0, position);
        for &axis in &self.order {
            let index = rest / self.result_strides[axis];
            rest %= self.result_strides[axis];
            let (size, step) = (self.packed.shape[axis], self.packed.strides[axis] as usize);
            match index.checked_sub(self.corner[axis]) {
                None => return count,
                Some(index) if index >= size => return count + size * step,
                Some(index) => count += index * step,
            }
        }
        count
    }
}
