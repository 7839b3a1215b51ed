//! A block of scores: up to 64 queries by 64 keys.

use std::ops::Range;

use pulp::Simd;

use super::heads::{Heads, Sizes};
use crate::Float;
use crate::linalg::small::{COLUMNS, product, turn};
use crate::linalg::{Source, Target};
use crate::memory::Buffer;
use crate::simd::vectorize_for;

/// Queries, or keys, of a block.
pub(super) const BLOCK: usize = 64;
/// Rows of a block that are worked on at a time: what a causal mask hides is left out by strips.
pub(super) const STRIP: usize = 16;

/// A head, and the part of its queries and keys that a block is of.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) sizes: &'a Sizes,
    pub(super) sample: usize,
    pub(super) head: usize,
    /// The first query, and how many.
    pub(super) queries: (usize, usize),
    /// The first key, and how many.
    pub(super) keys: (usize, usize),
}

impl<'a> Place<'a> {
    pub(super) fn new(sizes: &'a Sizes, head: usize) -> Self {
        let (sample, head) = (head / sizes.heads, head % sizes.heads);
        Self { sizes, sample, head, queries: (0, 0), keys: (0, 0) }
    }

    pub(super) fn with_queries(self, block: usize) -> Self {
        let first = block * BLOCK;
        Self { queries: (first, BLOCK.min(self.sizes.queries - first)), ..self }
    }

    pub(super) fn with_keys(self, block: usize) -> Self {
        let first = block * BLOCK;
        Self { keys: (first, BLOCK.min(self.sizes.keys - first)), ..self }
    }

    /// The rows of a view that belong to these queries, and the distance from one to the next.
    pub(super) fn query_rows<T>(self, of: Heads<'_, T>) -> (*mut T, usize) {
        (of.row(self.sample, self.head, self.queries.0), of.stride())
    }

    pub(super) fn key_rows<T>(self, of: Heads<'_, T>) -> (*mut T, usize) {
        (of.row(self.sample, self.head, self.keys.0), of.stride())
    }

    /// How many keys of the block query `i` of the block sees, as far as time goes.
    pub(super) fn seen(self, i: usize) -> usize {
        self.sizes.seen(self.queries.0 + i).saturating_sub(self.keys.0).min(self.keys.1)
    }

    /// Whether any query of the block sees any key of it.
    pub(super) fn is_seen(self) -> bool {
        self.queries.1 > 0 && self.seen(self.queries.1 - 1) > 0
    }

    /// The strips of its queries, of so many each.
    pub(super) fn strips(self, size: usize) -> impl Iterator<Item = Range<usize>> {
        let count = self.queries.1;
        (0..count).step_by(size).map(move |first| first..count.min(first + size))
    }

    /// How many queries may be in a strip: with several, what one of them must not see is multiplied by a
    /// weight of zero, which is nothing unless it is infinite or NaN. `parts` are the rows of which products are
    /// made with the weights, with how many rows there are and how many numbers in each.
    ///
    /// # Safety
    /// The rows must be readable.
    pub(super) unsafe fn strip<T: Float>(self, parts: &[((*mut T, usize), usize, usize)]) -> usize {
        if self.queries.1 == 0 || self.seen(0) >= self.keys.1 {
            return STRIP;
        }
        let finite = |&((from, stride), count, dim): &((*mut T, usize), usize, usize)| {
            // SAFETY: as the caller promises.
            let row = |i| unsafe { std::slice::from_raw_parts(from.add(i * stride), dim) };
            (0..count).all(|i| all_finite(row(i)))
        };
        if parts.iter().all(finite) { STRIP } else { 1 }
    }

    /// Sets the numbers of query `i` that belong to keys that it must not see.
    #[inline(always)]
    pub(super) fn hide<T: Float>(self, i: usize, scores: &mut [T], hidden: T) {
        let seen = self.seen(i);
        if seen < scores.len() {
            scores[seen..].fill(hidden);
        }
        if let Some(mask) = self.key_mask() {
            for (score, &there) in scores.iter_mut().zip(mask) {
                if !there {
                    *score = hidden;
                }
            }
        }
    }

    /// Which of the keys are there, if not all are.
    pub(super) fn key_mask(self) -> Option<&'a [bool]> {
        let mask = self.sizes.mask.as_ref()?.as_slice()?;
        let mask = &mask[self.sample * self.sizes.keys + self.keys.0..][..self.keys.1];
        mask.contains(&false).then_some(mask)
    }
}

/// Whether no number is infinite or NaN: then zero times each is zero.
fn all_finite<T: Float>(row: &[T]) -> bool {
    let mut nothing = [T::ZERO; 16];
    let (chunks, rest) = row.as_chunks::<16>();
    vectorize_for::<T, T, T, _>(
        #[inline(always)]
        || {
            for chunk in chunks {
                for i in 0..16 {
                    nothing[i] += chunk[i] * T::ZERO;
                }
            }
        },
    );
    nothing.iter().all(|&x| x == T::ZERO) && rest.iter().all(|x| x.is_finite())
}

/// The rows of a block so that a product may read whole vectors of them: where they lie, or a copy
/// with zeros behind each, and in place of rows that are not to be read.
pub(super) struct Padded<T>(Option<Buffer<T>>, usize);

impl<T: Float> Padded<T> {
    /// For rows of `dim` numbers.
    pub(super) fn new(dim: usize) -> Self {
        let width = dim.next_multiple_of(COLUMNS);
        Self((width != dim).then(|| Buffer::stale(BLOCK * width)), dim)
    }

    /// # Safety
    /// The rows must be readable, as long as the result is used.
    pub(super) unsafe fn rows(
        &mut self,
        (from, stride): (*mut T, usize),
        count: usize,
        mask: Option<&[bool]>,
    ) -> Source<T> {
        let Self(copy, dim) = self;
        let width = dim.next_multiple_of(COLUMNS);
        if copy.is_none() && mask.is_some() {
            *copy = Some(Buffer::stale(BLOCK * width));
        }
        let Some(copy) = copy.as_mut().filter(|_| width != *dim || (mask.is_some() && width > 0))
        else {
            return Source::rows(from, stride);
        };
        for (i, row) in copy.as_mut_slice().chunks_exact_mut(width).take(count).enumerate() {
            if mask.is_some_and(|mask| !mask[i]) {
                row.fill(T::ZERO);
                continue;
            }
            let (values, rest) = row.split_at_mut(*dim);
            // SAFETY: as the caller promises.
            values
                .copy_from_slice(unsafe { std::slice::from_raw_parts(from.add(i * stride), *dim) });
            rest.fill(T::ZERO);
        }
        Source::rows(copy.as_slice().as_ptr(), width)
    }
}

/// The rows of a block as columns, `[dim, 64]`, with zeros for those that are not there.
pub(super) struct Turned<T>(Buffer<T>, usize);

impl<T: Float> Turned<T> {
    pub(super) fn new(dim: usize) -> Self {
        Self(Buffer::stale(dim * BLOCK), dim)
    }

    /// # Safety
    /// The rows must be readable.
    pub(super) unsafe fn set(&mut self, (from, stride): (*mut T, usize), count: usize) {
        let start = self.0.as_mut_slice().as_mut_ptr();
        for first in (0..count).step_by(COLUMNS) {
            let from = from.wrapping_add(first * stride).cast_const();
            let rows = COLUMNS.min(count - first);
            // SAFETY: the columns lie in the buffer; of the rows the caller speaks.
            unsafe {
                let out = Target::rows(start.add(first), BLOCK);
                turn(Source::rows(from, stride), [rows, self.1], out);
            }
        }
    }

    /// `out = rows · columns`, for the rows of a strip and the first columns.
    ///
    /// # Safety
    /// The rows must be readable; `out` is a block's.
    #[inline(always)]
    pub(super) unsafe fn product<S: Simd>(
        &self,
        simd: S,
        (rows, stride): (*mut T, usize),
        strip: Range<usize>,
        columns: usize,
        out: &mut [T],
    ) {
        let start = rows.wrapping_add(strip.start * stride).cast_const();
        let a = Source::rows(start, stride);
        let sizes = [strip.len(), self.1, columns];
        let b = Source::rows(self.0.as_slice().as_ptr(), BLOCK);
        let out = &mut out[strip.start * BLOCK..strip.end * BLOCK];
        // SAFETY: the strip is some of the rows; `out` has as many, of 64 columns.
        unsafe { product(simd, sizes, a, b, Target::rows(out.as_mut_ptr(), BLOCK), false) };
    }
}
