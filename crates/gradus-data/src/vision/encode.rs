//! Pictures to files: PNG, which keeps every byte. To look at what transforms do.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use png::{BitDepth, ColorType};

use super::Image;
use crate::{Error, Result};

/// Writes a PNG file; what was there is replaced.
///
/// ```no_run
/// use gradus_data::vision::{Image, save_png};
/// save_png("red.png", &Image::filled([8, 8], &[255, 0, 0])?)?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] if it cannot be written.
pub fn save_png(path: impl AsRef<Path>, image: &Image) -> Result<()> {
    let path = path.as_ref();
    let failed = |source| Error::File { path: path.into(), source };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    encode(&mut file, image).map_err(failed)?;
    file.flush().map_err(failed)
}

/// Writes the bytes of a PNG file.
///
/// ```
/// use gradus_data::vision::{Image, read_image, write_png};
/// let image = Image::new([1, 2], 3, vec![1, 2, 3, 4, 5, 6])?;
/// let mut file = Vec::new();
/// write_png(&mut file, &image)?;
/// assert_eq!(read_image(&file, "two pixels")?, image);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::Other`] with what the writer said.
pub fn write_png(writer: impl Write, image: &Image) -> Result<()> {
    encode(writer, image).map_err(Error::other)
}

fn encode(writer: impl Write, image: &Image) -> std::io::Result<()> {
    let side = |n: usize| u32::try_from(n).map_err(std::io::Error::other);
    let mut encoder = png::Encoder::new(writer, side(image.width())?, side(image.height())?);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(match image.channels() {
        1 => ColorType::Grayscale,
        2 => ColorType::GrayscaleAlpha,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    });
    let io = |e: png::EncodingError| match e {
        png::EncodingError::IoError(e) => e,
        other => std::io::Error::other(other),
    };
    let mut writer = encoder.write_header().map_err(io)?;
    writer.write_image_data(image.pixels()).map_err(io)?;
    writer.finish().map_err(io)
}
