//! The walk behind every reduction.
//!
//! Elements are taken in in an order that depends on the shape and the strides alone: side by side along a
//! row (which the compiler keeps in vectors), and in blocks of fixed size that are joined one after the
//! other. So the result is the same on any number of threads. What is done with them is a [`Reduce`]: sums of
//! floats are in [`floats`](super::floats), all others are a [`Fold`].

use smallvec::SmallVec;

use crate::elementwise::Walk;
use crate::layout::{Dims, Layout};
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece, map_indices};
use crate::{Element, Result, Tensor};

/// Accumulators that run side by side along a row.
const LANES: usize = 32;

/// What is made of elements: a part of each row, or of each column of some rows, and one result of all
/// parts. Loops over elements are to be `#[inline(always)]`.
pub(super) trait Reduce<T: Element>: Sync {
    /// What is known of some elements.
    type Part: Copy + Send + Sync;
    /// The same of several columns.
    type Parts: Send;
    type Out: Element;
    /// What is known of none.
    const NONE: Self::Part;
    /// Of elements side by side.
    fn row(&self, row: &[T]) -> Self::Part;
    /// Of elements that are apart.
    fn apart(&self, elements: Apart<'_, T>) -> Self::Part;
    fn join(&self, a: Self::Part, b: Self::Part) -> Self::Part;
    fn finish(&self, part: Self::Part) -> Self::Out;

    /// For so many columns, of no rows.
    fn columns(&self, columns: usize) -> Self::Parts;
    /// Takes rows into the columns from `first` on.
    fn take(&self, parts: &mut Self::Parts, first: usize, rows: Rows<'_, T>);
    fn join_columns(&self, parts: &mut Self::Parts, more: &Self::Parts);
    fn finish_columns(&self, parts: &Self::Parts, out: &mut [Self::Out]);
}

/// Elements with a fixed distance.
#[derive(Clone, Copy)]
pub(super) struct Apart<'a, T> {
    values: &'a [T],
    first: usize,
    pub(super) len: usize,
    stride: isize,
}

impl<'a, T: Copy> Apart<'a, T> {
    #[inline(always)]
    pub(super) fn at(self, i: usize) -> T {
        self.values[stepped(self.first, i, self.stride)]
    }
}

/// Rows of elements, from row to row and within a row with fixed distances.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, T> {
    values: &'a [T],
    first: usize,
    pub(super) count: usize,
    pub(super) len: usize,
    step: isize,
    stride: isize,
}

impl<'a, T: Copy> Rows<'a, T> {
    /// A row whose elements lie side by side.
    #[inline(always)]
    pub(super) fn row(self, i: usize) -> Option<&'a [T]> {
        let first = stepped(self.first, i, self.step);
        (self.stride == 1).then(|| &self.values[first..first + self.len])
    }

    /// Any row.
    #[inline(always)]
    pub(super) fn apart(self, i: usize) -> Apart<'a, T> {
        let first = stepped(self.first, i, self.step);
        Apart { values: self.values, first, len: self.len, stride: self.stride }
    }

    /// All of them, if they lie one after the other without gaps.
    #[inline(always)]
    pub(super) fn side_by_side(self) -> Option<&'a [T]> {
        let dense = self.stride == 1 && self.step == self.len as isize;
        dense.then(|| &self.values[self.first..self.first + self.count * self.len])
    }
}

/// A reduction of one number after the other: where it starts, how an element is taken in, how two partial
/// results join.
pub(super) struct Fold<A, S, M> {
    pub(super) start: A,
    pub(super) step: S,
    pub(super) merge: M,
}

impl<T: Element> Tensor<T> {
    /// The axes named by `axes`, each once, in ascending order.
    pub(super) fn reduced_axes(&self, op: &'static str, axes: &[isize]) -> Result<Dims> {
        let mut resolved = Dims::new();
        for &axis in axes {
            resolved.push(self.layout.axis(op, axis)?);
        }
        resolved.sort_unstable();
        if let Some(pair) = resolved.windows(2).find(|pair| pair[0] == pair[1]) {
            let got = format!("axes {axes:?}, with axis {} twice", pair[0]);
            return Err(crate::Error::value(op, got, "each axis at most once"));
        }
        if self.is_empty() {
            // Of no elements along one axis a result can still be huge along another.
            let axes = (0..self.rank()).filter(|axis| !resolved.contains(axis));
            Layout::with_room::<T>(op, &axes.map(|axis| self.shape()[axis]).collect::<Dims>())?;
        }
        Ok(resolved)
    }

    /// Folds the elements along `axes`, which become axes of size 1.
    pub(super) fn fold<A, S, M>(&self, axes: &[usize], fold: &Fold<A, S, M>) -> Tensor<A>
    where
        A: Element,
        S: Fn(A, T) -> A + Sync + Send,
        M: Fn(A, A) -> A + Sync + Send,
    {
        self.reduce(axes, fold)
    }

    /// Reduces the elements along `axes`, which become axes of size 1.
    pub(super) fn reduce<R: Reduce<T>>(&self, axes: &[usize], reduce: &R) -> Tensor<R::Out> {
        let mut shape = self.layout.shape.clone();
        axes.iter().for_each(|&axis| shape[axis] = 1);
        let kept = Layout { shape: shape.clone(), ..self.layout.clone() }.packed();
        if self.is_empty() {
            return Tensor::build(kept, |out| out.fill(reduce.finish(R::NONE)));
        }
        let fastest = self.layout.order().iter().rev().copied().find(|&a| self.shape()[a] > 1);
        match fastest {
            Some(axis) if !axes.contains(&axis) => self.reduce_columns(axes, kept, reduce),
            _ => self.reduce_rows(axes, kept, reduce),
        }
    }

    /// The layout of the elements that make up one element of the result.
    fn reduced_layout(&self, axes: &[usize]) -> Layout {
        Layout {
            shape: axes.iter().map(|&axis| self.shape()[axis]).collect(),
            strides: axes.iter().map(|&axis| self.strides()[axis]).collect(),
            offset: 0,
        }
    }

    /// The fastest axis is reduced: each element of the result is made of some rows.
    fn reduce_rows<R: Reduce<T>>(
        &self,
        axes: &[usize],
        kept: Layout,
        reduce: &R,
    ) -> Tensor<R::Out> {
        let reduced = self.reduced_layout(axes);
        let inner = Walk::new(&reduced.packed(), [&reduced]);
        let [stride] = inner.strides();
        let size = reduced.len();
        let starts =
            Walk::new(&kept, [&Layout { shape: kept.shape.clone(), ..self.layout.clone() }]);
        let [starts_stride] = starts.strides();
        let values = self.buffer.as_slice();
        let block = |base: usize, from: usize, to: usize| {
            let mut total = R::NONE;
            inner.rows(from, to, &mut |_, len, [offset]| {
                // Offsets within what is reduced are negative where an axis is flipped.
                let first = base.wrapping_add(offset);
                let part = vectorize_for::<T, R::Out, T, _>(
                    #[inline(always)]
                    || match stride {
                        1 => reduce.row(&values[first..first + len]),
                        _ => reduce.apart(Apart { values, first, len, stride }),
                    },
                );
                total = reduce.join(total, part);
            });
            total
        };
        let blocks = size.div_ceil(PIECE).max(1);
        let reduce_all = |base: usize| {
            if blocks == 1 {
                return block(base, 0, size);
            }
            // A result of few elements is spread over the threads by block, one of many by element.
            let parts = map_indices(blocks, kept.len() == 1, |b| {
                block(base, b * PIECE, size.min((b + 1) * PIECE))
            });
            parts.into_iter().fold(R::NONE, |a, b| reduce.join(a, b))
        };
        // Rows in one piece each: no walk for each of them.
        let plain = blocks == 1 && reduced.is_contiguous();
        Tensor::build(kept.clone(), |out| {
            let piece = (PIECE / size.max(1)).max(1);
            for_each_piece(out, piece, |i, out| {
                let first = i * piece;
                starts.rows(first, first + out.len(), &mut |to, n, [offset]| {
                    let out = &mut out[to - first..to - first + n];
                    if plain {
                        vectorize_for::<T, R::Out, T, _>(
                            #[inline(always)]
                            || {
                                for (j, out) in out.iter_mut().enumerate() {
                                    let start = stepped(offset, j, starts_stride);
                                    *out = reduce.finish(reduce.row(&values[start..start + size]));
                                }
                            },
                        );
                        return;
                    }
                    for (j, out) in out.iter_mut().enumerate() {
                        *out = reduce.finish(reduce_all(stepped(offset, j, starts_stride)));
                    }
                });
            });
        })
    }

    /// The fastest axis is kept: whole rows are taken into a row of parts.
    fn reduce_columns<R: Reduce<T>>(
        &self,
        axes: &[usize],
        kept: Layout,
        reduce: &R,
    ) -> Tensor<R::Out> {
        let reduced = self.reduced_layout(axes);
        let steps = Walk::new(&reduced.packed(), [&reduced]);
        let [step] = steps.strides();
        let size = reduced.len();
        let source = Layout { shape: kept.shape.clone(), ..self.layout.clone() };
        let columns = Walk::new(&kept, [&source]);
        let [stride] = columns.strides();
        let values = self.buffer.as_slice();
        // Of `from..to` of the reduced elements, for `n` elements of the result.
        let parts_of = |first: usize, n: usize, from: usize, to: usize| {
            let mut parts = reduce.columns(n);
            columns.rows(first, first + n, &mut |position, len, [base]| {
                steps.rows(from, to, &mut |_, count, [offset]| {
                    let start = base.wrapping_add(offset);
                    let rows = Rows { values, first: start, count, len, step, stride };
                    vectorize_for::<T, R::Out, T, _>(
                        #[inline(always)]
                        || reduce.take(&mut parts, position - first, rows),
                    );
                });
            });
            parts
        };
        let len = kept.len();
        let block = (PIECE / len).max(16);
        let blocks = size.div_ceil(block);
        let finish = |parts: &R::Parts, out: &mut [R::Out]| {
            vectorize_for::<T, R::Out, T, _>(
                #[inline(always)]
                || reduce.finish_columns(parts, out),
            );
        };
        Tensor::build(kept.clone(), |out| {
            if len >= PIECE || blocks == 1 {
                let piece = (PIECE / size.max(1)).max(64);
                for_each_piece(out, piece, |i, out| {
                    let mut parts = parts_of(i * piece, out.len(), 0, block.min(size));
                    for b in 1..blocks {
                        let (from, to) = (b * block, size.min((b + 1) * block));
                        reduce.join_columns(&mut parts, &parts_of(i * piece, out.len(), from, to));
                    }
                    finish(&parts, out);
                });
            } else {
                let parts = map_indices(blocks, size * len > PIECE, |b| {
                    parts_of(0, len, b * block, size.min((b + 1) * block))
                });
                let mut parts = parts.into_iter();
                let mut all = parts.next().unwrap_or_else(|| reduce.columns(len));
                parts.for_each(|part| reduce.join_columns(&mut all, &part));
                finish(&all, out);
            }
        })
    }
}

#[inline(always)]
fn stepped(start: usize, i: usize, stride: isize) -> usize {
    (start as isize + i as isize * stride) as usize
}

impl<T, A, S, M> Reduce<T> for Fold<A, S, M>
where
    T: Element,
    A: Element,
    S: Fn(A, T) -> A + Sync + Send,
    M: Fn(A, A) -> A + Sync + Send,
{
    // Nothing, where there was no element yet.
    type Part = Option<A>;
    type Parts = SmallVec<[A; 64]>;
    type Out = A;
    const NONE: Option<A> = None;

    #[inline(always)]
    fn row(&self, row: &[T]) -> Option<A> {
        Some(fold_row(row, self))
    }

    #[inline(always)]
    fn apart(&self, elements: Apart<'_, T>) -> Option<A> {
        Some((0..elements.len).fold(self.start, |part, i| (self.step)(part, elements.at(i))))
    }

    #[inline(always)]
    fn join(&self, a: Option<A>, b: Option<A>) -> Option<A> {
        match (a, b) {
            (Some(a), Some(b)) => Some((self.merge)(a, b)),
            (a, b) => a.or(b),
        }
    }

    #[inline(always)]
    fn finish(&self, part: Option<A>) -> A {
        part.unwrap_or(self.start)
    }

    fn columns(&self, columns: usize) -> Self::Parts {
        SmallVec::from_elem(self.start, columns)
    }

    #[inline(always)]
    fn take(&self, parts: &mut Self::Parts, first: usize, rows: Rows<'_, T>) {
        let parts = &mut parts[first..first + rows.len];
        for i in 0..rows.count {
            match rows.row(i) {
                Some(row) => {
                    for (part, &x) in parts.iter_mut().zip(row) {
                        *part = (self.step)(*part, x);
                    }
                }
                None => {
                    for (j, part) in parts.iter_mut().enumerate() {
                        *part = (self.step)(*part, rows.apart(i).at(j));
                    }
                }
            }
        }
    }

    fn join_columns(&self, parts: &mut Self::Parts, more: &Self::Parts) {
        parts.iter_mut().zip(more).for_each(|(part, &x)| *part = (self.merge)(*part, x));
    }

    #[inline(always)]
    fn finish_columns(&self, parts: &Self::Parts, out: &mut [A]) {
        out.copy_from_slice(parts);
    }
}

/// Folds a row into [`LANES`] accumulators side by side, and those into one.
#[inline(always)]
fn fold_row<T, A, S, M>(row: &[T], fold: &Fold<A, S, M>) -> A
where
    T: Element,
    A: Element,
    S: Fn(A, T) -> A,
    M: Fn(A, A) -> A,
{
    let mut chunks = row.chunks_exact(LANES);
    let mut total = fold.start;
    if row.len() >= LANES {
        let mut lanes = [fold.start; LANES];
        for chunk in &mut chunks {
            for (acc, &x) in lanes.iter_mut().zip(chunk) {
                *acc = (fold.step)(*acc, x);
            }
        }
        let mut width = LANES / 2;
        while width > 0 {
            for i in 0..width {
                lanes[i] = (fold.merge)(lanes[i], lanes[i + width]);
            }
            width /= 2;
        }
        total = lanes[0];
    }
    chunks.remainder().iter().fold(total, |acc, &x| (fold.step)(acc, x))
}
