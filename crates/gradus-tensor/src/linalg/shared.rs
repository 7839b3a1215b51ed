//! Memory that the pieces of one operation write side by side.

use std::marker::PhantomData;
use std::slice;

/// A slice, borrowed mutably, that several threads write, each at places of its own: rows and
/// columns of a matrix, which no cutting of a slice can say.
pub(crate) struct Shared<'a, T> {
    start: *mut T,
    len: usize,
    borrowed: PhantomData<&'a mut [T]>,
}

impl<T> Clone for Shared<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Shared<'_, T> {}

// SAFETY: the methods that reach the elements are unsafe or give a pointer; their callers see to it
// that no two threads use the same element.
unsafe impl<T: Send> Send for Shared<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    /// Shares a slice for as long as it is borrowed.
    pub(crate) fn new(values: &'a mut [T]) -> Self {
        Self { start: values.as_mut_ptr(), len: values.len(), borrowed: PhantomData }
    }

    /// Lets what several threads read be named like what they write. There are no slices of it, and
    /// nobody may write it.
    pub(crate) fn to_read(values: &'a [T]) -> Self {
        Self { start: values.as_ptr().cast_mut(), len: 0, borrowed: PhantomData }
    }

    /// The place of an element.
    pub(crate) fn at(self, offset: isize) -> *mut T {
        self.start.wrapping_offset(offset)
    }

    /// Some of the elements.
    ///
    /// # Safety
    /// Nobody else may use these elements while the slice lives.
    ///
    /// # Panics
    /// If they are not all elements of what is shared.
    pub(crate) unsafe fn slice(self, start: usize, len: usize) -> &'a mut [T] {
        assert!(start <= self.len && len <= self.len - start, "a part beyond what is shared");
        // SAFETY: the elements lie in the slice that is borrowed, and the caller has them alone.
        unsafe { slice::from_raw_parts_mut(self.start.add(start), len) }
    }
}
