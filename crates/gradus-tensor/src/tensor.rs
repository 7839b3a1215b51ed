//! The tensor itself: a shared buffer and a layout.

use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD, ShapeBuilder};

use crate::layout::Layout;
use crate::memory::Buffer;
use crate::{Element, Error, Result, concrete};

/// An n-dimensional array of rank 0 to any.
///
/// Cloning is cheap: clones share their elements until one of them is written to. So do views
/// (slices, transposes, expansions), which never copy.
///
/// ```
/// use gradus_tensor::Tensor;
///
/// let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3])?;
/// let y = x.transpose(0, 1)?;          // a view: nothing is copied
/// assert_eq!(y.shape(), [3, 2]);
/// assert_eq!(y.to_vec(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
///
/// let z = x.matmul(&y)?;
/// assert_eq!(z.to_vec(), [14.0, 32.0, 32.0, 77.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
// Laid out as C does, for the sake of `bits`.
#[repr(C)]
pub struct Tensor<T: Element = f32> {
    pub(crate) buffer: Arc<Buffer<T>>,
    pub(crate) layout: Layout,
}

impl<T: Element> Clone for Tensor<T> {
    fn clone(&self) -> Self {
        Self { buffer: Arc::clone(&self.buffer), layout: self.layout.clone() }
    }
}

impl<T: Element> Tensor<T> {
    /// The size of each axis.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.layout.shape
    }

    /// The step, in elements of memory, from one index to the next on each axis.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        &self.layout.strides
    }

    /// The number of axes.
    #[inline]
    pub fn rank(&self) -> usize {
        self.layout.rank()
    }

    /// The number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.layout.len()
    }

    /// Whether there are no elements.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size of one axis; negative axes count from the end.
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis.
    pub fn dim(&self, axis: isize) -> Result<usize> {
        Ok(self.shape()[self.layout.axis("dim", axis)?])
    }

    /// Turns an axis that may count from the end into an index, for an operation named `op`.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::<f32>::zeros([2, 3]);
    /// assert_eq!(x.axis("sum", -1)?, 1);
    /// assert!(x.axis("sum", 2).is_err());
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if there is no such axis.
    pub fn axis(&self, op: &'static str, axis: isize) -> Result<usize> {
        self.layout.axis(op, axis)
    }

    /// The only element of a tensor that has one.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// assert_eq!(Tensor::scalar(2.5).item()?, 2.5);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] if there is not exactly one element.
    pub fn item(&self) -> Result<T> {
        match self.len() {
            1 => Ok(self.buffer.as_slice()[self.layout.offset]),
            _ => Err(Error::shape("item", self.shape(), "a tensor of one element")),
        }
    }

    /// The element at an index.
    ///
    /// # Errors
    /// [`Error::Shape`] if the index has another rank, [`Error::Index`] if it lies outside.
    pub fn get(&self, index: impl AsRef<[usize]>) -> Result<T> {
        let index = index.as_ref();
        if index.len() != self.rank() {
            let wanted = format!("rank {}, one axis for each number of the index", index.len());
            return Err(Error::shape("get", self.shape(), wanted));
        }
        let mut at = self.layout.offset as isize;
        for (axis, (&i, &dim)) in index.iter().zip(self.shape()).enumerate() {
            if i >= dim {
                return Err(Error::Index { op: "get", index: i as i64, axis, dim });
            }
            at += i as isize * self.strides()[axis];
        }
        Ok(self.buffer.as_slice()[at as usize])
    }

    /// The elements in row-major order, if that is how they lie in memory.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::from_vec(vec![1, 2, 3, 4], [2, 2])?;
    /// assert_eq!(x.as_slice(), Some(&[1_i64, 2, 3, 4][..]));
    /// assert_eq!(x.transpose(0, 1)?.as_slice(), None);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    #[inline]
    pub fn as_slice(&self) -> Option<&[T]> {
        self.layout.is_contiguous().then(|| self.memory_range())
    }

    /// The elements in the order of their addresses, if there are no gaps between them.
    pub(crate) fn as_dense(&self) -> Option<&[T]> {
        self.layout.is_dense().then(|| self.memory_range())
    }

    fn memory_range(&self) -> &[T] {
        match self.len() {
            0 => &[],
            len => &self.buffer.as_slice()[self.layout.offset..self.layout.offset + len],
        }
    }

    /// The same tensor with its elements in row-major order in memory; copies only if they are not.
    pub fn contiguous(&self) -> Self {
        if self.layout.is_contiguous() {
            return self.clone();
        }
        self.copied_to(Layout::contiguous(self.shape()))
    }

    /// The same tensor with its elements without gaps, axes in the order that they have in memory.
    pub(crate) fn packed(&self) -> Self {
        if self.layout.is_dense() { self.clone() } else { self.copied_to(self.layout.packed()) }
    }

    /// The elements in row-major order.
    pub fn to_vec(&self) -> Vec<T> {
        let dense = self.contiguous();
        dense.memory_range().to_vec()
    }

    /// The elements, to be written, in row-major order.
    ///
    /// If other tensors share them, or they are not in that order, they are copied first, so that
    /// nobody else sees the change.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::from_vec(vec![1.0, 2.0], [2])?;
    /// let mut y = x.clone();
    /// y.as_mut_slice()[0] = 9.0;
    /// assert_eq!((x.to_vec(), y.to_vec()), (vec![1.0, 2.0], vec![9.0, 2.0]));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        if !self.layout.is_contiguous() {
            *self = self.contiguous();
        }
        self.as_dense_mut()
    }

    /// Whether other tensors have this one's elements, too.
    pub(crate) fn is_shared(&mut self) -> bool {
        Arc::get_mut(&mut self.buffer).is_none()
    }

    /// The elements, to be written, in the order of their addresses, without gaps.
    pub(crate) fn as_dense_mut(&mut self) -> &mut [T] {
        if self.is_shared() || !self.layout.is_dense() {
            *self = self.copied_to(self.layout.packed());
        }
        let (start, len) = (self.layout.offset, self.layout.len());
        match Arc::get_mut(&mut self.buffer) {
            Some(buffer) if len > 0 => &mut buffer.as_mut_slice()[start..start + len],
            _ => &mut [],
        }
    }

    /// The elements as an `ndarray` view, which shares the memory.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2])?;
    /// assert_eq!(x.view()[[1, 0]], 3.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn view(&self) -> ArrayViewD<'_, T> {
        // ndarray takes non-negative strides, so a flipped axis is described from its other end
        // and turned around.
        let mut start = self.layout.offset as isize;
        let mut strides = Vec::with_capacity(self.rank());
        for (&n, &stride) in self.shape().iter().zip(self.strides()) {
            if stride < 0 && n > 0 {
                start += (n as isize - 1) * stride;
            }
            // ndarray wants strides of an array without elements to stay within its memory: none.
            strides.push(if self.is_empty() { 0 } else { stride.unsigned_abs() });
        }
        let start = if self.is_empty() { 0 } else { start as usize };
        let first = self.buffer.as_slice()[start.min(self.buffer.as_slice().len())..].as_ptr();
        let shape = ndarray::IxDyn(self.shape()).strides(ndarray::IxDyn(&strides));
        // SAFETY: every layout keeps all its elements inside the buffer (views only ever narrow,
        // permute or repeat the layout they start from), and the buffer outlives the view.
        let mut view = unsafe { ArrayViewD::from_shape_ptr(shape, first) };
        for (axis, &stride) in self.strides().iter().enumerate() {
            if stride < 0 {
                view.invert_axis(ndarray::Axis(axis));
            }
        }
        view
    }

    /// The elements as an `ndarray` array of their own.
    pub fn to_ndarray(&self) -> ArrayD<T> {
        self.view().to_owned()
    }

    /// The same elements under another layout.
    pub(crate) fn with_layout(&self, layout: Layout) -> Self {
        Self { buffer: Arc::clone(&self.buffer), layout }
    }

    /// A new tensor whose elements, in the order of their addresses, `fill` writes. They hold no
    /// meaning before. The layout must be dense.
    pub(crate) fn build(layout: Layout, fill: impl FnOnce(&mut [T])) -> Self {
        let mut result = Self::stale(layout);
        fill(result.own());
        result
    }

    /// A tensor whose elements hold no meaning. Compiled once, and not with each `fill`.
    #[inline(never)]
    fn stale(layout: Layout) -> Self {
        Self { buffer: Arc::new(Buffer::stale(layout.len())), layout }
    }

    /// All of the buffer of a tensor that is not shared.
    #[inline(never)]
    fn own(&mut self) -> &mut [T] {
        Arc::get_mut(&mut self.buffer).map(Buffer::as_mut_slice).unwrap_or_default()
    }

    /// A new row-major tensor whose elements `fill` writes. The slice that it is given holds
    /// stale values.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::filled_by([2, 2], |out| out.copy_from_slice(&[1.0, 2.0, 3.0, 4.0]));
    /// assert_eq!(x.to_vec(), [1.0, 2.0, 3.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// If memory cannot hold that many elements.
    #[track_caller]
    pub fn filled_by(shape: impl AsRef<[usize]>, fill: impl FnOnce(&mut [T])) -> Self {
        Self::build(Layout::contiguous(shape.as_ref()), fill)
    }

    /// [`filled_by`](Tensor::filled_by), with an error in place of a panic, in the name of `op`: for a shape that was
    /// read or that a user chose.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::try_filled_by("read", &[2], |out| out.copy_from_slice(&[1.0, 2.0]))?;
    /// assert_eq!(x.to_vec(), [1.0, 2.0]);
    /// assert!(Tensor::<f32>::try_filled_by("read", &[1 << 60, 0], |_| ()).is_err());
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if memory cannot hold that many elements,
    /// [`Error::Value`](crate::Error::Value) if there are more axes than [`MAX_RANK`](crate::MAX_RANK).
    pub fn try_filled_by(
        op: &'static str,
        shape: &[usize],
        fill: impl FnOnce(&mut [T]),
    ) -> Result<Self> {
        Ok(Self::build(Layout::with_room::<T>(op, shape)?, fill))
    }
}

impl<T: Element> From<ArrayD<T>> for Tensor<T> {
    fn from(array: ArrayD<T>) -> Self {
        Self::from(array.view())
    }
}

impl<T: Element> From<ArrayViewD<'_, T>> for Tensor<T> {
    fn from(view: ArrayViewD<'_, T>) -> Self {
        Self::build(Layout::contiguous(view.shape()), |out| match view.as_slice() {
            Some(values) => out.copy_from_slice(values),
            None => out.iter_mut().zip(view.iter()).for_each(|(o, &x)| *o = x),
        })
    }
}

/// Equal shapes and equal elements; a NaN equals nothing.
impl<T: Element> PartialEq for Tensor<T> {
    fn eq(&self, other: &Self) -> bool {
        fn kernel<T: Element>(x: &Tensor<T>, y: &Tensor<T>) -> bool {
            x.shape() == y.shape() && x.view() == y.view()
        }
        fn ordered<T: Element>(x: &Tensor<T>, y: &Tensor<T>) -> bool {
            concrete!(Ordered, kernel: fn(&Tensor<T>, &Tensor<T>) -> bool)(x, y)
        }
        ordered::<T::Ordered>(&T::ordered(self), &T::ordered(other))
    }
}
