//! The loop behind every reduction.
//!
//! Elements are folded into accumulators in an order that depends on the shape and the strides
//! alone: eight or more accumulators along a row (which the compiler keeps in one vector), and
//! blocks of fixed size that are merged one after the other. So the rounding of a long sum grows
//! like the length of a block, not of the whole, and is the same on any number of threads.

use smallvec::SmallVec;

use crate::elementwise::Walk;
use crate::layout::{Dims, Layout};
use crate::simd::vectorize_for;
use crate::threads::{PIECE, for_each_piece, map_indices};
use crate::{Element, Result, Tensor};

/// Accumulators that run side by side along a row.
const LANES: usize = 32;

/// A reduction: where it starts, how an element is taken in, how two partial results join.
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
        Ok(resolved)
    }

    /// Folds the elements along `axes`, which become axes of size 1.
    pub(super) fn fold<A, S, M>(&self, axes: &[usize], fold: &Fold<A, S, M>) -> Tensor<A>
    where
        A: Element,
        S: Fn(A, T) -> A + Sync + Send,
        M: Fn(A, A) -> A + Sync + Send,
    {
        let mut shape = self.layout.shape.clone();
        axes.iter().for_each(|&axis| shape[axis] = 1);
        let kept = Layout { shape: shape.clone(), ..self.layout.clone() }.packed();
        if self.is_empty() {
            return Tensor::build(kept, |out| out.fill(fold.start));
        }
        let fastest = self.layout.order().iter().rev().copied().find(|&a| self.shape()[a] > 1);
        match fastest {
            Some(axis) if !axes.contains(&axis) => self.fold_columns(axes, kept, fold),
            _ => self.fold_rows(axes, kept, fold),
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

    /// The fastest axis is reduced: each element of the result is the fold of some rows.
    fn fold_rows<A, S, M>(&self, axes: &[usize], kept: Layout, fold: &Fold<A, S, M>) -> Tensor<A>
    where
        A: Element,
        S: Fn(A, T) -> A + Sync + Send,
        M: Fn(A, A) -> A + Sync + Send,
    {
        let reduced = self.reduced_layout(axes);
        let inner = Walk::new(&reduced.packed(), [&reduced]);
        let [stride] = inner.strides();
        let size = reduced.len();
        let starts =
            Walk::new(&kept, [&Layout { shape: kept.shape.clone(), ..self.layout.clone() }]);
        let [starts_stride] = starts.strides();
        let values = self.buffer.as_slice();
        let block = |base: usize, from: usize, to: usize| {
            let mut total = fold.start;
            inner.rows(from, to, &mut |_, n, [offset]| {
                // Offsets within what is reduced are negative where an axis is flipped.
                let first = base.wrapping_add(offset);
                let part = vectorize_for::<T, A, A, _>(
                    #[inline(always)]
                    || match stride {
                        1 => fold_row(&values[first..first + n], fold),
                        _ => (0..n).fold(fold.start, |acc, i| {
                            (fold.step)(acc, values[stepped(first, i, stride)])
                        }),
                    },
                );
                total = (fold.merge)(total, part);
            });
            total
        };
        let blocks = size.div_ceil(PIECE).max(1);
        let fold_all = |base: usize| {
            if blocks == 1 {
                return block(base, 0, size);
            }
            // A result of few elements is spread over the threads by block, one of many by element.
            let parts = map_indices(blocks, kept.len() == 1, |b| {
                block(base, b * PIECE, size.min((b + 1) * PIECE))
            });
            parts.into_iter().reduce(|a, b| (fold.merge)(a, b)).unwrap_or(fold.start)
        };
        Tensor::build(kept.clone(), |out| {
            let piece = (PIECE / size.max(1)).max(1);
            for_each_piece(out, piece, |i, out| {
                let first = i * piece;
                starts.rows(first, first + out.len(), &mut |to, n, [offset]| {
                    for j in 0..n {
                        out[to - first + j] = fold_all(stepped(offset, j, starts_stride));
                    }
                });
            });
        })
    }

    /// The fastest axis is kept: whole rows are folded into a row of accumulators.
    fn fold_columns<A, S, M>(&self, axes: &[usize], kept: Layout, fold: &Fold<A, S, M>) -> Tensor<A>
    where
        A: Element,
        S: Fn(A, T) -> A + Sync + Send,
        M: Fn(A, A) -> A + Sync + Send,
    {
        let reduced = self.reduced_layout(axes);
        let steps = Walk::new(&reduced.packed(), [&reduced]);
        let [step_stride] = steps.strides();
        let size = reduced.len();
        let source = Layout { shape: kept.shape.clone(), ..self.layout.clone() };
        let columns = Walk::new(&kept, [&source]);
        let [stride] = columns.strides();
        let values = self.buffer.as_slice();
        // Folds `from..to` of the reduced elements into a piece of the result.
        let fold_into = |first: usize, out: &mut [A], from: usize, to: usize| {
            out.fill(fold.start);
            columns.rows(first, first + out.len(), &mut |position, n, [base]| {
                let out = &mut out[position - first..position - first + n];
                steps.rows(from, to, &mut |_, m, [offset]| {
                    let start = base.wrapping_add(offset);
                    vectorize_for::<T, A, A, _>(
                        #[inline(always)]
                        || {
                            for i in 0..m {
                                let start = stepped(start, i, step_stride);
                                if stride == 1 {
                                    let row = &values[start..start + n];
                                    for (acc, &x) in out.iter_mut().zip(row) {
                                        *acc = (fold.step)(*acc, x);
                                    }
                                } else {
                                    for (j, acc) in out.iter_mut().enumerate() {
                                        let x = values[stepped(start, j, stride)];
                                        *acc = (fold.step)(*acc, x);
                                    }
                                }
                            }
                        },
                    );
                });
            });
        };
        let len = kept.len();
        let block = (PIECE / len).max(16);
        let blocks = size.div_ceil(block);
        Tensor::build(kept.clone(), |out| {
            if len >= PIECE || blocks == 1 {
                for_each_piece(out, (PIECE / size.max(1)).max(64), |i, out| {
                    let first = i * (PIECE / size.max(1)).max(64);
                    let mut part: SmallVec<[A; 64]> = SmallVec::from_elem(fold.start, out.len());
                    fold_into(first, out, 0, block.min(size));
                    for b in 1..blocks {
                        fold_into(first, &mut part, b * block, size.min((b + 1) * block));
                        out.iter_mut().zip(&part).for_each(|(a, &p)| *a = (fold.merge)(*a, p));
                    }
                });
            } else {
                let parts = map_indices(blocks, size * len > PIECE, |b| {
                    let mut part = vec![fold.start; len];
                    fold_into(0, &mut part, b * block, size.min((b + 1) * block));
                    part
                });
                out.fill(fold.start);
                for part in parts {
                    out.iter_mut().zip(part).for_each(|(a, p)| *a = (fold.merge)(*a, p));
                }
            }
        })
    }
}

#[inline(always)]
fn stepped(start: usize, i: usize, stride: isize) -> usize {
    (start as isize + i as isize * stride) as usize
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
