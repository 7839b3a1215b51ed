//! The loops of a row: one, two or three operands to a result, or one operand into a row in place.
//!
//! The loops are plain ones: what an iterator's `for_each` is given would, when `f` is long, be
//! compiled apart, without wide vectors.

use super::walk::{Block, Row};
use crate::Element;

/// Rows that are copied together by [`turn`]: what two lines of the cache hold of `f32`.
const ROWS: usize = 32;

/// Elements at equal distances: element `i` is `values[start + i * stride]`.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a, T> {
    values: &'a [T],
    start: usize,
    stride: isize,
}

impl<'a, T: Element> Strided<'a, T> {
    /// The elements of an operand that belong to a row of the result.
    #[inline(always)]
    pub(super) fn new<const N: usize>(values: &'a [T], row: Row<N>, operand: usize) -> Self {
        Self { values, start: row.at[operand], stride: row.strides[operand] }
    }

    #[inline(always)]
    pub(super) fn at(&self, i: usize) -> T {
        self.values[(self.start as isize + i as isize * self.stride) as usize]
    }

    /// As a slice, if they are neighbours.
    #[inline(always)]
    pub(super) fn slice(&self, n: usize) -> Option<&'a [T]> {
        (self.stride == 1).then(|| &self.values[self.start..self.start + n])
    }
}

/// Copies elements that are neighbours from row to row, and not within a row: some rows at a time, so that
/// what is read near each other is used while it is near.
pub(super) fn turn<T: Element>(out: &mut [T], values: &[T], block: Block<1>) {
    let Block { rows, len, at: [at], strides: [stride], .. } = block;
    for first in (0..rows).step_by(ROWS) {
        let count = ROWS.min(rows - first);
        let out = &mut out[first * len..][..count * len];
        for i in 0..len {
            let from = at.wrapping_add_signed(stride.wrapping_mul(i as isize)) + first;
            for (row, &x) in out.chunks_exact_mut(len).zip(&values[from..from + count]) {
                row[i] = x;
            }
        }
    }
}

#[inline(always)]
pub(super) fn map_row<T: Element, U: Element>(
    out: &mut [U],
    a: Strided<'_, T>,
    f: &impl Fn(T) -> U,
) {
    match a.slice(out.len()) {
        Some(a) => {
            for (o, &a) in out.iter_mut().zip(a) {
                *o = f(a);
            }
        }
        None => {
            for (i, o) in out.iter_mut().enumerate() {
                *o = f(a.at(i));
            }
        }
    }
}

#[inline(always)]
pub(super) fn inplace_row<T: Element, U: Element>(
    out: &mut [T],
    b: Strided<'_, U>,
    f: &impl Fn(T, U) -> T,
) {
    match b.slice(out.len()) {
        Some(b) => {
            for (x, &b) in out.iter_mut().zip(b) {
                *x = f(*x, b);
            }
        }
        None if b.stride == 0 => {
            let b = b.at(0);
            for x in out {
                *x = f(*x, b);
            }
        }
        None => {
            for (i, x) in out.iter_mut().enumerate() {
                *x = f(*x, b.at(i));
            }
        }
    }
}

#[inline(always)]
pub(super) fn zip_row<T: Element, U: Element, V: Element>(
    out: &mut [V],
    a: Strided<'_, T>,
    b: Strided<'_, U>,
    f: &impl Fn(T, U) -> V,
) {
    let n = out.len();
    match (a.slice(n), b.slice(n)) {
        (Some(a), Some(b)) => {
            for (o, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
                *o = f(a, b);
            }
        }
        (Some(a), None) if b.stride == 0 => {
            let b = b.at(0);
            for (o, &a) in out.iter_mut().zip(a) {
                *o = f(a, b);
            }
        }
        (None, Some(b)) if a.stride == 0 => {
            let a = a.at(0);
            for (o, &b) in out.iter_mut().zip(b) {
                *o = f(a, b);
            }
        }
        _ => {
            for (i, o) in out.iter_mut().enumerate() {
                *o = f(a.at(i), b.at(i));
            }
        }
    }
}

#[inline(always)]
pub(super) fn zip3_row<T: Element, U: Element, V: Element, W: Element>(
    out: &mut [W],
    a: Strided<'_, T>,
    b: Strided<'_, U>,
    c: Strided<'_, V>,
    f: &impl Fn(T, U, V) -> W,
) {
    let n = out.len();
    match (a.slice(n), b.slice(n), c.slice(n)) {
        (Some(a), Some(b), Some(c)) => {
            for (i, o) in out.iter_mut().enumerate() {
                *o = f(a[i], b[i], c[i]);
            }
        }
        _ => {
            for (i, o) in out.iter_mut().enumerate() {
                *o = f(a.at(i), b.at(i), c.at(i));
            }
        }
    }
}
