//! A walk over the elements of several operands in the memory order of a result.
//!
//! Axes that lie one after the other in every operand are merged first. What remains is a loop
//! over rows; within a row each operand advances by a fixed stride, mostly 1 (an ordinary row) or
//! 0 (one value repeated). So the work per element is a plain loop over slices.

use smallvec::SmallVec;

use crate::layout::Layout;

/// Where `N` operands lie, axis by axis, in the memory order of the result.
pub(crate) struct Walk<const N: usize> {
    /// Sizes and strides of the merged axes, slowest first. There is at least one.
    axes: SmallVec<[(usize, [isize; N]); 6]>,
    offsets: [usize; N],
}

impl<const N: usize> Walk<N> {
    /// Plans a walk over operands of the result's shape. `result` must be dense.
    pub(crate) fn new(result: &Layout, operands: [&Layout; N]) -> Self {
        let mut axes: SmallVec<[(usize, [isize; N]); 6]> = SmallVec::new();
        for axis in result.order() {
            let size = result.shape[axis];
            let strides = operands.map(|operand| operand.strides[axis]);
            if size == 1 {
                continue;
            }
            match axes.last_mut() {
                Some((outer, outer_strides))
                    if (0..N).all(|i| outer_strides[i] == size as isize * strides[i]) =>
                {
                    *outer *= size;
                    *outer_strides = strides;
                }
                _ => axes.push((size, strides)),
            }
        }
        if axes.is_empty() {
            axes.push((1, [1; N]));
        }
        Self { axes, offsets: operands.map(|operand| operand.offset) }
    }

    /// The strides of the operands within a row.
    pub(crate) fn strides(&self) -> [isize; N] {
        self.axes[self.axes.len() - 1].1
    }

    /// Calls `row(position in the result, length, offsets of the operands)` for each piece of a
    /// row between two positions of the result, in order.
    #[inline(always)]
    pub(crate) fn rows(
        &self,
        start: usize,
        end: usize,
        mut row: impl FnMut(usize, usize, [usize; N]),
    ) {
        let (outer, inner) = self.axes.split_at(self.axes.len() - 1);
        let (inner, inner_strides) = inner[0];
        if inner == 0 {
            return;
        }
        // The index of the first row on each outer axis, and the operands' offsets there.
        let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, outer.len());
        let mut at = self.offsets.map(|o| o as isize);
        let mut rest = start / inner;
        for (axis, &(size, strides)) in outer.iter().enumerate().rev() {
            index[axis] = rest % size.max(1);
            rest /= size.max(1);
            for i in 0..N {
                at[i] += index[axis] as isize * strides[i];
            }
        }
        let mut position = start;
        let mut column = start % inner;
        while position < end {
            let length = (inner - column).min(end - position);
            let mut offsets = [0; N];
            for i in 0..N {
                offsets[i] = (at[i] + column as isize * inner_strides[i]) as usize;
            }
            row(position, length, offsets);
            position += length;
            column = 0;
            for (axis, &(size, strides)) in outer.iter().enumerate().rev() {
                index[axis] += 1;
                for i in 0..N {
                    at[i] += strides[i];
                }
                if index[axis] < size {
                    break;
                }
                index[axis] = 0;
                for i in 0..N {
                    at[i] -= size as isize * strides[i];
                }
            }
        }
    }
}
