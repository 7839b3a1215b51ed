//! PNG, through the crate `png` (W3C, *Portable Network Graphics*, third edition, 2025).

use std::io::{Cursor, ErrorKind};

use png::{ColorType, DecodingError, Transformations};

use super::{Decoded, ImageReader};
use crate::vision::{Image, ImageProblem};

/// Deflate makes at most 1,032 bytes of one, and a byte holds at most eight pixels.
const DENSEST: u64 = 1032 * 8;

/// Memory for text, profiles and the like; rows are counted apart.
const EXTRA: u64 = 1 << 26;

pub(super) fn decode(bytes: &[u8], reader: &ImageReader) -> Decoded<(Image, Option<Vec<u8>>)> {
    let memory = reader.max_pixels.saturating_mul(8).saturating_add(EXTRA);
    let limits = png::Limits { bytes: usize::try_from(memory).unwrap_or(usize::MAX) };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    // Whole bytes for every pixel; a palette becomes RGB, tRNS alpha; of 16 bits the upper eight.
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(problem)?;
    let size = [header.height.into(), header.width.into()];
    let interlaced = header.interlaced;
    let size = reader.size(size, bytes.len(), DENSEST)?;
    let mut frames = decoder.read_info().map_err(problem)?;
    let channels = match frames.output_color_type().0 {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb | ColorType::Indexed => 3,
        ColorType::Rgba => 4,
    };
    let len = size.height * size.width * channels;
    let mut pixels = Vec::new();
    if interlaced {
        pixels.resize(len, 0);
        frames.next_frame(&mut pixels).map_err(problem)?;
    } else {
        // Memory grows with the rows that are there.
        while pixels.len() < len {
            match frames.next_row().map_err(problem)? {
                Some(row) => pixels.extend_from_slice(row.data()),
                None => break,
            }
        }
    }
    if pixels.len() != len {
        let message = format!("{} of {len} bytes of pixels", pixels.len());
        return Err(ImageProblem::Damaged { kind: "PNG", message });
    }
    // EXIF may stand behind the pixels, and a file without its last chunk was cut.
    frames.finish().map_err(problem)?;
    let exif = frames.info().exif_metadata.as_ref().map(|exif| exif.to_vec());
    Ok((Image::of(size, channels, pixels), exif))
}

fn problem(error: DecodingError) -> ImageProblem {
    let message = error.to_string();
    match error {
        DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => {
            ImageProblem::Truncated { kind: "PNG", message }
        }
        _ => ImageProblem::Damaged { kind: "PNG", message },
    }
}
