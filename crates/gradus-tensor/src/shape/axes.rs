//! Axes exchanged, added, removed, repeated, reversed.

use crate::layout::{Layout, check_rank, resolve_axis};
use crate::{Element, Error, Result, Tensor};

impl<T: Element> Tensor<T> {
    /// The axes in another order: axis `i` of the result is axis `order[i]` of this tensor.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let images = Tensor::<f32>::zeros([8, 28, 28, 3]);
    /// assert_eq!(images.permute(&[0, 3, 1, 2])?.shape(), [8, 3, 28, 28]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] if `order` does not name each axis once.
    pub fn permute(&self, order: &[isize]) -> Result<Self> {
        let wrong = || {
            let wanted = format!("each of the {} axes of {:?} once", self.rank(), self.shape());
            Error::value("permute", format!("order {order:?}"), wanted)
        };
        let mut layout = self.layout.clone();
        let mut seen = vec![false; self.rank()];
        if order.len() != self.rank() {
            return Err(wrong());
        }
        for (to, &from) in order.iter().enumerate() {
            let from = self.layout.axis("permute", from)?;
            if std::mem::replace(&mut seen[from], true) {
                return Err(wrong());
            }
            layout.shape[to] = self.layout.shape[from];
            layout.strides[to] = self.layout.strides[from];
        }
        Ok(self.with_layout(layout))
    }

    /// Two axes exchanged.
    ///
    /// # Errors
    /// [`Error::Axis`] if one of the axes does not exist.
    pub fn transpose(&self, a: isize, b: isize) -> Result<Self> {
        let a = self.layout.axis("transpose", a)?;
        let b = self.layout.axis("transpose", b)?;
        let mut layout = self.layout.clone();
        layout.shape.swap(a, b);
        layout.strides.swap(a, b);
        Ok(self.with_layout(layout))
    }

    /// One axis moved to another place, the others keeping their order.
    ///
    /// # Errors
    /// [`Error::Axis`] if one of the axes does not exist.
    pub fn move_axis(&self, from: isize, to: isize) -> Result<Self> {
        let from = self.layout.axis("move_axis", from)?;
        let to = self.layout.axis("move_axis", to)?;
        let mut layout = self.layout.clone();
        let (n, stride) = (layout.shape.remove(from), layout.strides.remove(from));
        layout.shape.insert(to, n);
        layout.strides.insert(to, stride);
        Ok(self.with_layout(layout))
    }

    /// A new axis of size 1 before axis `axis`; `-1` puts it last.
    ///
    /// # Errors
    /// [`Error::Axis`] if the result has no such axis.
    pub fn unsqueeze(&self, axis: isize) -> Result<Self> {
        check_rank("unsqueeze", self.rank() + 1)?;
        let axis = resolve_axis("unsqueeze", axis, self.rank() + 1)?;
        let mut layout = self.layout.clone();
        layout.shape.insert(axis, 1);
        layout.strides.insert(axis, 1);
        Ok(self.with_layout(layout))
    }

    /// Without axis `axis`, which must have size 1.
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis, [`Error::Shape`] if it has another size.
    pub fn squeeze(&self, axis: isize) -> Result<Self> {
        let axis = self.layout.axis("squeeze", axis)?;
        if self.layout.shape[axis] != 1 {
            let wanted = format!("size 1 on axis {axis}");
            return Err(Error::shape("squeeze", self.shape(), wanted));
        }
        let mut layout = self.layout.clone();
        layout.shape.remove(axis);
        layout.strides.remove(axis);
        Ok(self.with_layout(layout))
    }

    /// Axes of size 1, and new ones in front, repeated to `shape` without a copy.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let row = Tensor::vector([1.0, 2.0]);
    /// assert_eq!(row.expand([3, 2])?.to_vec(), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if an axis of another size than 1 would change.
    pub fn expand(&self, shape: impl AsRef<[usize]>) -> Result<Self> {
        let layout: Layout = self.layout.broadcast("expand", shape.as_ref())?;
        Ok(self.with_layout(layout))
    }

    /// The elements along `axis` in reverse order.
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis.
    pub fn flip(&self, axis: isize) -> Result<Self> {
        let axis = self.layout.axis("flip", axis)?;
        let mut layout = self.layout.clone();
        if layout.shape[axis] > 1 && !self.is_empty() {
            let span = (layout.shape[axis] - 1) as isize * layout.strides[axis];
            layout.offset = (layout.offset as isize + span) as usize;
            layout.strides[axis] = -layout.strides[axis];
        }
        Ok(self.with_layout(layout))
    }
}
