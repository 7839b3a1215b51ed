//! Elements chosen by whole numbers that stand in a tensor: read ([`gather`], [`select`]), added to
//! ([`scatter_add`], [`index_add`]), or made from them ([`one_hot`]).
//!
//! All numbers are checked before anything is read or written, and nothing counts from the end: a
//! negative index is an error.

mod around;
mod gather;
mod index_add;
mod one_hot;
mod scatter_add;
mod select;

use crate::elementwise::Walk;
use crate::{Element, Error, Result, Tensor};

/// Makes sure that every index lies below `dim`, the size of axis `axis`.
fn check_range(op: &'static str, index: &Tensor<i64>, axis: usize, dim: usize) -> Result<()> {
    let mut layout = index.layout.clone();
    // What is repeated is looked at once.
    for (n, &stride) in layout.shape.iter_mut().zip(&layout.strides) {
        *n = if stride == 0 { 1.min(*n) } else { *n };
    }
    let walk = Walk::new(&layout.packed(), [&layout]);
    let [stride] = walk.strides();
    let mut outside = None;
    walk.rows(0, layout.len(), &mut |_, n, [start]| {
        let numbers = (0..n as isize).map(|i| start as isize + i * stride);
        let numbers = numbers.map(|place| index.buffer.as_slice()[place as usize]);
        outside = outside.or_else(|| numbers.into_iter().find(|&i| i < 0 || i as usize >= dim));
    });
    outside.map_or(Ok(()), |index| Err(Error::Index { op, index, axis, dim }))
}

/// The numbers of a list of indices (a tensor of rank 1), each below `dim`.
fn checked_list(
    op: &'static str,
    index: &Tensor<i64>,
    axis: usize,
    dim: usize,
) -> Result<Vec<usize>> {
    if index.rank() != 1 {
        return Err(Error::shape(op, index.shape(), "a list of indices, of rank 1"));
    }
    check_range(op, index, axis, dim)?;
    Ok(index.to_vec().into_iter().map(|i| i as usize).collect())
}

/// Makes sure that `index` names elements along `axis` of `x`: the same rank, no axis but that one
/// longer, every number in range.
fn check_lanes<T: Element>(
    op: &'static str,
    x: &Tensor<T>,
    axis: usize,
    index: &Tensor<i64>,
) -> Result<()> {
    if index.rank() != x.rank() {
        let wanted =
            format!("indices of rank {}, as the tensor of shape {:?} has", x.rank(), x.shape());
        return Err(Error::shape(op, index.shape(), wanted));
    }
    let longer = |&a: &usize| a != axis && index.shape()[a] > x.shape()[a];
    if let Some(a) = (0..x.rank()).find(longer) {
        let wanted = format!(
            "indices with at most {} elements on axis {a}, as many as the tensor of shape {:?} has",
            x.shape()[a],
            x.shape()
        );
        return Err(Error::shape(op, index.shape(), wanted));
    }
    check_range(op, index, axis, x.shape()[axis])
}
