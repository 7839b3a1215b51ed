//! Slices cut into pieces, each of which one thread may write.

use std::marker::PhantomData;

use super::for_each_index;

/// Something that is cut into pieces: a slice ([`Cut`]), or an array or a pair of such things,
/// which then go piece by piece together.
///
/// # Safety
/// Two different indices must give pieces that do not overlap, for as long as the value lives.
pub unsafe trait Pieces: Sync {
    /// What one thread gets.
    type Piece;

    /// How many pieces there are.
    fn count(&self) -> usize;

    /// The piece of that index.
    ///
    /// # Safety
    /// The index is below the count, and no piece of that index is in use.
    unsafe fn piece(&self, index: usize) -> Self::Piece;
}

/// A slice cut into pieces of equal length; the last may be shorter.
#[derive(Debug)]
pub struct Cut<'a, T> {
    start: *mut T,
    len: usize,
    piece: usize,
    borrow: PhantomData<&'a mut [T]>,
}

impl<'a, T> Cut<'a, T> {
    /// Cuts a slice into pieces of `piece` elements (at least one).
    pub fn new(slice: &'a mut [T], piece: usize) -> Self {
        let (start, len) = (slice.as_mut_ptr(), slice.len());
        Self { start, len, piece: piece.max(1), borrow: PhantomData }
    }
}

// SAFETY: it gives out disjoint parts of a slice that it has borrowed alone; a `T` may go to
// another thread.
unsafe impl<T: Send> Sync for Cut<'_, T> {}

// SAFETY: piece `i` is the range `i · piece .. (i + 1) · piece`, cut at the end of the slice.
unsafe impl<'a, T: Send> Pieces for Cut<'a, T> {
    type Piece = &'a mut [T];

    fn count(&self) -> usize {
        self.len.div_ceil(self.piece)
    }

    unsafe fn piece(&self, index: usize) -> &'a mut [T] {
        let start = index * self.piece;
        let len = self.piece.min(self.len - start);
        // SAFETY: the range lies within the slice, which is borrowed for `'a`, and the caller
        // makes sure that nobody else has this piece.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), len) }
    }
}

// SAFETY: the pieces of each part are disjoint.
unsafe impl<A: Pieces, B: Pieces> Pieces for (A, B) {
    type Piece = (A::Piece, B::Piece);

    fn count(&self) -> usize {
        self.0.count().min(self.1.count())
    }

    unsafe fn piece(&self, index: usize) -> Self::Piece {
        // SAFETY: the index is below both counts; for the rest the caller's promise is passed on.
        unsafe { (self.0.piece(index), self.1.piece(index)) }
    }
}

// SAFETY: the pieces of each part are disjoint.
unsafe impl<A: Pieces, const N: usize> Pieces for [A; N] {
    type Piece = [A::Piece; N];

    /// The least count; an empty array goes along with anything.
    fn count(&self) -> usize {
        self.iter().map(A::count).min().unwrap_or(usize::MAX)
    }

    unsafe fn piece(&self, index: usize) -> Self::Piece {
        // SAFETY: the index is below every count; for the rest the caller's promise is passed on.
        self.each_ref().map(|part| unsafe { part.piece(index) })
    }
}

/// Calls `work(index, piece)` for every piece, in parallel if `parallel` holds.
///
/// ```
/// use gradus_tensor::threads::{Cut, for_each_of};
/// let (mut values, mut sums) = ([1, 2, 3, 4, 5], [0; 3]);
/// for_each_of((Cut::new(&mut values, 2), Cut::new(&mut sums, 1)), true, |_, (values, sum)| {
///     sum[0] = values.iter().sum();
///     values.fill(0);
/// });
/// assert_eq!((values, sums), ([0; 5], [3, 7, 5]));
/// ```
pub fn for_each_of<P: Pieces>(pieces: P, parallel: bool, work: impl Fn(usize, P::Piece) + Sync) {
    for_each_index(pieces.count(), parallel, |i| {
        // SAFETY: every index below the count comes exactly once.
        work(i, unsafe { pieces.piece(i) });
    });
}

/// Cuts `out` into pieces of `piece` elements and calls `work(index of the piece, piece)` on each,
/// in parallel if there is more than one.
///
/// ```
/// let mut squares = [0; 10];
/// gradus_tensor::threads::for_each_piece(&mut squares, 4, |i, piece| {
///     for (j, x) in piece.iter_mut().enumerate() {
///         *x = (4 * i + j) * (4 * i + j);
///     }
/// });
/// assert_eq!(squares[9], 81);
/// ```
pub fn for_each_piece<T: Send>(out: &mut [T], piece: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    each_piece(out, piece, &work);
}

/// The same, compiled for each type and not for each work.
#[inline(never)]
fn each_piece<T: Send>(out: &mut [T], piece: usize, work: &(dyn Fn(usize, &mut [T]) + Sync)) {
    for_each_of(Cut::new(out, piece), true, work);
}
