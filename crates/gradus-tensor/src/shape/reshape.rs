//! The same elements, in row-major order, counted off into other axes.

use crate::layout::{Dims, Layout, Strides};
use crate::{Element, Error, Result, Tensor};

impl<T: Element> Tensor<T> {
    /// The elements in row-major order under another shape; a view wherever strides can say it.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<i64>::arange(6).reshape([2, 3])?;
    /// assert_eq!(x.reshape([3, 2])?.get([2, 0])?, 4);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if the shape has another number of elements.
    pub fn reshape(&self, shape: impl AsRef<[usize]>) -> Result<Self> {
        let shape = shape.as_ref();
        let row_major = Layout::checked("reshape", shape)?;
        if row_major.len() != self.len() {
            let wanted = format!("one of {} elements, as many as {:?}", self.len(), self.shape());
            return Err(Error::shape("reshape", shape, wanted));
        }
        if self.layout.is_contiguous() {
            return Ok(self.with_layout(Layout { offset: self.layout.offset, ..row_major }));
        }
        Ok(match reshaped(&self.layout, shape) {
            Some(layout) => self.with_layout(layout),
            None => self.contiguous().with_layout(row_major),
        })
    }

    /// All axes from `first` on merged into one.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::<f32>::zeros([8, 3, 4, 4]).flatten(1)?.shape(), [8, 48]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis.
    pub fn flatten(&self, first: isize) -> Result<Self> {
        if self.rank() == 0 {
            return self.reshape([1]);
        }
        let first = self.layout.axis("flatten", first)?;
        let mut shape = Dims::from_slice(&self.shape()[..first]);
        shape.push(self.shape()[first..].iter().product());
        self.reshape(shape)
    }
}

/// The layout that shows the same elements under `shape`, if strides can say it.
///
/// Walks both shapes from the front, closing a group whenever both have covered the same number of
/// elements; within a group the old axes must follow one another without gaps.
fn reshaped(old: &Layout, shape: &[usize]) -> Option<Layout> {
    if old.len() == 0 {
        return None;
    }
    let mut strides = Strides::from_elem(0, shape.len());
    let old_axes: Vec<(usize, isize)> =
        old.shape.iter().copied().zip(old.strides.iter().copied()).filter(|a| a.0 != 1).collect();
    let (mut from, mut to) = (0, 0);
    while from < old_axes.len() {
        let (group, group_to) = (from, to);
        let (mut have, mut want) = (old_axes[from].0, 1);
        from += 1;
        while have != want || (to < shape.len() && shape[to] == 1) {
            if want < have || (have == want && to < shape.len() && shape[to] == 1) {
                want *= *shape.get(to)?;
                to += 1;
            } else {
                have *= old_axes.get(from)?.0;
                from += 1;
            }
        }
        let joined = old_axes[group..from].windows(2).all(|w| w[0].1 == w[1].0 as isize * w[1].1);
        if !joined {
            return None;
        }
        let mut step = old_axes[from - 1].1;
        for axis in (group_to..to).rev() {
            strides[axis] = step;
            step *= shape[axis] as isize;
        }
    }
    Some(Layout { shape: Dims::from_slice(shape), strides, offset: old.offset })
}
