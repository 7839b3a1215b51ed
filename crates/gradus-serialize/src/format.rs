//! The file of a checkpoint: a header, an index, and the elements of the tensors. Everything is
//! little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | the magic `\x89GRADUS\n`: no text file starts like this |
//! | 4 | version of the format |
//! | 2 + 2 + 2 | version of this crate that wrote it, such as 0, 1, 0 |
//! | 2 | zero |
//! | 8 | length of the index |
//! | 8 | length of the elements |
//! | 4 | CRC-32 of the 36 bytes above |
//! | … | the index ([`crate::mirror`], in version 2 also [`crate::further`]) as [`crate::codec`] encodes it |
//! | 4 | CRC-32 of the index |
//! | … | the tensors one after the other, in the order of the index, which holds the CRC-32 of each |
//!
//! Every byte stands under one checksum, and the file has no byte more. The first 40 bytes keep
//! their meaning in every later version, so that an old program can always say which new one is
//! needed.

use std::io::{self, Read, Write};
use std::path::Path;

use crc32fast::Hasher;
use gradus_tensor::Float;

use crate::any_tensor::{read_from, write_to};
use crate::further::More;
use crate::mirror::{Entry, Index};
use crate::{AnyTensor, Checkpoint, Error, Result, TensorBytes, codec};

const MAGIC: [u8; 8] = *b"\x89GRADUS\n";
/// The newest format that this crate reads.
const VERSION: u32 = 2;
const HEADER: usize = 40;
const CHECKSUM: u64 = 4;

/// A checkpoint ready to be written: all but the elements encoded.
pub(crate) struct Encoded {
    head: Vec<u8>,
    tensors: Vec<AnyTensor>,
}

impl Encoded {
    pub(crate) fn new<T: Float>(checkpoint: &Checkpoint<T>) -> Result<Self> {
        let mut tensors = Vec::new();
        let mut entry = |tensor: AnyTensor| {
            let entry = Entry::new(&tensor, checksum(&tensor));
            tensors.push(tensor);
            entry
        };
        let index = Index::new(checkpoint, &mut entry);
        let Checkpoint { further, .. } = checkpoint;
        let more = (!further.is_empty()).then(|| More::new(further, &mut entry));
        Self::of(index, more, tensors)
    }

    fn of(index: Index<'_>, more: Option<More<'_>>, tensors: Vec<AnyTensor>) -> Result<Self> {
        // What fits into the first version of the format can be read by every version of this crate.
        let (version, index) = match more {
            None => (1, codec::encode(&index)),
            Some(more) => (2, codec::encode(&(index, more))),
        };
        let index = index.map_err(|reason| Error::Encode { reason })?;
        let data: u64 = tensors.iter().map(TensorBytes::size_in_bytes).sum();
        let mut head = Vec::with_capacity(HEADER + index.len() + CHECKSUM as usize);
        head.extend(MAGIC);
        head.extend(u32::to_le_bytes(version));
        head.extend(writer().into_iter().chain([0]).flat_map(u16::to_le_bytes));
        head.extend((index.len() as u64).to_le_bytes());
        head.extend(data.to_le_bytes());
        head.extend(crc32fast::hash(&head).to_le_bytes());
        head.extend(&index);
        head.extend(crc32fast::hash(&index).to_le_bytes());
        Ok(Self { head, tensors })
    }

    pub(crate) fn write_to(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(&self.head)?;
        self.tensors.iter().try_for_each(|tensor| write_to(tensor, to))
    }
}

/// Reads a checkpoint of `len` bytes. Nothing is allocated that those bytes could not fill.
pub(crate) fn read<T: Float>(from: &mut dyn Read, len: u64, file: &str) -> Result<Checkpoint<T>> {
    let header = Header::read(from, len, file)?;
    let bytes = index_bytes(from, &header, len, file)?;
    let (index, more) = decoded(&bytes, &header, file)?;
    let entries = index.entries().chain(more.entries()).collect();
    let mut tensors = elements(from, entries, header.data, len, file)?.into_iter();
    let checkpoint = index.restore(&mut tensors, file)?;
    Ok(Checkpoint { further: more.restore(&mut tensors, file)?, ..checkpoint })
}

/// The index, as it stands in the file.
fn index_bytes(from: &mut dyn Read, header: &Header, len: u64, file: &str) -> Result<Vec<u8>> {
    let mut index = vec![0; header.index as usize];
    read_exact(from, &mut index, len, file)?;
    let mut sum = [0; CHECKSUM as usize];
    read_exact(from, &mut sum, len, file)?;
    if crc32fast::hash(&index) != u32::from_le_bytes(sum) {
        return Err(Error::corrupted(file, "the checksum of its index is wrong"));
    }
    Ok(index)
}

/// Both parts of an index.
fn decoded<'a>(index: &'a [u8], header: &Header, file: &str) -> Result<(Index<'a>, More<'a>)> {
    let decoded = match header.version {
        ..2 => codec::decode(index).map(|index| (index, More::default())),
        _ => codec::decode(index),
    };
    decoded.map_err(|reason| Error::corrupted(file, format!("its index makes no sense: {reason}")))
}

/// The tensors of an index, which have `left` bytes.
fn elements(
    from: &mut dyn Read,
    entries: Vec<(String, &Entry)>,
    mut left: u64,
    len: u64,
    file: &str,
) -> Result<Vec<AnyTensor>> {
    let mut tensors = Vec::new();
    for (name, entry) in entries {
        let fits = entry.layout().filter(|&(_, _, size)| size <= left);
        let Some((dtype, shape, size)) = fits else {
            let reason = format!("{name} is larger than the file, or of an unknown type");
            return Err(Error::corrupted(file, reason));
        };
        left -= size;
        let mut from = Summed { from: &mut *from, sum: Hasher::new() };
        let tensor = match read_from(dtype, &shape, &mut from) {
            // A truth value that is neither 0 nor 1; the checksum would not fit either.
            Err(e) if e.kind() == io::ErrorKind::InvalidData => None,
            read => Some(read.map_err(|error| ended(error, len, file))?),
        };
        match tensor {
            Some(tensor) if from.sum.finalize() == entry.checksum => tensors.push(tensor),
            _ => return Err(Error::corrupted(file, format!("the checksum of {name} is wrong"))),
        }
    }
    if left > 0 {
        let reason = format!("{left} bytes at its end belong to no tensor");
        return Err(Error::corrupted(file, reason));
    }
    Ok(tensors)
}

struct Header {
    /// The version of the format.
    version: u64,
    /// Length of the index.
    index: u64,
    /// Length of the elements.
    data: u64,
}

impl Header {
    /// Reads the header and compares what it says with the length of the file.
    fn read(from: &mut dyn Read, len: u64, file: &str) -> Result<Self> {
        let mut header = Vec::with_capacity(HEADER);
        let mut first = from.take(HEADER as u64);
        first.read_to_end(&mut header).map_err(Error::io("read", Path::new(file)))?;
        let magic = &header[..header.len().min(MAGIC.len())];
        if !MAGIC.starts_with(magic) {
            let found = format!("\"{}\"", magic.escape_ascii());
            return Err(Error::NotCheckpoint { file: file.into(), found });
        }
        let Ok(header) = <[u8; HEADER]>::try_from(header) else {
            return Err(Error::Truncated { file: file.into(), got: len, wanted: HEADER as u64 });
        };
        let [version, sum] = [8, 36].map(|at| number(&header[at..at + 4]));
        let [index, data] = [20, 28].map(|at| number(&header[at..at + 8]));
        if u64::from(crc32fast::hash(&header[..36])) != sum {
            return Err(Error::corrupted(file, "the checksum of its header is wrong"));
        }
        if version > u64::from(VERSION) {
            let [major, minor, patch] = [12, 14, 16].map(|at| number(&header[at..at + 2]));
            return Err(Error::NewerVersion {
                file: file.into(),
                found: version as u32,
                known: VERSION,
                writer: format!("{major}.{minor}.{patch}"),
            });
        }
        let whole = [index, CHECKSUM, data]
            .iter()
            .try_fold(HEADER as u64, |sum, &n| sum.checked_add(n))
            .ok_or_else(|| Error::corrupted(file, "its header makes no sense"))?;
        match len {
            _ if len < whole => {
                Err(Error::Truncated { file: file.into(), got: len, wanted: whole })
            }
            _ if len > whole => {
                let reason = format!("{} bytes follow its end", len - whole);
                Err(Error::corrupted(file, reason))
            }
            _ => Ok(Self { version, index, data }),
        }
    }
}

/// The version of this crate.
fn writer() -> [u16; 3] {
    [
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    ]
    .map(|number| number.parse().unwrap_or_default())
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn checksum(tensor: &AnyTensor) -> u32 {
    let mut sum = Sum(Hasher::new());
    // Adding bytes to a checksum cannot fail.
    let _ = write_to(tensor, &mut sum);
    sum.0.finalize()
}

fn read_exact(from: &mut dyn Read, bytes: &mut [u8], len: u64, file: &str) -> Result<()> {
    from.read_exact(bytes).map_err(|error| ended(error, len, file))
}

/// The error of a file that was long enough when it was opened.
fn ended(error: io::Error, len: u64, file: &str) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            Error::corrupted(file, format!("it had {len} bytes and was cut while it was read"))
        }
        _ => Error::io("read", Path::new(file))(error),
    }
}

/// Passes on what it reads and adds it to a checksum.
struct Summed<'a> {
    from: &'a mut dyn Read,
    sum: Hasher,
}

impl Read for Summed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(bytes)?;
        self.sum.update(&bytes[..n]);
        Ok(n)
    }
}

/// Adds what is written to a checksum.
struct Sum(Hasher);

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
