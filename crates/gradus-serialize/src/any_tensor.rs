//! A tensor whose element type is known only when the program runs, as in a file.

use std::any::Any;
use std::fmt;
use std::io::{self, Read, Write};

use gradus_tensor::{Element, Float, Tensor};

use crate::bytes::{self, Bytes};
use crate::{Error, Result};

/// The type of a tensor's elements.
///
/// ```
/// use gradus_serialize::Dtype;
/// assert_eq!((Dtype::F32.name(), Dtype::F32.size()), ("f32", 4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// Single-precision floating point.
    F32,
    /// Double-precision floating point.
    F64,
    /// 64-bit signed integers.
    I64,
    /// Bytes.
    U8,
    /// Truth values, one byte each in a file: 0 or 1.
    Bool,
}

impl Dtype {
    /// The type's name in Rust.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => f32::NAME,
            Self::F64 => f64::NAME,
            Self::I64 => i64::NAME,
            Self::U8 => u8::NAME,
            Self::Bool => bool::NAME,
        }
    }

    /// How many bytes one element takes in a file.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => f32::SIZE,
            Self::F64 => f64::SIZE,
            Self::I64 => i64::SIZE,
            Self::U8 => u8::SIZE,
            Self::Bool => bool::SIZE,
        }
    }

    /// Whether the elements are floating-point numbers.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A tensor of any of the five element types.
///
/// ```
/// use gradus_serialize::{AnyTensor, Dtype};
/// use gradus_tensor::Tensor;
///
/// let x = AnyTensor::from(Tensor::vector([1.0_f32, 2.0]));
/// assert_eq!((x.dtype(), x.shape()), (Dtype::F32, &[2][..]));
/// assert_eq!(x.get::<f32>(), Some(&Tensor::vector([1.0, 2.0])));
/// assert_eq!(x.get::<i64>(), None);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each is the tensor of the element type that it names")]
pub enum AnyTensor {
    F32(Tensor<f32>),
    F64(Tensor<f64>),
    I64(Tensor<i64>),
    U8(Tensor<u8>),
    Bool(Tensor<bool>),
}

/// The same expression for whichever type the tensor has.
macro_rules! each {
    ($any:expr, $tensor:ident => $do:expr) => {
        match $any {
            AnyTensor::F32($tensor) => $do,
            AnyTensor::F64($tensor) => $do,
            AnyTensor::I64($tensor) => $do,
            AnyTensor::U8($tensor) => $do,
            AnyTensor::Bool($tensor) => $do,
        }
    };
}

impl AnyTensor {
    /// The type of the elements.
    pub fn dtype(&self) -> Dtype {
        match self {
            Self::F32(_) => Dtype::F32,
            Self::F64(_) => Dtype::F64,
            Self::I64(_) => Dtype::I64,
            Self::U8(_) => Dtype::U8,
            Self::Bool(_) => Dtype::Bool,
        }
    }

    /// The size of each axis.
    pub fn shape(&self) -> &[usize] {
        each!(self, tensor => tensor.shape())
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        each!(self, tensor => tensor.len())
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the elements take in a file.
    pub fn size_in_bytes(&self) -> u64 {
        (self.len() * self.dtype().size()) as u64
    }

    /// The tensor, if its elements have the type `T`.
    pub fn get<T: Element>(&self) -> Option<&Tensor<T>> {
        each!(self, tensor => (tensor as &dyn Any).downcast_ref())
    }

    /// A tensor of floats. Nothing is copied.
    ///
    /// ```
    /// use gradus_serialize::{AnyTensor, Dtype};
    /// use gradus_tensor::{Float, Tensor};
    /// fn dtype_of<T: Float>(x: &Tensor<T>) -> Dtype { AnyTensor::from_float(x).dtype() }
    /// assert_eq!(dtype_of(&Tensor::scalar(1.0_f64)), Dtype::F64);
    /// ```
    pub fn from_float<T: Float>(tensor: &Tensor<T>) -> Self {
        let any = tensor as &dyn Any;
        match (any.downcast_ref::<Tensor<f32>>(), any.downcast_ref::<Tensor<f64>>()) {
            (Some(tensor), _) => Self::F32(tensor.clone()),
            (_, Some(tensor)) => Self::F64(tensor.clone()),
            // There is no third type of float; if there were, it would be stored as doubles.
            _ => Self::F64(tensor.cast()),
        }
    }

    /// The tensor as floats of type `T`: itself if it has that type, rounded or widened if it has
    /// the other one, `None` if it does not hold floats.
    ///
    /// ```
    /// use gradus_serialize::AnyTensor;
    /// use gradus_tensor::Tensor;
    /// let x = AnyTensor::from(Tensor::scalar(0.5_f64));
    /// assert_eq!(x.to_float::<f32>(), Some(Tensor::scalar(0.5)));
    /// assert_eq!(AnyTensor::from(Tensor::scalar(1_i64)).to_float::<f32>(), None);
    /// ```
    pub fn to_float<T: Float>(&self) -> Option<Tensor<T>> {
        match (self.get::<T>(), self) {
            (Some(tensor), _) => Some(tensor.clone()),
            (None, Self::F32(tensor)) => Some(tensor.cast()),
            (None, Self::F64(tensor)) => Some(tensor.cast()),
            _ => None,
        }
    }

    /// The elements in row-major order, little-endian; truth values as 0 and 1.
    ///
    /// ```
    /// use gradus_serialize::AnyTensor;
    /// use gradus_tensor::Tensor;
    /// assert_eq!(AnyTensor::from(Tensor::vector([1_i64])).to_le_bytes(), [1, 0, 0, 0, 0, 0, 0, 0]);
    /// ```
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len() * self.dtype().size());
        // Writing to a vector cannot fail.
        let _ = self.write_to(&mut bytes);
        bytes
    }

    /// The tensor of a shape from its elements in row-major order, little-endian.
    ///
    /// # Errors
    /// [`Error::Bytes`] unless there are exactly as many bytes as the shape needs, and if a truth
    /// value is neither 0 nor 1.
    pub fn from_le_bytes(dtype: Dtype, shape: &[usize], bytes: &[u8]) -> Result<Self> {
        let wrong = |reason| Error::Bytes { dtype, shape: shape.to_vec(), reason };
        match size_in_bytes(dtype, shape) {
            Some(size) if size == bytes.len() as u64 => Self::read_from(dtype, shape, &mut &*bytes)
                .map_err(|error| wrong(format!("there is {error}"))),
            Some(size) => Err(wrong(format!("that takes {size} bytes, got {}", bytes.len()))),
            None => Err(wrong("that is more than memory can address".into())),
        }
    }

    pub(crate) fn write_to(&self, to: &mut dyn Write) -> io::Result<()> {
        each!(self, tensor => bytes::write(tensor, to))
    }

    /// Allocates what the shape says: look at [`size_in_bytes`] first.
    pub(crate) fn read_from(
        dtype: Dtype,
        shape: &[usize],
        from: &mut dyn Read,
    ) -> io::Result<Self> {
        Ok(match dtype {
            Dtype::F32 => Self::F32(bytes::read(shape, from)?),
            Dtype::F64 => Self::F64(bytes::read(shape, from)?),
            Dtype::I64 => Self::I64(bytes::read(shape, from)?),
            Dtype::U8 => Self::U8(bytes::read(shape, from)?),
            Dtype::Bool => Self::Bool(bytes::read(shape, from)?),
        })
    }
}

/// How many bytes a tensor takes in a file, or `None` if memory could not hold it.
pub(crate) fn size_in_bytes(dtype: Dtype, shape: &[usize]) -> Option<u64> {
    bytes::element_count(shape).map(|len| (len * dtype.size()) as u64)
}

macro_rules! from {
    ($($t:ident: $variant:ident),*) => { $(impl From<Tensor<$t>> for AnyTensor {
        fn from(tensor: Tensor<$t>) -> Self {
            Self::$variant(tensor)
        }
    })* };
}
from!(f32: F32, f64: F64, i64: I64, u8: U8, bool: Bool);
