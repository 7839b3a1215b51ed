//! A walk over the elements of a result, in the order of their addresses, that knows where the
//! elements of its operands lie.
//!
//! Axes that can be walked as one are merged first, in every operand at once. What is left is a loop
//! over rows; within a row each operand advances by a fixed stride, mostly 1 (an ordinary row) or
//! 0 (one value repeated). So the work per element is a plain loop over slices.
//!
//! The loop over blocks of rows is compiled once, and calls the work on a block through a pointer.

use smallvec::SmallVec;

use crate::Result;
use crate::layout::{Layout, broadcast_shape};
use crate::threads::{PIECE, for_each_index};

/// Where `N` operands lie, axis by axis, in the memory order of the result.
pub(crate) struct Walk<const N: usize> {
    /// Sizes and strides of the merged axes, slowest first. There is at least one.
    axes: SmallVec<[(usize, [isize; N]); 6]>,
    offsets: [usize; N],
}

/// Neighbours in the result, in rows of `len`, and where the elements of the operands lie that belong to
/// them: element `i` of row `r` of operand `j` at `at[j] + r * steps[j] + i * strides[j]`.
#[derive(Clone, Copy)]
pub(crate) struct Block<const N: usize> {
    /// The position of the first in the memory of the result.
    pub(crate) to: usize,
    pub(crate) rows: usize,
    pub(crate) len: usize,
    pub(crate) at: [usize; N],
    /// Within a row, and from row to row.
    pub(crate) strides: [isize; N],
    pub(crate) steps: [isize; N],
}

/// A row of a block: element `i` of operand `j` at `at[j] + i * strides[j]`.
#[derive(Clone, Copy)]
pub(crate) struct Row<const N: usize> {
    pub(crate) at: [usize; N],
    pub(crate) strides: [isize; N],
}

impl<const N: usize> Block<N> {
    /// Calls `work` with each row of the result and what belongs to it. Rows may be short: this loop is to
    /// be part of the work on them.
    #[inline(always)]
    pub(crate) fn each<T>(self, out: &mut [T], mut work: impl FnMut(&mut [T], Row<N>)) {
        for r in 0..self.rows {
            work(&mut out[r * self.len..][..self.len], self.row(r));
        }
    }

    /// A row.
    #[inline(always)]
    pub(crate) fn row(self, r: usize) -> Row<N> {
        let mut at = self.at;
        for (at, step) in at.iter_mut().zip(self.steps) {
            *at = at.wrapping_add_signed(step.wrapping_mul(r as isize));
        }
        Row { at, strides: self.strides }
    }
}

/// What is done with each block, by whichever thread comes to it.
pub(crate) type Work<'a, const N: usize> = dyn Fn(Block<N>) + Sync + 'a;

/// [`Walk::join`], of so many operands.
type Join<const N: usize> = fn(&'static str, [&Layout; N]) -> Result<(Layout, Walk<N>)>;

/// The two steps of a walk with so many operands. They are reached through the statics below, and so
/// compiled here and not where they are called.
pub(crate) struct Plan<const N: usize> {
    /// [`Walk::new`].
    pub(crate) walk: fn(&Layout, [&Layout; N]) -> Walk<N>,
    /// [`Walk::join`].
    pub(crate) join: Join<N>,
    /// [`Walk::each_block`].
    pub(crate) each_block: fn(&Walk<N>, usize, &Work<'_, N>),
}

pub(crate) static ONE: Plan<1> = Plan::new();
pub(crate) static TWO: Plan<2> = Plan::new();
pub(crate) static THREE: Plan<3> = Plan::new();

impl<const N: usize> Plan<N> {
    const fn new() -> Self {
        Self { walk: Walk::new, join: Walk::join, each_block: Walk::each_block }
    }
}

/// The layout of the result of one operand, and the walk over both.
pub(crate) fn alone(operand: &Layout) -> (Layout, Walk<1>) {
    let layout = operand.packed();
    let walk = Walk::new(&layout, [operand]);
    (layout, walk)
}

impl<const N: usize> Walk<N> {
    /// Broadcasts operands together: the layout of the result, and the walk over all.
    fn join(op: &'static str, operands: [&Layout; N]) -> Result<(Layout, Self)> {
        let first = operands[0];
        // Most operands lie alike, and then there is nothing to find out.
        if first.is_contiguous() && operands[1..].iter().all(|other| first.lies_like(other)) {
            return Ok((Layout::row_major(&first.shape), Self::row(first.len(), operands)));
        }
        let mut shape = first.shape.clone();
        for other in &operands[1..] {
            shape = broadcast_shape(op, &shape, &other.shape)?;
        }
        let mut layouts = operands.map(Layout::clone);
        for layout in &mut layouts {
            *layout = layout.broadcast(op, &shape)?;
        }
        // That of the first operand with the full shape and no repeated elements, packed; row-major if
        // every operand is repeated.
        let result = match operands.iter().find(|x| x.shape == shape && !x.repeats()) {
            Some(operand) => operand.packed(),
            None => Layout::contiguous(&shape),
        };
        let walk = Self::new(&result, layouts.each_ref());
        Ok((result, walk))
    }

    /// The walk over operands whose elements lie side by side as those of the result do.
    fn row(len: usize, operands: [&Layout; N]) -> Self {
        let mut axes = SmallVec::new();
        axes.push((len, [1; N]));
        Self { axes, offsets: operands.map(|operand| operand.offset) }
    }

    /// Plans a walk over operands of the result's shape. `result` must be dense.
    pub(crate) fn new(result: &Layout, operands: [&Layout; N]) -> Self {
        if result.is_contiguous() && operands.iter().all(|operand| result.lies_like(operand)) {
            return Self::row(result.len(), operands);
        }
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

    /// Calls `work` with every block of a result of `len` elements; by several threads, which take
    /// [`PIECE`] elements at a time, if it is large.
    fn each_block(&self, len: usize, work: &Work<'_, N>) {
        if let (&[(_, strides)], 1..=PIECE) = (&self.axes[..], len) {
            let (at, steps) = (self.offsets, [0; N]);
            return work(Block { to: 0, rows: 1, len, at, strides, steps });
        }
        for_each_index(len.div_ceil(PIECE), true, |piece| {
            let start = piece * PIECE;
            self.blocks(start, len.min(start + PIECE), &mut |block| work(block));
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
        self.blocks(start, end, &mut |block| {
            for r in 0..block.rows {
                row(block.to + r * block.len, block.len, block.row(r).at);
            }
        });
    }

    /// Calls `work` for blocks of rows, and for pieces of rows, between two positions of the result, in
    /// order.
    fn blocks(&self, start: usize, end: usize, work: &mut dyn FnMut(Block<N>)) {
        let (outer, inner) = self.axes.split_at(self.axes.len() - 1);
        let (len, strides) = inner[0];
        if len == 0 {
            return;
        }
        // Rows of a block, and from row to row.
        let (most, steps) = outer.last().copied().unwrap_or((1, [0; N]));
        // The index of the first row on each outer axis, and the operands' offsets there.
        let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, outer.len());
        let mut at = self.offsets.map(|o| o as isize);
        let mut rest = start / len;
        for (axis, &(size, strides)) in outer.iter().enumerate().rev() {
            index[axis] = rest % size.max(1);
            rest /= size.max(1);
            for i in 0..N {
                at[i] += index[axis] as isize * strides[i];
            }
        }
        let mut position = start;
        let mut column = start % len;
        while position < end {
            let here = |i: usize| (at[i] + column as isize * strides[i]) as usize;
            let at_column = std::array::from_fn(here);
            let left = most - index.last().unwrap_or(&0);
            let mut block = Block { to: position, rows: 1, len, at: at_column, strides, steps };
            match (end - position) / len {
                whole if column == 0 && whole > 0 => block.rows = whole.min(left),
                _ => block.len = (len - column).min(end - position),
            }
            work(block);
            position += block.rows * block.len;
            column = 0;
            let mut passed = block.rows;
            for (axis, &(size, strides)) in outer.iter().enumerate().rev() {
                index[axis] += passed;
                for i in 0..N {
                    at[i] += passed as isize * strides[i];
                }
                if index[axis] < size {
                    break;
                }
                index[axis] = 0;
                for i in 0..N {
                    at[i] -= size as isize * strides[i];
                }
                passed = 1;
            }
        }
    }
}
