//! Reading and writing by address, for the innermost loops.
//!
//! In a debug build `*p`, `p.add(1)` and `p.read_unaligned()` are checked each time: for null, for
//! alignment, for overlap. A user's debug build compiles our kernels with those checks, and they took
//! half of its time. Through a reference nothing is checked; and for the arithmetic there are
//! `wrapping_add` and its kin.

use std::mem::transmute;

/// A value at any address.
#[repr(C, packed)]
struct Anywhere<V>(V);

/// The `V` at an address, which need not be aligned.
///
/// # Safety
/// It must be readable, and hold a valid `V`.
#[inline(always)]
#[allow(clippy::transmute_ptr_to_ref, reason = "a dereferenced pointer is checked")]
pub(crate) unsafe fn read<V: Copy, T>(from: *const T) -> V {
    // SAFETY: as the caller promises; any address is aligned for `Anywhere`.
    unsafe { transmute::<*const T, &Anywhere<V>>(from).0 }
}

/// Writes a `V` to an address, which need not be aligned.
///
/// # Safety
/// It must be writable, hold a valid `V`, and be used by nobody else meanwhile.
#[inline(always)]
#[allow(clippy::transmute_ptr_to_ref, reason = "a dereferenced pointer is checked")]
pub(crate) unsafe fn write<V: Copy, T>(to: *mut T, x: V) {
    // SAFETY: as the caller promises; any address is aligned for `Anywhere`.
    unsafe { transmute::<*mut T, &mut Anywhere<V>>(to).0 = x };
}
