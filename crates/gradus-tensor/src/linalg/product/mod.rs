//! Products of matrices, `C = A B`, for matrices of any size.
//!
//! ```text
//!                                panel   panel   panel
//!                              ┌───────┬───────┬─────┐
//!                         span │       │       │     │
//!                              ├───────┼───────┼─────┤   B: k steps by n columns
//!                         span │       │       │     │
//!                              └───────┴───────┴─────┘
//!               span   span
//!             ┌──────┬──────┐  ┌───────┬───────┬─────┐
//!       block │      │      │  │ tile  │ tile  │     │
//!             │      │      │  │ tile  │ tile  │     │
//!             ├──────┼──────┤  ├───────┼───────┼─────┤   C: m rows by n columns
//!       block │      │      │  │       │       │     │
//!             └──────┴──────┘  └───────┴───────┴─────┘
//!          A: m rows by k steps
//! ```
//!
//! The words, here and in the files of this folder:
//!
//! * A **step** is one of the `k` terms of every sum: a column of `A` and a row of `B`.
//! * A **vector** is as many columns as a register holds.
//! * A **panel** is a few vectors of columns, as wide as a tile ([`panels`]).
//! * A **block** is up to 128 rows, a **span** up to 256 steps.
//! * A **tile** is a few rows of one panel of `C`, whose sums stay in registers during a span
//!   ([`tile`]): the innermost loop. What is to be done with the sums is its **finish**.
//! * A **piece** is what one thread does at a time: some panels of one block ([`tiles`]). It takes
//!   span after span, in each of them panel after panel, and in each of these tile after tile.
//!
//! For each panel `B` is copied into the order in which the tiles read it ([`pack`]), a span at a time,
//! so that it stays in the first- or second-level cache while the rows of a block pass over it. (Goto and
//! van de Geijn, *Anatomy of high-performance matrix multiplication*, 2008.) What differs from that scheme:
//! `A` is read where it lies, since its elements are only ever repeated over a vector; `B` is not copied
//! where it is used once or twice, or lies well; few rows times a `B` that lies along the steps are scalar
//! products ([`dots`]).
//!
//! All of this is decided by the sizes and strides alone, and each element of the result is summed
//! up by one thread: the bits do not depend on the number of threads.

mod dots;
pub(crate) mod pack;
mod packed;
mod panels;
pub(crate) mod tile;
mod tiles;
pub(crate) mod turn;

pub(crate) use panels::Panels;

use self::tile::Finish;
use super::lanes::Lanes;
use super::matrix::{Source, Target};
use crate::memory::Buffer;

/// Where `B` is.
#[derive(Clone, Copy)]
pub(super) enum Right<'a, T> {
    /// In memory of any layout.
    Lies(Source<T>),
    /// Copied into [`Panels`] of all columns, one after the other.
    Packed(&'a [T]),
}

/// A product that may be computed: `C = activation(alpha · A B + C if load + bias)`.
#[derive(Clone, Copy)]
pub(super) struct Product<'a, T> {
    /// Rows, steps, columns.
    sizes: [usize; 3],
    a: Source<T>,
    b: Right<'a, T>,
    c: Target<T>,
    finish: Finish<T>,
}

impl<'a, T: Lanes> Product<'a, T> {
    /// # Safety
    /// As long as the product is used, every element that sizes and strides lead to must be readable,
    /// those of `C` also be writable and used by nobody else, and the bias have a number for each column.
    /// No two elements of `C` may coincide.
    pub(super) unsafe fn new(
        sizes: [usize; 3],
        a: Source<T>,
        b: Right<'a, T>,
        c: Target<T>,
        finish: Finish<T>,
    ) -> Self {
        Self { sizes, a, b, c, finish }
    }

    /// Computes it; by several threads if `parallel` and it is large.
    pub(super) fn compute(self, parallel: bool) {
        let Self { sizes: [m, k, n], a, b, .. } = self;
        if let Right::Lies(b) = b
            && a.strides[1] == 1
            && b.strides[0] == 1
            && m.min(n) <= dots::FEW
        {
            return dots::compute(self, b, parallel);
        }
        if a.strides.contains(&1) {
            return tiles::compute(self, parallel);
        }
        // An `A` of gaps in both directions: its rows are copied first.
        let mut copy = Buffer::<T>::stale(m * k);
        for (i, row) in copy.as_mut_slice().chunks_exact_mut(k).enumerate() {
            for (p, x) in row.iter_mut().enumerate() {
                // SAFETY: the element is one of `A`.
                *x = unsafe { *a.at(i, p).start };
            }
        }
        let a = Source::rows(copy.as_slice().as_ptr(), k);
        tiles::compute(Self { a, ..self }, parallel);
    }
}

/// Multiplications in a product, or the largest number if there are more.
pub(super) fn work(sizes: [usize; 3]) -> usize {
    sizes.into_iter().fold(1, usize::saturating_mul)
}

/// Cuts a size into parts that are almost equal: where part `i` of `parts` begins.
fn cut(size: usize, parts: usize, i: usize) -> usize {
    size * i / parts
}

#[cfg(test)]
mod tests;
