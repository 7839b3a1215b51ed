//! Sums of floats, by [`sums`](crate::sums).

use super::fold::{Apart, Reduce, Rows};
use crate::memory::Buffer;
use crate::sums::{Numbers, ROWS, Total, add_few, add_rows, each, finish, join, put, totals};
use crate::{Float, Tensor};

/// The most columns of which several rows are taken as one.
const NARROW: usize = 32;
/// Elements that are gathered from where they lie apart.
const GATHERED: usize = 256;

/// The sums along `axes`, which become axes of size 1.
pub(crate) fn sum_floats<T: Float>(x: &Tensor<T>, axes: &[usize]) -> Tensor<T> {
    x.reduce(axes, &Sum)
}

struct Sum;

/// Running totals of columns: the sums, and what rounding lost.
struct Columns<T> {
    totals: Buffer<T>,
    columns: usize,
}

impl<T: Float> Columns<T> {
    fn new(columns: usize) -> Self {
        let mut totals = Buffer::stale(2 * columns);
        totals.as_mut_slice().fill(T::ZERO);
        Self { totals, columns }
    }

    fn parts(&self) -> [&[T]; 2] {
        self.totals.as_slice().split_at(self.columns).into()
    }

    fn parts_mut(&mut self) -> [&mut [T]; 2] {
        self.totals.as_mut_slice().split_at_mut(self.columns).into()
    }

    fn range(&mut self, first: usize, n: usize) -> [&mut [T]; 2] {
        self.parts_mut().map(|part| &mut part[first..first + n])
    }
}

impl<T: Float> Reduce<T> for Sum {
    type Part = Total<T>;
    type Parts = Columns<T>;
    type Out = T;
    const NONE: Total<T> = Total::ZERO;

    #[inline(always)]
    fn row(&self, row: &[T]) -> Total<T> {
        let [total] = totals([row], Numbers);
        total
    }

    #[inline(always)]
    fn apart(&self, elements: Apart<'_, T>) -> Total<T> {
        let mut gathered = [T::ZERO; GATHERED];
        let mut total = Total::ZERO;
        for first in (0..elements.len).step_by(GATHERED) {
            let n = GATHERED.min(elements.len - first);
            for (i, x) in gathered[..n].iter_mut().enumerate() {
                *x = elements.at(first + i);
            }
            total = total.join(self.row(&gathered[..n]));
        }
        total
    }

    #[inline(always)]
    fn join(&self, a: Total<T>, b: Total<T>) -> Total<T> {
        a.join(b)
    }

    #[inline(always)]
    fn finish(&self, part: Total<T>) -> T {
        part.value()
    }

    fn columns(&self, columns: usize) -> Columns<T> {
        Columns::new(columns)
    }

    #[inline(always)]
    fn take(&self, parts: &mut Columns<T>, first: usize, rows: Rows<'_, T>) {
        let n = rows.len;
        let together = NARROW / n.max(1);
        if let Some(values) = rows.side_by_side().filter(|_| together > 1 && rows.count >= ROWS) {
            // Several rows of few columns are taken as one, whose parts are joined.
            let wide = together * n;
            let whole = rows.count / together * wide;
            let mut totals = [[T::ZERO; NARROW]; 2];
            let [sums, lost] = &mut totals;
            add_rows([[&mut sums[..wide], &mut lost[..wide]]], [&values[..whole]], [], Numbers);
            let [sums, lost] = &totals;
            let mut parts = parts.range(first, n);
            for row in 0..together {
                let part = [&sums[row * n..(row + 1) * n], &lost[row * n..(row + 1) * n]];
                join(parts.each_mut().map(|part| &mut **part), part);
            }
            add_rows([parts], [&values[whole..]], [], Numbers);
            return;
        }
        let mut totals = [parts.range(first, n)];
        for group in (0..rows.count).step_by(ROWS) {
            let count = ROWS.min(rows.count - group);
            let row = |i: usize| rows.row(group + i.min(count - 1)).unwrap_or_default();
            match rows.row(group) {
                None => add_apart(&mut totals, rows, group..group + count),
                Some(_) => {
                    let rows = each([0, 1, 2, 3, 4, 5, 6, 7], |i| [row(i)]);
                    add_few(&mut totals, &rows[..count], [], Numbers);
                }
            }
        }
    }

    fn join_columns(&self, parts: &mut Columns<T>, more: &Columns<T>) {
        join(parts.parts_mut(), more.parts());
    }

    #[inline(always)]
    fn finish_columns(&self, parts: &Columns<T>, out: &mut [T]) {
        let [sums, lost] = parts.parts();
        finish(out, sums, lost);
    }
}

/// Adds some rows whose elements lie apart.
#[inline(always)]
fn add_apart<T: Float>(
    [[sums, lost]]: &mut [[&mut [T]; 2]; 1],
    rows: Rows<'_, T>,
    range: std::ops::Range<usize>,
) {
    for column in (0..rows.len).step_by(GATHERED) {
        let len = GATHERED.min(rows.len - column);
        let mut part = [T::ZERO; GATHERED];
        for i in range.clone() {
            let row = rows.apart(i);
            for (j, part) in part[..len].iter_mut().enumerate() {
                *part += row.at(column + j);
            }
        }
        put(&mut sums[column..column + len], &mut lost[column..column + len], &part[..len]);
    }
}
