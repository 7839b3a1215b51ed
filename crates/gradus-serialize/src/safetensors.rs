//! Weights in the safetensors format, which most deep-learning libraries read and write.
//!
//! A file is 8 bytes with the length of the header (little-endian), the header, and the elements of
//! every tensor one after the other. The header is a JSON object,
//! `{"fc.bias": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, …}`, with offsets counted
//! from the end of the header, and under `__metadata__` a map of strings that the format does not
//! interpret. The tensors fill the rest of the file without gaps.
//!
//! Half-precision numbers and bfloat16 are read as `f32`, exactly. What [`write()`] writes depends
//! only on its arguments: the same weights give the same bytes.
//!
//! Source: <https://github.com/huggingface/safetensors>, whose own package checks the header here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use ::safetensors::tensor::{Metadata, TensorInfo};

use crate::any_tensor::{read_from, size_in_bytes, write_to};
use crate::{AnyTensor, Dtype, Error, Result, StateDict, TensorBytes, atomic};

/// The length of a header that this module takes, as in the format's own package.
const MAX_HEADER: u64 = 100_000_000;
/// The name under which the header holds what is not a tensor.
const METADATA: &str = "__metadata__";
/// How messages call a file that is not on a disk.
const IN_MEMORY: &str = "the safetensors data";

/// Weights, and the strings that their file holds about them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    /// The tensors by name.
    pub tensors: StateDict,
    /// What the file says about itself, such as `format: pt`.
    pub metadata: BTreeMap<String, String>,
}

/// Reads a safetensors file.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("weights.safetensors");
/// use std::collections::BTreeMap;
/// use gradus_serialize::{StateDict, safetensors};
/// use gradus_tensor::Tensor;
///
/// let weights: StateDict = [("fc.bias", Tensor::vector([0.5_f32, 1.5]))].into_iter().collect();
/// safetensors::write(&path, &weights, &BTreeMap::new())?;
/// assert_eq!(safetensors::read(&path)?.tensors, weights);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Safetensors`] if it breaks the rules of the
/// format, [`Error::UnknownDtype`] with the name of the first tensor whose elements no
/// [`AnyTensor`] can hold.
pub fn read(path: impl AsRef<Path>) -> Result<Weights> {
    let path = path.as_ref();
    let failed = Error::io("read", path);
    let file = File::open(path).map_err(&failed)?;
    let about = file.metadata().map_err(&failed)?;
    if about.is_dir() {
        return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")));
    }
    decode(&mut BufReader::new(file), about.len(), &path.display().to_string())
}

/// Reads the bytes of a safetensors file.
///
/// # Errors
/// As [`read`].
pub fn from_bytes(bytes: &[u8]) -> Result<Weights> {
    decode(&mut &*bytes, bytes.len() as u64, IN_MEMORY)
}

/// Writes a safetensors file, atomically: at any instant `path` is the old or the new file, whole.
///
/// # Errors
/// [`Error::Io`] with the path and the reason; [`Error::ReservedName`] for a tensor called
/// `__metadata__`.
pub fn write(
    path: impl AsRef<Path>,
    tensors: &StateDict,
    metadata: &BTreeMap<String, String>,
) -> Result<()> {
    let (header, order) = encode(tensors, metadata)?;
    atomic::write(path, |file| put(file, &header, &order))
}

/// The bytes of a safetensors file.
///
/// # Errors
/// [`Error::ReservedName`] for a tensor called `__metadata__`.
pub fn to_bytes(tensors: &StateDict, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let (header, order) = encode(tensors, metadata)?;
    let mut bytes = Vec::with_capacity(header.len() + tensors.size_in_bytes() as usize + 8);
    // Writing to a vector cannot fail.
    let _ = put(&mut bytes, &header, &order);
    Ok(bytes)
}

fn put(file: &mut dyn Write, header: &[u8], order: &[&AnyTensor]) -> io::Result<()> {
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header)?;
    order.iter().try_for_each(|tensor| write_to(tensor, file))
}

/// The header, and the tensors in the order in which it lists them.
fn encode<'a>(
    tensors: &'a StateDict,
    metadata: &BTreeMap<String, String>,
) -> Result<(Vec<u8>, Vec<&'a AnyTensor>)> {
    if tensors.contains(METADATA) {
        return Err(Error::ReservedName { name: METADATA.into() });
    }
    let refused = |reason: String| Error::Encode { reason };
    // Large elements first, so that every tensor starts at a multiple of its element's size.
    let mut order: Vec<(&str, &AnyTensor)> = tensors.iter().collect();
    order.sort_by_key(|(_, tensor)| std::cmp::Reverse(tensor.dtype().size()));
    let mut end = 0;
    let mut infos = Vec::with_capacity(order.len());
    for (name, tensor) in &order {
        let start = end;
        end += tensor.size_in_bytes() as usize;
        let Some(dtype) = format_dtype(tensor.dtype()) else {
            return Err(refused(format!("`{name}` has elements of type {}", tensor.dtype())));
        };
        let shape = tensor.shape().to_vec();
        infos.push((name.to_string(), TensorInfo { dtype, shape, data_offsets: (start, end) }));
    }
    let listed = Metadata::new(None, infos).map_err(|e| refused(e.to_string()))?;
    let listed = serde_json::to_string(&listed).map_err(|e| refused(e.to_string()))?;
    // The package keeps the strings in a hash map, whose order differs from run to run; so they
    // are put in front of the tensors here.
    let mut header = listed;
    if !metadata.is_empty() {
        let strings = serde_json::to_string(metadata).map_err(|e| refused(e.to_string()))?;
        let comma = if order.is_empty() { "" } else { "," };
        header.insert_str(1, &format!("\"{METADATA}\":{strings}{comma}"));
    }
    // Blanks, so that the elements start at a multiple of 8.
    let mut header = header.into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok((header, order.into_iter().map(|(_, tensor)| tensor).collect()))
}

/// What a file is that begins like no safetensors file, if it is something that is often taken for one.
fn known_start(bytes: [u8; 8]) -> Option<&'static str> {
    const TORCH: &str = "a file of torch.save; in Python, write the tensors with \
                         `safetensors.torch.save_file(model.state_dict(), path)`";
    match bytes {
        // An archive, as PyTorch has written them since 1.6.
        [b'P', b'K', 3, 4, ..] => Some(TORCH),
        // A pickle of protocol 2, as before.
        [0x80, 2, ..] => Some(TORCH),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some("an array of NumPy, not safetensors"),
        [0x1f, 0x8b, ..] => Some("packed with gzip; unpack it first"),
        _ => None,
    }
}

/// Reads a file of `len` bytes. Nothing is allocated that those bytes could not fill.
fn decode(from: &mut dyn Read, len: u64, file: &str) -> Result<Weights> {
    let wrong = |reason: String| Error::Safetensors { file: file.into(), reason };
    let unreadable = Error::io("read", Path::new(file));

    let mut size = [0; 8];
    if len < 8 {
        return Err(wrong(format!("it has {len} bytes, and the length of the header takes 8")));
    }
    from.read_exact(&mut size).map_err(&unreadable)?;
    let header_len = u64::from_le_bytes(size);
    if header_len > (len - 8).min(MAX_HEADER) {
        if let Some(other) = known_start(size) {
            return Err(wrong(format!("it is {other}")));
        }
        return Err(wrong(format!(
            "its header should have {header_len} bytes, but only {} follow (and at most \
             {MAX_HEADER} are allowed)",
            len - 8
        )));
    }
    let mut header = vec![0; header_len as usize];
    from.read_exact(&mut header).map_err(&unreadable)?;
    let header: Metadata = serde_json::from_slice(&header)
        .map_err(|error| wrong(format!("its header is wrong: {error}")))?;
    let (found, needed) = (len - 8 - header_len, header.data_len() as u64);
    if found != needed {
        return Err(wrong(format!(
            "{found} bytes follow its header, and the tensors that it lists need {needed}; the \
             file is truncated or damaged"
        )));
    }

    let mut tensors = StateDict::new();
    for name in header.offset_keys() {
        // The list of names is made from the same table.
        let Some(info) = header.info(&name) else { continue };
        let tensor = read_tensor(from, &name, info, file)?;
        tensors.insert(name, tensor);
    }
    let metadata = header.metadata().iter().flatten().map(|(k, v)| (k.clone(), v.clone()));
    Ok(Weights { tensors, metadata: metadata.collect() })
}

fn read_tensor(
    from: &mut dyn Read,
    name: &str,
    info: &TensorInfo,
    file: &str,
) -> Result<AnyTensor> {
    let known = Dtype::ALL.into_iter().find(|&dtype| format_dtype(dtype) == Some(info.dtype));
    let Some(dtype) = known else {
        let (name, dtype) = (name.into(), info.dtype.to_string());
        return Err(Error::UnknownDtype { file: file.into(), name, dtype });
    };
    // That the offsets are as far apart as the shape needs was checked with the header.
    if size_in_bytes(dtype, &info.shape).is_none() {
        let reason = format!("tensor `{name}` has shape {:?}, more than memory holds", info.shape);
        return Err(Error::Safetensors { file: file.into(), reason });
    }
    let read = read_from(dtype, &info.shape, from);
    read.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => {
            let reason = format!("tensor `{name}` holds {error}");
            Error::Safetensors { file: file.into(), reason }
        }
        _ => Error::io("read", Path::new(file))(error),
    })
}

/// The format's name of a type, if it has one.
fn format_dtype(dtype: Dtype) -> Option<::safetensors::Dtype> {
    use ::safetensors::Dtype as Format;
    Some(match dtype {
        Dtype::Bool => Format::BOOL,
        Dtype::U8 => Format::U8,
        Dtype::I8 => Format::I8,
        Dtype::U16 => Format::U16,
        Dtype::I16 => Format::I16,
        Dtype::U32 => Format::U32,
        Dtype::I32 => Format::I32,
        Dtype::U64 => Format::U64,
        Dtype::I64 => Format::I64,
        Dtype::F16 => Format::F16,
        Dtype::BF16 => Format::BF16,
        Dtype::F32 => Format::F32,
        Dtype::F64 => Format::F64,
        _ => return None,
    })
}
