//! Where in its buffer each element of a tensor lies: shape, strides and offset.
//!
//! Element `(i₀, …, iₖ)` lies at `offset + Σ iⱼ · stridesⱼ`. A transposed, sliced, flipped or
//! repeated tensor is the same buffer under another layout.

use smallvec::SmallVec;

use crate::memory::has_room;
use crate::{Error, Result};

/// Sizes of the axes. Up to six live without an allocation of their own.
pub(crate) type Dims = SmallVec<[usize; 6]>;
/// Steps, in elements, from one index of an axis to the next.
pub(crate) type Strides = SmallVec<[isize; 6]>;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) shape: Dims,
    pub(crate) strides: Strides,
    pub(crate) offset: usize,
}

/// As whole slices: the clone of a `SmallVec` goes element by element, and every tensor that is handed
/// on has its layout cloned.
impl Clone for Layout {
    fn clone(&self) -> Self {
        let (shape, strides) = (Dims::from_slice(&self.shape), Strides::from_slice(&self.strides));
        Self { shape, strides, offset: self.offset }
    }
}

/// The most axes that a tensor can have.
pub const MAX_RANK: usize = 64;

/// What a process can address on the machines of today, in bytes.
const ADDRESSABLE: usize = 1 << 47;

/// An error if a tensor cannot have so many axes.
pub(crate) fn check_rank(op: &'static str, rank: usize) -> Result<()> {
    match rank {
        ..=MAX_RANK => Ok(()),
        _ => Err(Error::value(op, format!("{rank} axes"), format!("at most {MAX_RANK}"))),
    }
}

impl Layout {
    /// The row-major layout of a shape: the last axis has stride 1.
    ///
    /// # Panics
    /// If the elements cannot be addressed; see [`Layout::checked`].
    #[track_caller]
    pub(crate) fn contiguous(shape: &[usize]) -> Self {
        match Self::checked("Tensor", shape) {
            Ok(layout) => layout,
            Err(e) => panic!("{e}"),
        }
    }

    /// The row-major layout of a shape, or an error if no memory can hold that many elements or there are
    /// more axes than a tensor has.
    pub(crate) fn checked(op: &'static str, shape: &[usize]) -> Result<Self> {
        check_rank(op, shape.len())?;
        let mut bytes = 8_usize; // of the largest element
        for &n in shape.iter().filter(|&&n| n != 0) {
            bytes = bytes
                .checked_mul(n)
                .filter(|&b| b <= ADDRESSABLE)
                .ok_or_else(|| Error::TooLarge { op, shape: shape.to_vec() })?;
        }
        Ok(Self::row_major(shape))
    }

    /// [`checked`](Layout::checked) for a shape that a caller chose and whose elements will be stored: also
    /// an error if this machine has no room for them.
    pub(crate) fn with_room<T>(op: &'static str, shape: &[usize]) -> Result<Self> {
        let layout = Self::checked(op, shape)?;
        match has_room(layout.len() * size_of::<T>()) {
            true => Ok(layout),
            false => Err(Error::TooLarge { op, shape: shape.to_vec() }),
        }
    }

    /// The layout in which the last axis has stride 1, for a shape that was checked.
    pub(crate) fn row_major(shape: &[usize]) -> Self {
        let mut strides = Strides::from_elem(0, shape.len());
        let mut step = 1;
        for (stride, &n) in strides.iter_mut().zip(shape).rev() {
            *stride = step;
            step *= n.max(1) as isize;
        }
        Self { shape: Dims::from_slice(shape), strides, offset: 0 }
    }

    /// The layout without gaps whose axes, from the slowest to the fastest, are `order`.
    pub(crate) fn dense(shape: &[usize], order: &[usize]) -> Self {
        let mut strides = Strides::from_elem(0, shape.len());
        let mut step = 1;
        for &axis in order.iter().rev() {
            strides[axis] = step;
            step *= shape[axis].max(1) as isize;
        }
        Self { shape: Dims::from_slice(shape), strides, offset: 0 }
    }

    /// A layout without gaps for the same shape, with the axes in the order they have here, or
    /// row-major if elements are repeated, as the order then means nothing.
    /// This is how channels-last images stay channels-last.
    pub(crate) fn packed(&self) -> Self {
        if self.is_contiguous() || self.repeats() {
            return Self::row_major(&self.shape);
        }
        Self::dense(&self.shape, &self.order())
    }

    /// Whether elements are repeated along an axis, which has stride 0.
    pub(crate) fn repeats(&self) -> bool {
        self.shape.iter().zip(&self.strides).any(|(&n, &stride)| n > 1 && stride == 0)
    }

    /// The axes from the slowest (largest stride) to the fastest.
    pub(crate) fn order(&self) -> SmallVec<[usize; 6]> {
        let mut order: SmallVec<[usize; 6]> = (0..self.shape.len()).collect();
        order.sort_by_key(|&axis| std::cmp::Reverse(self.strides[axis].unsigned_abs()));
        order
    }

    pub(crate) fn rank(&self) -> usize {
        self.shape.len()
    }

    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the elements lie one after the other in row-major order.
    pub(crate) fn is_contiguous(&self) -> bool {
        let mut step = 1;
        self.shape.iter().zip(&self.strides).rev().all(|(&n, &stride)| {
            let fits = n == 1 || stride == step;
            step *= n as isize;
            fits
        }) || self.len() == 0
    }

    /// Whether both have the same shape and strides.
    pub(crate) fn lies_like(&self, other: &Self) -> bool {
        self.shape == other.shape && self.strides == other.strides
    }

    /// Whether the elements fill a range of memory without gaps, in whatever order of the axes.
    pub(crate) fn is_dense(&self) -> bool {
        if self.is_contiguous() {
            return true;
        }
        let mut step = 1;
        self.order().iter().rev().all(|&axis| {
            let (n, stride) = (self.shape[axis], self.strides[axis]);
            let fits = n == 1 || stride == step;
            step *= n as isize;
            fits
        })
    }

    /// The same elements repeated along axes of size 1, and along new axes in front.
    pub(crate) fn broadcast(&self, op: &'static str, shape: &[usize]) -> Result<Self> {
        if shape == self.shape.as_slice() {
            return Ok(self.clone());
        }
        let wanted = || Error::shape(op, &self.shape, format!("a shape that expands to {shape:?}"));
        let new = shape.len().checked_sub(self.rank()).ok_or_else(wanted)?;
        let mut strides = Strides::from_elem(0, shape.len());
        for (axis, (&n, &stride)) in self.shape.iter().zip(&self.strides).enumerate() {
            if n == shape[new + axis] {
                strides[new + axis] = stride;
            } else if n != 1 {
                return Err(wanted());
            }
        }
        Layout::checked(op, shape)?;
        Ok(Self { shape: Dims::from_slice(shape), strides, offset: self.offset })
    }

    /// Turns an axis that may count from the end into an index.
    pub(crate) fn axis(&self, op: &'static str, axis: isize) -> Result<usize> {
        resolve_axis(op, axis, self.rank())
    }
}

/// Turns an axis that may count from the end (`-1` is the last) into an index below `rank`.
pub(crate) fn resolve_axis(op: &'static str, axis: isize, rank: usize) -> Result<usize> {
    let index = if axis < 0 { axis + rank as isize } else { axis };
    match usize::try_from(index) {
        Ok(index) if index < rank => Ok(index),
        _ => Err(Error::Axis { op, axis, rank }),
    }
}

/// The shape that two shapes broadcast to: aligned at their last axes, each pair of sizes must be
/// equal or hold a 1.
pub(crate) fn broadcast_shape(op: &'static str, a: &[usize], b: &[usize]) -> Result<Dims> {
    if a == b {
        return Ok(Dims::from_slice(a));
    }
    let rank = a.len().max(b.len());
    let mut shape = Dims::from_elem(1, rank);
    for back in 1..=rank {
        let size = |s: &[usize]| if back <= s.len() { s[s.len() - back] } else { 1 };
        shape[rank - back] = match (size(a), size(b)) {
            (m, n) if m == n => m,
            (1, n) => n,
            (m, 1) => m,
            _ => {
                let axis = -(back as isize);
                return Err(Error::Broadcast { op, left: a.to_vec(), right: b.to_vec(), axis });
            }
        };
    }
    Ok(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_last_is_dense_but_not_contiguous() {
        let nchw = Layout::dense(&[2, 3, 4, 5], &[0, 2, 3, 1]);
        assert_eq!(nchw.strides.as_slice(), [60, 1, 15, 3]);
        assert!(nchw.is_dense() && !nchw.is_contiguous());
        assert_eq!(nchw.packed(), nchw);
    }

    #[test]
    fn shapes_broadcast_from_the_last_axis() {
        assert_eq!(broadcast_shape("add", &[2, 1, 3], &[4, 1]).unwrap().as_slice(), [2, 4, 3]);
        let error = broadcast_shape("add", &[2, 3], &[2, 4]).unwrap_err().to_string();
        assert!(error.contains("add: shapes [2, 3] and [2, 4]") && error.contains("axis -1"));
    }
}
