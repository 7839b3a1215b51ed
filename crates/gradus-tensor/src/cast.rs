//! Slices of a generic type as what they are.

use std::any::TypeId;
use std::slice;

/// The elements as `f32`, if that is what they are.
pub(crate) fn as_f32<T: 'static>(values: &[T]) -> Option<&[f32]> {
    // SAFETY: `T` is f32.
    is_f32::<T>().then(|| unsafe { slice::from_raw_parts(values.as_ptr().cast(), values.len()) })
}

/// The elements as `f32`, if that is what they are, to be written.
pub(crate) fn as_f32_mut<T: 'static>(values: &mut [T]) -> Option<&mut [f32]> {
    let (start, len) = (values.as_mut_ptr(), values.len());
    // SAFETY: `T` is f32, and the slice is borrowed mutably.
    is_f32::<T>().then(|| unsafe { slice::from_raw_parts_mut(start.cast(), len) })
}

fn is_f32<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<f32>()
}
