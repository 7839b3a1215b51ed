//! Pictures from files, by their content and never by their name.
//!
//! | kind | read | not read |
//! |---|---|---|
//! | PNG | all of the standard; 16 bits keep the high byte, palettes become RGB, the colour that stands for "transparent" becomes alpha | frames of APNG after the first |
//! | JPEG | baseline and progressive; grey stays grey, YCbCr, CMYK and YCCK become RGB | arithmetic coding, lossless, 12 bits |
//! | BMP | 1 to 32 bits a pixel, RLE, all headers since 1990; palettes become RGB | JPEG and PNG within BMP |
//! | feature `image` | GIF (first frame), WebP, TIFF, PNM, QOI, ICO through the crate `image` | |
//!
//! CMYK of JPEG is taken as Adobe writes it, inverted: `R = C · K / 255` and so on. Colour profiles are
//! not applied. The orientation that cameras note in EXIF is followed, so that a picture stands as it
//! was seen.
//!
//! **No length in a file is believed.** Declared sizes are held against a limit and against the
//! length of the file before memory is taken.

mod bmp;
mod bmp_rle;
mod exif;
mod jpeg;
mod kind;
#[cfg(feature = "image")]
mod other;
mod png;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub(crate) use self::kind::Kind;
use super::{Image, ImageProblem, Size};
use crate::{Error, Result};

type Decoded<T = Image> = std::result::Result<T, ImageProblem>;

/// Reads pictures, with limits and conversions of your choice.
///
/// ```
/// use gradus_data::vision::{Image, ImageReader, write_png};
/// let mut file = Vec::new();
/// write_png(&mut file, &Image::filled([2, 2], &[9, 9, 9])?)?;
/// let grey = ImageReader::new().channels(1).read(&file, "four.png")?;
/// assert_eq!(grey.pixels(), [9; 4]);
/// assert!(ImageReader::new().max_pixels(3).read(&file, "four.png").is_err());
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageReader {
    max_pixels: u64,
    max_bytes: u64,
    channels: Option<usize>,
    orientation: bool,
}

impl Default for ImageReader {
    fn default() -> Self {
        let (max_pixels, max_bytes) = (Self::MAX_PIXELS, Self::MAX_BYTES);
        Self { max_pixels, max_bytes, channels: None, orientation: true }
    }
}

impl ImageReader {
    /// The usual limit of `height · width`: 2²⁷, 134 million. (Pillow refuses above 179 million.)
    pub const MAX_PIXELS: u64 = 1 << 27;
    /// The usual limit of the length of a file: 1 GiB.
    pub const MAX_BYTES: u64 = 1 << 30;

    /// Reads pictures with the channels that they have, within the usual limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses pictures of more pixels than this.
    pub fn max_pixels(self, max_pixels: u64) -> Self {
        Self { max_pixels, ..self }
    }

    /// Refuses files of more bytes than this.
    pub fn max_bytes(self, max_bytes: u64) -> Self {
        Self { max_bytes, ..self }
    }

    /// Converts every picture to this number of channels, see [`Image::with_channels`]. Reading fails
    /// unless that is 1 to 4.
    pub fn channels(self, channels: usize) -> Self {
        Self { channels: Some(channels), ..self }
    }

    /// Whether the orientation of EXIF is followed, which it is unless you turn it off.
    pub fn orientation(self, follow: bool) -> Self {
        Self { orientation: follow, ..self }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Image`] if it is no whole picture of a kind that
    /// is read, or passes a limit; [`Error::Value`] for a number of channels that there is not.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Image> {
        let path = path.as_ref();
        let failed = |source| Error::File { path: path.into(), source };
        let problem = |problem| Error::Image { file: path.display().to_string(), problem };
        // Opening a pipe would wait for its other end.
        let about = std::fs::metadata(path).map_err(failed)?;
        if !about.is_file() {
            return Err(problem(ImageProblem::NotAFile));
        }
        let file: &mut dyn Read = &mut File::open(path).map_err(failed)?;
        let mut bytes = Vec::with_capacity(about.len().min(1 << 24) as usize);
        file.take(self.max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
        self.decode(&bytes).map_err(problem)?.with_channels_of(self)
    }

    /// Reads a picture from the bytes of a file; `name` stands for it in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(&self, bytes: &[u8], name: &str) -> Result<Image> {
        let problem = |problem| Error::Image { file: name.into(), problem };
        self.decode(bytes).map_err(problem)?.with_channels_of(self)
    }

    fn decode(&self, bytes: &[u8]) -> Decoded {
        if bytes.is_empty() {
            return Err(ImageProblem::Empty);
        }
        if bytes.len() as u64 > self.max_bytes {
            return Err(ImageProblem::TooLong { limit: self.max_bytes });
        }
        let (image, exif) = match Kind::of(bytes) {
            Some(Kind::Png) => png::decode(bytes, self)?,
            Some(Kind::Jpeg) => jpeg::decode(bytes, self)?,
            Some(Kind::Bmp) => (bmp::decode(bytes, self)?, None),
            #[cfg(feature = "image")]
            Some(Kind::Other(format)) => other::decode(bytes, format, self)?,
            None => {
                let start = kind::hex(&bytes[..bytes.len().min(8)]);
                return Err(ImageProblem::Kind { start });
            }
        };
        let orientation = exif.filter(|_| self.orientation).map_or(1, |e| exif::orientation(&e));
        Ok(exif::upright(image, orientation))
    }

    /// The size, if it passes the limits. `densest` is how many pixels a byte can stand for.
    fn size(&self, [height, width]: [u64; 2], found: usize, densest: u64) -> Decoded<Size> {
        let pixels = height.checked_mul(width);
        if pixels.is_none_or(|pixels| pixels > self.max_pixels) {
            return Err(ImageProblem::TooLarge { width, height, limit: self.max_pixels });
        }
        if pixels.unwrap_or(0) / densest > found as u64 {
            return Err(ImageProblem::TooShort { width, height, found });
        }
        Ok(Size { height: height as usize, width: width as usize })
    }
}

impl Image {
    fn with_channels_of(self, reader: &ImageReader) -> Result<Self> {
        let channels = reader.channels.unwrap_or(self.channels());
        self.with_channels(channels)
    }
}

/// Reads a picture file with the channels that it has: [`ImageReader::open`].
///
/// ```no_run
/// let image = gradus_data::vision::open_image("cat.jpg")?.with_channels(3)?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// As [`ImageReader::open`].
pub fn open_image(path: impl AsRef<Path>) -> Result<Image> {
    ImageReader::new().open(path)
}

/// Reads a picture from the bytes of a file, `name` in errors: [`ImageReader::read`].
///
/// # Errors
/// As [`ImageReader::read`].
pub fn read_image(bytes: &[u8], name: &str) -> Result<Image> {
    ImageReader::new().read(bytes, name)
}
