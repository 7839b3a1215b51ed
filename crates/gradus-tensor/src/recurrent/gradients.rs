//! The gradients of a sequence and of the weights, from `ā`: those of the sums before the gates.
//!
//! `x̄ = ā W_ih`, `W̄_ih = āᵀ x`, `W̄_hh = āᵀ h`, with the steps and samples as rows. `ā` lies in groups,
//! `[gates, groups, rows, 16]`, as the pieces of a step write it: for `āᵀ` a tile finds its rows side by
//! side and the steps of `k` one after another, for `ā` the steps of `k` come in runs of sixteen.
//! In a plain `[rows, gates · hidden]` they would lie a page apart, on the same places of the cache.

use std::mem::MaybeUninit;
use std::ptr;

use pulp::{Simd, WithSimd};

use super::panels::{Panels, UNITS};
use super::{PARALLEL, Sizes};
use crate::Float;
use crate::linalg::shared::Shared;
use crate::linalg::small::{self, Runs};
use crate::linalg::{Source, Target};
use crate::simd::{dispatch, vectorize_at};
use crate::threads::for_each_index;

/// Groups whose units are the rows of a piece of `W̄`.
const GROUPS: usize = 8;
/// Columns that are copied together.
const WIDTH: usize = 2 * UNITS;
/// Panels of so many columns in a piece.
const PANELS: usize = 4;
/// Rows of `x` or `h` that are copied together: 16 KiB, which stay in the first-level cache.
const DEPTH: usize = 128;
/// Rows of a piece of `x̄`: a multiple of a tile's.
const ROWS: usize = 96;

/// `ā` in groups.
#[derive(Clone, Copy)]
pub(super) struct Grouped<'a, T> {
    pub(super) values: &'a [T],
    pub(super) gates: usize,
    pub(super) sizes: Sizes,
}

impl<T: Float> Grouped<'_, T> {
    fn rows(&self) -> usize {
        self.sizes.steps * self.sizes.batch
    }

    /// Groups of all gates.
    fn groups(&self) -> usize {
        self.gates * self.sizes.groups()
    }

    /// Where a row of a group starts.
    fn at(&self, group: usize, row: usize) -> *const T {
        self.values.as_ptr().wrapping_add((group * self.rows() + row) * UNITS)
    }

    /// `āᵀ B`, of `[gates · hidden, n]`, for a `B` of `[rows, n]`.
    pub(super) fn turned_times(self, b: &[T], n: usize, out: &mut [T]) {
        let (blocks, parts) = (self.groups().div_ceil(GROUPS), n.div_ceil(PANELS * WIDTH));
        assert!(b.len() >= self.rows() * n && out.len() == self.gates * self.sizes.hidden * n);
        let parallel = self.rows() * out.len() >= PARALLEL;
        let out = Shared::new(out);
        for_each_index(blocks * parts, parallel, |i| {
            let (block, part) = (i / parts, i % parts);
            dispatch(Turned { a: self, b, n, block, part, out });
        });
    }

    /// `ā W`, of `[rows, n]`, for a `W` of `[gates · hidden, n]`.
    pub(super) fn times(self, w: &[T], n: usize, out: &mut [T]) {
        let panels = Panels::of_columns(w, self.gates, self.sizes.hidden, n);
        assert!(out.len() == self.rows() * n);
        let parallel = w.len() * self.rows() >= PARALLEL;
        let out = Shared::new(out);
        for_each_index(self.rows().div_ceil(ROWS), parallel, |i| {
            dispatch(Times { a: self, panels: &panels, n, top: i * ROWS, out });
        });
    }
}

/// The rows of some groups, and some panels of columns, of `āᵀ B`.
struct Turned<'a, T> {
    a: Grouped<'a, T>,
    b: &'a [T],
    n: usize,
    block: usize,
    part: usize,
    out: Shared<'a, T>,
}

impl<T: Float> WithSimd for Turned<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a, b, n, block, part, out } = self;
        let (rows, hidden) = (a.rows(), a.sizes.hidden);
        let mut scratch = MaybeUninit::<[T; DEPTH * WIDTH]>::uninit();
        let scratch = scratch.as_mut_ptr().cast::<T>();
        let blocks = rows.div_ceil(DEPTH).max(1);
        for k in 0..blocks {
            let [first, end] = [k, k + 1].map(|i| rows * i / blocks);
            let columns =
                (part * PANELS * WIDTH..n.min((part + 1) * PANELS * WIDTH)).step_by(WIDTH);
            for column in columns {
                let count = WIDTH.min(n - column);
                vectorize_at(
                    simd,
                    #[inline(always)]
                    || {
                        for p in first..end {
                            let b = &b[p * n + column..][..count];
                            let to = scratch.wrapping_add((p - first) * WIDTH);
                            // SAFETY: the scratch has room for these rows.
                            unsafe { copy(b, to) };
                        }
                    },
                );
                for group in block * GROUPS..a.groups().min((block + 1) * GROUPS) {
                    let (gate, unit) = (group / a.sizes.groups(), group % a.sizes.groups() * UNITS);
                    let units = UNITS.min(hidden - unit);
                    let left = Source::columns(a.at(group, first), UNITS);
                    let to = out.at(((gate * hidden + unit) * n + column) as isize);
                    let sizes = [units, end - first, count];
                    // SAFETY: rows, steps and columns are some of those of the three matrices, and
                    // these rows and columns of the result are this piece's.
                    unsafe {
                        let right = Source::rows(scratch.cast_const(), WIDTH);
                        small::product(simd, sizes, left, right, Target::rows(to, n), k > 0);
                    }
                }
            }
        }
    }
}

/// A row of up to [`WIDTH`] numbers, and zeros.
///
/// # Safety
/// There must be room for [`WIDTH`].
#[inline(always)]
unsafe fn copy<T: Float>(from: &[T], to: *mut T) {
    // SAFETY: as the caller promises. What is there may be of no value yet: no reference to it is made.
    unsafe {
        match from.first_chunk::<WIDTH>() {
            Some(all) => to.cast::<[T; WIDTH]>().write(*all),
            None => copy_some(from, to),
        }
    }
}

/// Apart, as [`some`](super::some) is.
///
/// # Safety
/// As [`copy`], and there are not more.
#[cold]
#[inline(never)]
unsafe fn copy_some<T: Float>(from: &[T], to: *mut T) {
    // SAFETY: as the caller promises.
    unsafe {
        ptr::copy_nonoverlapping(from.as_ptr(), to, from.len());
        (from.len()..WIDTH).for_each(|i| to.add(i).write(T::ZERO));
    }
}

/// Some rows of `ā W`.
struct Times<'a, T> {
    a: Grouped<'a, T>,
    panels: &'a Panels<T>,
    n: usize,
    top: usize,
    out: Shared<'a, T>,
}

impl<T: Float> WithSimd for Times<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a, panels, n, top, out } = self;
        let rows = ROWS.min(a.rows() - top);
        for (panel, column) in (0..n).step_by(WIDTH).enumerate() {
            let b = panels.panel(panel).as_ptr();
            let count = WIDTH.min(n - column);
            for first in (0..a.groups()).step_by(GROUPS) {
                let groups = GROUPS.min(a.groups() - first);
                let runs = Runs { count: groups, a: a.rows() * UNITS, b: UNITS * WIDTH };
                let left = Source::rows(a.at(first, top), UNITS);
                let b = Source::rows(b.wrapping_add(first * UNITS * WIDTH), WIDTH);
                let to = Target::rows(out.at((top * n + column) as isize), n);
                let sizes = [rows, UNITS, count];
                // SAFETY: rows, steps and columns are some of those of the three matrices, and these
                // rows of the result are this piece's.
                unsafe { small::product_of_runs(simd, sizes, runs, left, b, to, first > 0) };
            }
        }
    }
}
