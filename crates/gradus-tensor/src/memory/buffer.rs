//! A fixed number of elements in a block from the pool.

use std::marker::PhantomData;
use std::slice;

use super::pool::{self, Block};
use crate::element::Element;

/// The elements of one or more tensors.
// Laid out as C does: the same for all elements.
#[repr(C)]
pub(crate) struct Buffer<T> {
    block: Block,
    len: usize,
    elements: PhantomData<T>,
}

impl<T: Element> Buffer<T> {
    /// A buffer of `len` elements that hold whatever lay there before: values, but of no meaning.
    /// Callers overwrite all of them.
    ///
    /// `len` times the size of an element must fit in `isize`; shapes are checked for it.
    pub(crate) fn stale(len: usize) -> Self {
        let buffer = Self { block: pool::take(len * size_of::<T>()), len, elements: PhantomData };
        if !T::ANY_BITS {
            // SAFETY: the block holds at least `len` elements; all-zero bytes are a value of every
            // element type.
            unsafe { buffer.block.start.write_bytes(0, len * size_of::<T>()) };
        }
        buffer
    }

    /// A buffer that holds a copy of `values`.
    pub(crate) fn copy_of(values: &[T]) -> Self {
        let mut buffer = Self::stale(values.len());
        buffer.as_mut_slice().copy_from_slice(values);
        buffer
    }

    /// The elements, in order of their address.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        // SAFETY: the block is aligned to 64 bytes, holds at least `len` elements, and its bytes
        // are a valid `T` each (numbers take any bits; for `bool`, `stale` wrote valid ones). It
        // belongs to this buffer alone.
        unsafe { slice::from_raw_parts(self.block.start.cast().as_ptr(), self.len) }
    }

    /// The elements, to be written.
    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as in `as_slice`, and the buffer is borrowed mutably.
        unsafe { slice::from_raw_parts_mut(self.block.start.cast().as_ptr(), self.len) }
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        let block = Block { start: self.block.start, size: self.block.size };
        pool::give(block);
    }
}
