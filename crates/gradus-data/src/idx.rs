//! The IDX format of MNIST: a magic number, the sizes, then a byte for each element.
//!
//! | file | magic | sizes |
//! |---|---|---|
//! | images | `0x00000803` | count, rows, columns |
//! | labels | `0x00000801` | count |
//!
//! All numbers are big-endian, 32 bits. Source: Y. LeCun, C. Cortes, C. Burges, *The MNIST database
//! of handwritten digits*. A file may be compressed with gzip; that is seen from its content, not
//! from its name.
//!
//! No length in a file is believed: memory grows with the bytes that are there, at most to what the
//! header declares, and a file must hold exactly that.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

use crate::bounded::up_to;
use crate::gzip::Gunzip;
use crate::{Error, Result};

/// What a file of more bytes would need is not a data set to hold in memory.
const LIMIT: u64 = 1 << 32;

/// What is wrong with an IDX file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdxProblem {
    /// The first four bytes are not those of the kind of file that was wanted.
    #[error("starts with the number {got:#010x}, an IDX file of {kind} starts with {wanted:#010x}{}", other_kind(*.got))]
    Magic {
        /// The first four bytes.
        got: u32,
        /// What they should be.
        wanted: u32,
        /// Images or labels.
        kind: &'static str,
    },
    /// The file ends within its header.
    #[error("ends after {found} of the {wanted} bytes of its header; the file is truncated")]
    Header {
        /// The bytes that are there.
        found: usize,
        /// The bytes of a header.
        wanted: usize,
    },
    /// The file ends before the data that its header declares.
    #[error(
        "holds {found} bytes of data, but its header declares {declared} ({sizes}); the file is \
         truncated or its header is wrong: get it again"
    )]
    Truncated {
        /// The bytes that are there.
        found: u64,
        /// The bytes that should be there.
        declared: u64,
        /// The sizes that the header declares.
        sizes: String,
    },
    /// The file goes on after the data that its header declares.
    #[error(
        "goes on after the {declared} bytes of data that its header declares ({sizes}); its header \
         is wrong, or something was added to it"
    )]
    Trailing {
        /// The bytes that the header declares.
        declared: u64,
        /// The sizes that the header declares.
        sizes: String,
    },
    /// The header declares images without pixels, or more than can be held.
    #[error("declares {sizes}; wanted at least one pixel an image and at most 4 GiB in all")]
    Sizes {
        /// The sizes that the header declares.
        sizes: String,
    },
    /// The name says gzip, the content says neither gzip nor IDX.
    #[error(
        "is named .gz but is not gzip: it starts with the bytes {start}, and gzip with 1f 8b; \
         perhaps a web page was saved in its place"
    )]
    NotGzip {
        /// The first bytes.
        start: String,
    },
    /// The compressed data is damaged.
    #[error("is damaged gzip ({message}); get it again")]
    Gzip {
        /// What the decompressor said.
        message: String,
    },
}

fn other_kind(magic: u32) -> &'static str {
    match magic {
        Kind::IMAGES => " (this is a file of images)",
        Kind::LABELS => " (this is a file of labels)",
        _ => "",
    }
}

/// Images of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdxImages {
    /// The number of images.
    pub count: usize,
    /// The height of each.
    pub rows: usize,
    /// The width of each.
    pub columns: usize,
    /// `count · rows · columns` bytes, image by image, row by row.
    pub pixels: Vec<u8>,
}

impl IdxImages {
    /// The same images with rows and columns exchanged, for files that hold them column by column.
    ///
    /// ```
    /// let file = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20];
    /// let images = gradus_data::idx::read_images(&file[..], "two pixels")?.transposed();
    /// assert_eq!((images.rows, images.columns, images.pixels), (2, 1, vec![10, 20]));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    pub fn transposed(mut self) -> Self {
        crate::images::transpose(&mut self.pixels, self.rows, self.columns);
        Self { rows: self.columns, columns: self.rows, ..self }
    }
}

/// Reads images, raw or compressed. `name` stands for the file in errors.
///
/// ```
/// let file = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 10, 20, 30, 40];
/// let images = gradus_data::idx::read_images(&file[..], "four pixels")?;
/// assert_eq!((images.count, images.rows, images.columns), (1, 2, 2));
/// assert_eq!(images.pixels, [10, 20, 30, 40]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::Idx`] if the file is not what it should be, [`Error::File`] if it cannot be read.
pub fn read_images(mut source: impl Read, name: &str) -> Result<IdxImages> {
    let (sizes, pixels) = read(&mut source, name, &Kind { magic: Kind::IMAGES, name: "images" })?;
    match sizes[..] {
        [count, rows, columns] => Ok(IdxImages { count, rows, columns, pixels }),
        _ => Ok(IdxImages { count: 0, rows: 0, columns: 0, pixels }),
    }
}

/// Reads labels, raw or compressed. `name` stands for the file in errors.
///
/// ```
/// let file = [0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1];
/// assert_eq!(gradus_data::idx::read_labels(&file[..], "three labels")?, [7, 2, 1]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// As [`read_images`].
pub fn read_labels(mut source: impl Read, name: &str) -> Result<Vec<u8>> {
    Ok(read(&mut source, name, &Kind { magic: Kind::LABELS, name: "labels" })?.1)
}

/// Reads a file of images.
///
/// # Errors
/// As [`read_images`].
pub fn open_images(path: impl AsRef<Path>) -> Result<IdxImages> {
    let path = path.as_ref();
    read_images(open(path)?, &path.display().to_string())
}

/// Reads a file of labels.
///
/// # Errors
/// As [`read_images`].
pub fn open_labels(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    read_labels(open(path)?, &path.display().to_string())
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|source| Error::File { path: path.into(), source })
}

/// A kind of file.
struct Kind {
    magic: u32,
    name: &'static str,
}

impl Kind {
    /// Bytes (type 8) with three axes.
    const IMAGES: u32 = 0x0803;
    /// Bytes (type 8) with one axis.
    const LABELS: u32 = 0x0801;

    /// The last byte of the magic number is the number of axes.
    fn rank(&self) -> usize {
        (self.magic & 0xff) as usize
    }
}

/// The sizes and the data of a file.
fn read(source: &mut dyn Read, name: &str, kind: &Kind) -> Result<(Vec<usize>, Vec<u8>)> {
    let fault = |problem| Error::Idx { file: name.into(), problem };
    let failed = |zipped: bool, source: io::Error| match zipped {
        true => fault(IdxProblem::Gzip { message: source.to_string() }),
        false => Error::File { path: name.into(), source },
    };
    let mut source = BufReader::new(source);
    let start = up_to(&mut source, 4).map_err(|e| failed(false, e))?;
    let zipped = start.starts_with(&[0x1f, 0x8b]);
    let whole = io::Cursor::new(start).chain(source);
    let mut data: Box<dyn Read + '_> =
        if zipped { Box::new(Gunzip::new(whole)) } else { Box::new(whole) };

    let wanted = 4 + 4 * kind.rank();
    let header = up_to(&mut *data, wanted as u64).map_err(|e| failed(zipped, e))?;
    let numbers: Vec<u32> =
        header.chunks_exact(4).map(|b| b.iter().fold(0, |n, &b| n << 8 | u32::from(b))).collect();
    match numbers.first() {
        Some(&magic) if magic == kind.magic => {}
        _ if !zipped && name.ends_with(".gz") => {
            let start: Vec<_> = header.iter().take(4).map(|b| format!("{b:02x}")).collect();
            return Err(fault(IdxProblem::NotGzip { start: start.join(" ") }));
        }
        Some(&got) => {
            return Err(fault(IdxProblem::Magic { got, wanted: kind.magic, kind: kind.name }));
        }
        None => return Err(fault(IdxProblem::Header { found: header.len(), wanted })),
    }
    if header.len() < wanted {
        return Err(fault(IdxProblem::Header { found: header.len(), wanted }));
    }

    let sizes: Vec<usize> = numbers[1..].iter().map(|&n| n as usize).collect();
    let words = match sizes[..] {
        [count, rows, columns] => format!("{count} images of {rows}x{columns}"),
        _ => format!("{} labels", sizes[0]),
    };
    let product = sizes.iter().try_fold(1_u64, |n, &size| n.checked_mul(size as u64));
    let declared = match product {
        Some(n) if n <= LIMIT && !sizes[1..].contains(&0) => n,
        _ => return Err(fault(IdxProblem::Sizes { sizes: words })),
    };
    // One byte more than declared shows whether the file goes on; and to see the end of compressed
    // data is to have its checksum compared.
    let mut bytes = Vec::new();
    let rest: &mut dyn Read = &mut *data;
    let end = rest.take(declared + 1).read_to_end(&mut bytes);
    let found = bytes.len() as u64;
    match end {
        Err(e) if zipped && e.kind() == ErrorKind::UnexpectedEof && found < declared => {
            Err(fault(IdxProblem::Truncated { found, declared, sizes: words }))
        }
        Err(e) => Err(failed(zipped, e)),
        Ok(_) if found < declared => {
            Err(fault(IdxProblem::Truncated { found, declared, sizes: words }))
        }
        Ok(_) if found > declared => Err(fault(IdxProblem::Trailing { declared, sizes: words })),
        Ok(_) => Ok((sizes, bytes)),
    }
}
