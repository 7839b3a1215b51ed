//! A walk over the elements of a result, in the order of their addresses, that knows where the
//! elements of its operands lie.
//!
//! Axes that can be walked as one are merged first, in every operand at once. What is left is a loop
//! over rows; within a row each operand advances by a fixed stride, mostly 1 (an ordinary row) or
//! 0 (one value repeated). So the work per element is a plain loop over slices.
//!
//! The loop over rows is compiled once, and calls the work on a row through a pointer.

use smallvec::SmallVec;

use crate::layout::Layout;
use crate::threads::{PIECE, for_each_index};

/// Where `N` operands lie, axis by axis, in the memory order of the result.
pub(crate) struct Walk<const N: usize> {
    /// Sizes and strides of the merged axes, slowest first. There is at least one.
    axes: SmallVec<[(usize, [isize; N]); 6]>,
    offsets: [usize; N],
}

/// Neighbours in the result, and where the elements of the operands lie that belong to them:
/// element `i` of operand `j` at `at[j] + i * strides[j]`.
#[derive(Clone, Copy)]
pub(crate) struct Row<const N: usize> {
    /// The position of the first in the memory of the result.
    pub(crate) to: usize,
    pub(crate) len: usize,
    pub(crate) at: [usize; N],
    pub(crate) strides: [isize; N],
}

/// What is done with each row, by whichever thread comes to it.
pub(crate) type Work<'a, const N: usize> = dyn Fn(Row<N>) + Sync + 'a;

/// The two steps of a walk with so many operands. They are reached through the statics below, and so
/// compiled here and not where they are called.
pub(crate) struct Plan<const N: usize> {
    /// [`Walk::new`].
    pub(crate) walk: fn(&Layout, [&Layout; N]) -> Walk<N>,
    /// [`Walk::each_row`].
    pub(crate) each_row: fn(&Walk<N>, usize, &Work<'_, N>),
}

pub(crate) static ONE: Plan<1> = Plan { walk: Walk::new, each_row: Walk::each_row };
pub(crate) static TWO: Plan<2> = Plan { walk: Walk::new, each_row: Walk::each_row };
pub(crate) static THREE: Plan<3> = Plan { walk: Walk::new, each_row: Walk::each_row };

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

    /// Calls `work` with every row of a result of `len` elements; by several threads, which take
    /// [`PIECE`] elements at a time, if it is large.
    fn each_row(&self, len: usize, work: &Work<'_, N>) {
        let strides = self.strides();
        for_each_index(len.div_ceil(PIECE), true, |piece| {
            let start = piece * PIECE;
            let mut row = |to, len, at| work(Row { to, len, at, strides });
            self.rows(start, len.min(start + PIECE), &mut row);
        });
    }

    /// The strides of the operands within a row.
    pub(crate) fn strides(&self) -> [isize; N] {
        self.axes[self.axes.len() - 1].1
    }

    /// Calls `row(position in the result, length, offsets of the operands)` for each piece of a
    /// row between two positions of the result, in order.
    pub(crate) fn rows(
        &self,
        start: usize,
        end: usize,
        row: &mut dyn FnMut(usize, usize, [usize; N]),
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
