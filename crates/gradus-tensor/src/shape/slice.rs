//! A part of a tensor, without a copy.

use std::ops::{Bound, RangeBounds};

use crate::{Element, Error, Result, Tensor};

impl<T: Element> Tensor<T> {
    /// The elements whose index on `axis` lies in `range`.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<i64>::arange(6).reshape([2, 3])?;
    /// assert_eq!(x.slice(1, 1..)?.to_vec(), [1, 2, 4, 5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Value`] if the range is reversed or
    /// reaches beyond it.
    pub fn slice(&self, axis: isize, range: impl RangeBounds<usize>) -> Result<Self> {
        self.slice_step(axis, range, 1)
    }

    /// Every `step`-th of the elements whose index on `axis` lies in `range`.
    ///
    /// # Errors
    /// As [`slice`](Tensor::slice); also [`Error::Value`] if `step` is zero.
    pub fn slice_step(
        &self,
        axis: isize,
        range: impl RangeBounds<usize>,
        step: usize,
    ) -> Result<Self> {
        let axis = self.layout.axis("slice", axis)?;
        let dim = self.layout.shape[axis];
        let start = match range.start_bound() {
            Bound::Included(&i) => i,
            Bound::Excluded(&i) => i.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&i) => i.saturating_add(1),
            Bound::Excluded(&i) => i,
            Bound::Unbounded => dim,
        };
        if start > end || end > dim || step == 0 {
            let got = format!("range {start}..{end} with step {step} on axis {axis}");
            let wanted = format!("a range within 0..{dim} and a step of at least 1");
            return Err(Error::value("slice", got, wanted));
        }
        let mut layout = self.layout.clone();
        layout.shape[axis] = (end - start).div_ceil(step);
        // An empty result keeps the offset, so that it never points past the buffer.
        if layout.len() > 0 {
            let skipped = start as isize * layout.strides[axis];
            layout.offset = (layout.offset as isize + skipped) as usize;
        }
        // The stride of an axis of size 1 is never used; a huge step would overflow it.
        if layout.shape[axis] > 1 {
            layout.strides[axis] *= step as isize;
        }
        Ok(self.with_layout(layout))
    }

    /// The elements with one index on `axis`, without that axis.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<i64>::arange(6).reshape([2, 3])?;
    /// assert_eq!(x.index(0, 1)?.to_vec(), [3, 4, 5]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Index`] if it is too short.
    pub fn index(&self, axis: isize, index: usize) -> Result<Self> {
        let axis = self.layout.axis("index", axis)?;
        let dim = self.layout.shape[axis];
        if index >= dim {
            return Err(Error::Index { op: "index", index: index as i64, axis, dim });
        }
        self.slice(axis as isize, index..=index)?.squeeze(axis as isize)
    }
}
