//! Tensors joined, cut into parts and framed. Parts are views; whole tensors are put together by
//! copying runs of memory.

mod concat;
mod pad;
mod part;
mod split;

use crate::layout::{Dims, Layout};

/// The axes of a result that is laid out as `layout` is, from the slowest to the fastest, so that
/// channels-last images stay channels-last. Row-major if `layout` is, or if it repeats elements.
///
/// The stride of an axis of size 1 says nothing; such an axis follows the one before it.
pub(crate) fn memory_order(layout: &Layout) -> Dims {
    let mut order: Dims = (0..layout.rank()).collect();
    if layout.repeats() || layout.is_contiguous() {
        return order;
    }
    let mut step = usize::MAX;
    let steps: Dims = (layout.shape.iter().zip(&layout.strides))
        .map(|(&n, &stride)| {
            if n != 1 {
                step = stride.unsigned_abs();
            }
            step
        })
        .collect();
    order.sort_by_key(|&axis| std::cmp::Reverse(steps[axis]));
    order
}
