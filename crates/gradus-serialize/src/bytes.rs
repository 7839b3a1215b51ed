//! The elements of a tensor as little-endian bytes, and back.
//!
//! This is the order of the bytes in every file that this crate writes, on every machine. A tensor
//! goes through a small buffer, so that neither writing nor reading holds a second copy of it.

use std::io::{self, Read, Write};

use gradus_tensor::{BF16, Element, F16, Tensor};

/// Size of the buffer between elements and files, in bytes; a multiple of every element's size.
const CHUNK: usize = 64 * 1024;

/// An element with a fixed number of bytes.
pub(crate) trait Bytes: Element {
    /// How many bytes one element takes.
    const SIZE: usize;
    /// Writes the elements to exactly `SIZE` bytes each.
    fn encode(values: &[Self], out: &mut [u8]);
    /// Reads the elements from exactly `SIZE` bytes each; false if some bytes are no element.
    fn decode(bytes: &[u8], out: &mut [Self]) -> bool;
}

macro_rules! numbers {
    ($($t:ident),*) => { $(impl Bytes for $t {
        const SIZE: usize = size_of::<$t>();
        fn encode(values: &[Self], out: &mut [u8]) {
            for (bytes, x) in out.as_chunks_mut().0.iter_mut().zip(values) {
                *bytes = x.to_le_bytes();
            }
        }
        fn decode(bytes: &[u8], out: &mut [Self]) -> bool {
            for (x, &bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *x = $t::from_le_bytes(bytes);
            }
            true
        }
    })* };
}
numbers!(f32, f64, i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! halves {
    ($($t:ident),*) => { $(impl Bytes for $t {
        const SIZE: usize = 2;
        fn encode(values: &[Self], out: &mut [u8]) {
            for (bytes, x) in out.as_chunks_mut().0.iter_mut().zip(values) {
                *bytes = x.to_bits().to_le_bytes();
            }
        }
        fn decode(bytes: &[u8], out: &mut [Self]) -> bool {
            for (x, &bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *x = $t::from_bits(u16::from_le_bytes(bytes));
            }
            true
        }
    })* };
}
halves!(F16, BF16);

impl Bytes for bool {
    const SIZE: usize = 1;
    fn encode(values: &[Self], out: &mut [u8]) {
        out.iter_mut().zip(values).for_each(|(byte, &x)| *byte = u8::from(x));
    }
    fn decode(bytes: &[u8], out: &mut [Self]) -> bool {
        out.iter_mut().zip(bytes).for_each(|(x, &byte)| *x = byte != 0);
        bytes.iter().all(|&byte| byte <= 1)
    }
}

/// The number of elements of a shape that came from a file, or `None` where a tensor would not
/// take it: memory has to be able to address the elements, counted at 8 bytes each, and strides
/// are computed even where another axis has size 0.
pub(crate) fn element_count(shape: &[usize]) -> Option<usize> {
    let limit = isize::MAX as usize / 2;
    let product = shape
        .iter()
        .filter(|&&n| n != 0)
        .try_fold(8_usize, |bytes, &n| bytes.checked_mul(n).filter(|&bytes| bytes <= limit))?;
    Some(if shape.contains(&0) { 0 } else { product / 8 })
}

/// Writes the elements in row-major order.
pub(crate) fn write<T: Bytes>(tensor: &Tensor<T>, to: &mut dyn Write) -> io::Result<()> {
    let tensor = tensor.contiguous();
    let values = tensor.as_slice().unwrap_or_default();
    let mut buffer = vec![0; CHUNK.min(values.len() * T::SIZE)];
    for values in values.chunks(CHUNK / T::SIZE) {
        let bytes = &mut buffer[..values.len() * T::SIZE];
        T::encode(values, bytes);
        to.write_all(bytes)?;
    }
    Ok(())
}

/// Reads a tensor of a shape. Whoever calls has seen that the source holds that many bytes.
pub(crate) fn read<T: Bytes>(shape: &[usize], from: &mut dyn Read) -> io::Result<Tensor<T>> {
    let Some(len) = element_count(shape) else {
        return Err(invalid(format!("shape {shape:?} has more elements than memory can hold")));
    };
    let mut done = Ok(());
    let tensor = Tensor::try_filled_by("read", shape, |out| done = fill(out, len, from));
    let tensor = tensor.map_err(|error| invalid(error.to_string()))?;
    done.map(|()| tensor)
}

fn fill<T: Bytes>(out: &mut [T], len: usize, from: &mut dyn Read) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK.min(len * T::SIZE)];
    for values in out.chunks_mut(CHUNK / T::SIZE) {
        let bytes = &mut buffer[..values.len() * T::SIZE];
        from.read_exact(bytes)?;
        if !T::decode(bytes, values) {
            return Err(invalid(format!("a byte that is no {}", T::NAME)));
        }
    }
    Ok(())
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_no_tensor_can_have_are_refused() {
        for shape in [&[1 << 45, 0][..], &[1; 65]] {
            let error = read::<f32>(shape, &mut &[0; 4][..]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        }
        assert_eq!(element_count(&[]), Some(1));
        assert_eq!(element_count(&[2, 3]), Some(6));
        assert_eq!(element_count(&[0, 3]), Some(0));
        assert_eq!(element_count(&[usize::MAX]), None);
        assert_eq!(element_count(&[0, usize::MAX]), None);
        assert_eq!(element_count(&[1 << 40, 1 << 40]), None);
    }
}
