//! A tensor whose element type is known only when the program runs, as in a file.

use std::any::Any;
use std::fmt;

use crate::dtype::each_type;
use crate::{Cast, Dtype, Element, Tensor};

/// A tensor of any [`Dtype`]. Its elements are shared, as a [`Tensor`]'s are: to make one, to clone it and
/// to take the tensor out copies none.
///
/// ```
/// use gradus_tensor::{AnyTensor, Dtype, Tensor};
///
/// let x = AnyTensor::from(Tensor::vector([1.5_f32, -2.0]));
/// assert_eq!((x.dtype(), x.shape()), (Dtype::F32, &[2][..]));
/// assert_eq!(x.get::<f32>(), Some(&Tensor::vector([1.5, -2.0])));
/// assert_eq!(x.get::<i64>(), None);
/// assert_eq!(x.cast::<i64>(), Tensor::vector([1, -2]));
/// ```
pub struct AnyTensor {
    dtype: Dtype,
    tensor: Box<dyn Held>,
}

/// What a tensor does whatever its elements are.
trait Held: Any + Send + Sync {
    fn shape(&self) -> &[usize];
    fn copied(&self) -> Box<dyn Held>;
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: Element> Held for Tensor<T> {
    fn shape(&self) -> &[usize] {
        self.shape()
    }

    fn copied(&self) -> Box<dyn Held> {
        Box::new(self.clone())
    }

    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl AnyTensor {
    /// The type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The size of each axis.
    pub fn shape(&self) -> &[usize] {
        self.tensor.shape()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tensor, if its elements are of type `T`.
    pub fn get<T: Element>(&self) -> Option<&Tensor<T>> {
        (&*self.tensor as &dyn Any).downcast_ref()
    }

    /// The tensor, if its elements are of type `T`; else this is given back.
    ///
    /// ```
    /// use gradus_tensor::{AnyTensor, Tensor};
    /// let x = AnyTensor::from(Tensor::scalar(7_u16));
    /// let x = x.into_tensor::<i64>().expect_err("it holds u16");
    /// assert_eq!(x.into_tensor::<u16>().ok(), Some(Tensor::scalar(7)));
    /// ```
    ///
    /// # Errors
    /// This tensor, if its elements are of another type.
    pub fn into_tensor<T: Element>(self) -> Result<Tensor<T>, Self> {
        self.get().cloned().ok_or(self)
    }

    /// The elements as type `U`, as [`Tensor::cast`] makes them; its own type is not copied.
    pub fn cast<U: Cast>(&self) -> Tensor<U> {
        each_type!(self.dtype, T => match self.get::<T>() {
            Some(tensor) => tensor.cast(),
            None => unreachable!("a tensor of another type than {}", self.dtype),
        })
    }

    /// The same for a type that is known only when the program runs.
    ///
    /// ```
    /// use gradus_tensor::{AnyTensor, Dtype, Tensor};
    /// let x = AnyTensor::from(Tensor::vector([300_i32, -1])).cast_to(Dtype::U8);
    /// assert_eq!(x, AnyTensor::from(Tensor::vector([255_u8, 0])));
    /// ```
    pub fn cast_to(&self, dtype: Dtype) -> Self {
        each_type!(dtype, U => self.cast::<U>().into())
    }
}

/// Nothing is copied.
impl<T: Element> From<Tensor<T>> for AnyTensor {
    fn from(tensor: Tensor<T>) -> Self {
        Self { dtype: T::DTYPE, tensor: Box::new(tensor) }
    }
}

impl Clone for AnyTensor {
    fn clone(&self) -> Self {
        Self { dtype: self.dtype, tensor: self.tensor.copied() }
    }
}

/// The same type, shape and elements; a NaN equals nothing.
impl PartialEq for AnyTensor {
    fn eq(&self, other: &Self) -> bool {
        self.dtype == other.dtype
            && each_type!(self.dtype, T => self.get::<T>() == other.get::<T>())
    }
}

/// That of the tensor.
impl fmt::Debug for AnyTensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tensor.fmt(f)
    }
}
