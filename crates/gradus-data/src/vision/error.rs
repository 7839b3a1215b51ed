//! What can be wrong with a file of a picture. Every message says what was found, what was wanted and
//! what to do; the file's name stands before it, in [`Error::Image`](crate::Error::Image).

/// What is wrong with a picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageProblem {
    /// There is no byte in it.
    #[error("is empty; get it again")]
    Empty,
    /// Not a file that ends: a folder, a pipe, a device.
    #[error("is no regular file")]
    NotAFile,
    /// Longer than a picture is taken to be.
    #[error(
        "has more than {limit} bytes, the limit for a file; if that is a picture, raise \
         `ImageReader::max_bytes`"
    )]
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// The content is of no kind that is read, whatever the name says.
    #[error("is no {}: it starts with the bytes {start}{}; {}", kinds(), looks_like(.start), convert())]
    Kind {
        /// The first bytes, in hexadecimal.
        start: String,
    },
    /// More pixels than are taken.
    #[error(
        "declares {width} x {height} pixels, more than the limit of {limit}; no memory was taken. If \
         that is true, raise `ImageReader::max_pixels`"
    )]
    TooLarge {
        /// Pixels of a row, as the file says.
        width: u64,
        /// Rows, as the file says.
        height: u64,
        /// The limit in pixels.
        limit: u64,
    },
    /// Fewer bytes than the declared size takes in the densest case.
    #[error(
        "declares {width} x {height} pixels, but {found} bytes cannot hold them; the file is \
         truncated or damaged: get it again"
    )]
    TooShort {
        /// Pixels of a row, as the file says.
        width: u64,
        /// Rows, as the file says.
        height: u64,
        /// The bytes that are there.
        found: usize,
    },
    /// The file ends before its picture does.
    #[error("is a {kind} that ends too early ({message}); it is truncated: get it again")]
    Truncated {
        /// The kind of file.
        kind: &'static str,
        /// What was missing.
        message: String,
    },
    /// The content contradicts itself.
    #[error("is a damaged {kind} ({message}); get it again")]
    Damaged {
        /// The kind of file.
        kind: &'static str,
        /// What was found.
        message: String,
    },
    /// A form that is not read.
    #[error("is a {kind} of a form that is not read ({message}); {}", convert())]
    Unsupported {
        /// The kind of file.
        kind: &'static str,
        /// What it has.
        message: String,
    },
}

fn kinds() -> &'static str {
    match cfg!(feature = "image") {
        true => "PNG, JPEG, BMP or other picture that is read here",
        false => "PNG, JPEG or BMP",
    }
}

/// What to do with a picture that is not read here.
fn convert() -> &'static str {
    match cfg!(feature = "image") {
        true => "`magick FILE NEW.png` converts most kinds",
        false => "the feature `image` reads more kinds, and `magick FILE NEW.png` converts most",
    }
}

/// What files with a wrong name often are.
fn looks_like(start: &str) -> &'static str {
    let kinds = [
        ("47 49 46 38", " (GIF)"),
        ("52 49 46 46", " (WebP?)"),
        ("49 49 2a 00", " (TIFF)"),
        ("4d 4d 00 2a", " (TIFF)"),
        ("00 00 01 00", " (icon)"),
        ("ff 0a", " (JPEG XL)"),
        ("25 50 44 46", " (PDF)"),
        ("1f 8b", " (gzip: unpack it)"),
        ("50 4b", " (zip: unpack it)"),
        ("3c", " (a web page or SVG?)"),
        ("76 65 72 73 69 6f 6e", " (a Git LFS pointer: run `git lfs pull`)"),
    ];
    if start.get(12..23) == Some("66 74 79 70") {
        return " (HEIC or AVIF)";
    }
    let known = kinds.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, name)| *name);
    let text = |byte: &str| matches!(u8::from_str_radix(byte, 16), Ok(9 | 10 | 13 | 32..=126));
    known.unwrap_or(if start.split(' ').all(text) { " (text)" } else { "" })
}
