//! What is done to several slices at once, which are read side by side.

use crate::Float;

/// What `f` makes of each of a few things. As `array::map`, which is a call where the compiler thinks a kernel too
/// long, and a loop with a call in it is done one number at a time.
#[inline(always)]
pub(crate) fn each<A: Copy, B: Copy, const N: usize>(of: [A; N], f: impl Fn(A) -> B) -> [B; N] {
    if const { N == 0 } {
        return of.map(f);
    }
    let mut made = [f(of[0]); N];
    for i in 1..N {
        made[i] = f(of[i]);
    }
    made
}

/// Element `i` of each.
#[inline(always)]
pub(super) fn ith<T: Float, const N: usize>(of: [&[T]; N], i: usize) -> [T; N] {
    each(
        of,
        #[inline(always)]
        |slice| slice[i],
    )
}

/// Element `i` of each.
#[inline(always)]
pub(super) fn of_pieces<T: Float, const N: usize, const LEN: usize>(
    of: [&[T; LEN]; N],
    i: usize,
) -> [T; N] {
    each(
        of,
        #[inline(always)]
        |piece| piece[i],
    )
}

/// Each in pieces of a known length, as far as they are whole.
#[inline(always)]
pub(super) fn chunked<T: Float, const N: usize, const LEN: usize>(
    of: [&[T]; N],
) -> [&[[T; LEN]]; N] {
    each(
        of,
        #[inline(always)]
        |slice| slice.as_chunks::<LEN>().0,
    )
}

/// Piece `i` of each.
#[inline(always)]
pub(super) fn nth<T, const N: usize, const LEN: usize>(
    of: [&[[T; LEN]]; N],
    i: usize,
) -> [&[T; LEN]; N] {
    each(
        of,
        #[inline(always)]
        |pieces| &pieces[i],
    )
}

/// `n` elements of each, from the same place on.
#[inline(always)]
pub(super) fn cut<T, const N: usize>(of: [&[T]; N], first: usize, n: usize) -> [&[T]; N] {
    each(
        of,
        #[inline(always)]
        |slice| &slice[first..first + n],
    )
}
