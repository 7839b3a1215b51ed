//! Tensors of any element type as bytes, and back.

use std::io::{self, Read, Write};

use gradus_tensor::{AnyTensor, BF16, Dtype, F16, Float, Tensor};

use crate::bytes;
use crate::{Error, Result};

/// The same expression for the type that a [`Dtype`] names: `$T` stands for it. A type that this crate does
/// not know yet takes the other way.
macro_rules! each_type {
    ($dtype:expr, $T:ident => $do:expr, else $other:expr) => {
        each_type!(@ $dtype, $T => $do, else $other,
            Bool bool, U8 u8, I8 i8, U16 u16, I16 i16, U32 u32, I32 i32, U64 u64, I64 i64,
            F16 F16, BF16 BF16, F32 f32, F64 f64)
    };
    (@ $dtype:expr, $T:ident => $do:expr, else $other:expr, $($name:ident $type:ty),*) => {
        match $dtype {
            $(Dtype::$name => {
                type $T = $type;
                $do
            })*
            _ => $other,
        }
    };
}

/// A tensor of any type as bytes: its elements in row-major order, little-endian, truth values as 0 and 1.
///
/// ```
/// use gradus_serialize::{AnyTensor, Dtype, TensorBytes};
/// use gradus_tensor::Tensor;
/// let x = AnyTensor::from(Tensor::vector([1_i16, -1]));
/// assert_eq!((x.size_in_bytes(), x.to_le_bytes()), (4, vec![1, 0, 255, 255]));
/// assert_eq!(AnyTensor::from_le_bytes(Dtype::I16, &[2], &[1, 0, 255, 255])?, x);
/// # Ok::<(), gradus_serialize::Error>(())
/// ```
pub trait TensorBytes: Sized {
    /// How many bytes the elements take in a file.
    fn size_in_bytes(&self) -> u64;

    /// The bytes.
    fn to_le_bytes(&self) -> Vec<u8>;

    /// The tensor of a shape from its bytes.
    ///
    /// # Errors
    /// [`Error::Bytes`] unless there are exactly as many bytes as the shape needs, and if a truth
    /// value is neither 0 nor 1.
    fn from_le_bytes(dtype: Dtype, shape: &[usize], bytes: &[u8]) -> Result<Self>;
}

impl TensorBytes for AnyTensor {
    fn size_in_bytes(&self) -> u64 {
        (self.len() * self.dtype().size()) as u64
    }

    fn to_le_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len() * self.dtype().size());
        // Writing to a vector cannot fail.
        let _ = write_to(self, &mut bytes);
        bytes
    }

    fn from_le_bytes(dtype: Dtype, shape: &[usize], bytes: &[u8]) -> Result<Self> {
        let wrong = |reason| Error::Bytes { dtype, shape: shape.to_vec(), reason };
        match size_in_bytes(dtype, shape) {
            Some(size) if size == bytes.len() as u64 => read_from(dtype, shape, &mut &*bytes)
                .map_err(|error| wrong(format!("there is {error}"))),
            Some(size) => Err(wrong(format!("that takes {size} bytes, got {}", bytes.len()))),
            None => Err(wrong("that is more than memory can hold".into())),
        }
    }
}

/// The tensor as floats of type `T`: itself if it has that type, rounded or widened if it has another one,
/// `None` if it does not hold floats.
pub(crate) fn to_float<T: Float>(tensor: &AnyTensor) -> Option<Tensor<T>> {
    tensor.dtype().is_float().then(|| tensor.cast())
}

pub(crate) fn write_to(tensor: &AnyTensor, to: &mut dyn Write) -> io::Result<()> {
    let unknown = || io::Error::other(format!("elements of type {}", tensor.dtype()));
    each_type!(tensor.dtype(), T => match tensor.get::<T>() {
        Some(tensor) => bytes::write(tensor, to),
        None => Err(unknown()),
    }, else Err(unknown()))
}

/// Allocates what the shape says: look at [`size_in_bytes`] first.
pub(crate) fn read_from(
    dtype: Dtype,
    shape: &[usize],
    from: &mut dyn Read,
) -> io::Result<AnyTensor> {
    each_type!(dtype, T => Ok(bytes::read::<T>(shape, from)?.into()),
        else Err(io::Error::other(format!("elements of type {dtype}"))))
}

/// How many bytes a tensor takes in a file, or `None` if memory could not hold it.
pub(crate) fn size_in_bytes(dtype: Dtype, shape: &[usize]) -> Option<u64> {
    bytes::element_count(shape).map(|len| (len * dtype.size()) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_goes_there_and_back() {
        for dtype in Dtype::ALL {
            let x = AnyTensor::from(Tensor::vector([0_i64, 1, 1, 0, 1, 0])).cast_to(dtype);
            let bytes = x.to_le_bytes();
            assert_eq!(bytes.len(), 6 * dtype.size(), "{dtype}");
            assert_eq!(AnyTensor::from_le_bytes(dtype, &[6], &bytes).unwrap(), x, "{dtype}");
        }
    }
}
