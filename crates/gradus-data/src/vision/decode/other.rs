//! More kinds, through the crate `image`: GIF, WebP, TIFF, PNM, QOI, ICO.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader as Decoder, Limits};

use super::{Decoded, ImageReader};
use crate::vision::{Image, ImageProblem};

/// The name of a kind, for messages.
fn name(format: ImageFormat) -> &'static str {
    format.extensions_str().first().copied().unwrap_or("picture")
}

pub(super) fn decode(
    bytes: &[u8],
    format: ImageFormat,
    reader: &ImageReader,
) -> Decoded<(Image, Option<Vec<u8>>)> {
    let kind = name(format);
    let problem = |e: &ImageError| problem(kind, e);
    let mut limits = Limits::default();
    limits.max_alloc = Some(reader.max_pixels.saturating_mul(16));
    let mut decoder = Decoder::with_format(Cursor::new(bytes), format);
    decoder.limits(limits);
    let mut decoder = decoder.into_decoder().map_err(|e| problem(&e))?;
    let (width, height) = decoder.dimensions();
    // One byte of a GIF or WebP can stand for any number of pixels.
    let size = reader.size([height.into(), width.into()], bytes.len(), u64::MAX)?;
    let exif = decoder.exif_metadata().ok().flatten();
    let decoded = DynamicImage::from_decoder(decoder).map_err(|e| problem(&e))?;
    let (channels, pixels) = match decoded {
        DynamicImage::ImageLuma8(p) => (1, p.into_raw()),
        DynamicImage::ImageLumaA8(p) => (2, p.into_raw()),
        DynamicImage::ImageRgb8(p) => (3, p.into_raw()),
        DynamicImage::ImageRgba8(p) => (4, p.into_raw()),
        // As of PNG: of 16 bits the upper eight.
        DynamicImage::ImageLuma16(p) => (1, upper(&p)),
        DynamicImage::ImageLumaA16(p) => (2, upper(&p)),
        DynamicImage::ImageRgb16(p) => (3, upper(&p)),
        DynamicImage::ImageRgba16(p) => (4, upper(&p)),
        other => {
            let message = format!("pixels of {:?}", other.color());
            return Err(ImageProblem::Unsupported { kind, message });
        }
    };
    Ok((Image::of(size, channels, pixels), exif))
}

fn upper(values: &[u16]) -> Vec<u8> {
    values.iter().map(|&v| (v >> 8) as u8).collect()
}

fn problem(kind: &'static str, error: &ImageError) -> ImageProblem {
    let message = error.to_string();
    match error {
        ImageError::Unsupported(_) => ImageProblem::Unsupported { kind, message },
        _ => ImageProblem::Damaged { kind, message },
    }
}
