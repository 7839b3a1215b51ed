//! JPEG (ITU-T T.81), through the crate `zune-jpeg` in its strict mode, which makes an error of
//! damaged data where the usual mode fills up with grey. Strict or not, the decoder looks for the end
//! of the file at each row of blocks only, so a file that was cut within its last rows would pass: the
//! segments are walked through first, and a file without an end-of-image marker is refused.

use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Decoded, ImageReader};
use crate::vision::{Image, ImageProblem};

/// A block of 64 grey pixels takes at least one bit, its first coefficient in a progressive scan.
const DENSEST: u64 = 64 * 8;

pub(super) fn decode(bytes: &[u8], reader: &ImageReader) -> Decoded<(Image, Option<Vec<u8>>)> {
    let side = usize::from(u16::MAX);
    let options = DecoderOptions::default().set_max_width(side).set_max_height(side);
    let options = options.set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| problem(&e))?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let size = reader.size([height as u64, width as u64], bytes.len(), DENSEST)?;
    if !has_end(bytes) {
        let message = "it has no end-of-image marker".into();
        return Err(ImageProblem::Truncated { kind: "JPEG", message });
    }
    let grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let (space, channels) = if grey { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().map_err(|e| problem(&e))?;
    if pixels.len() != size.height * size.width * channels {
        let message = format!("{} bytes of pixels for {size}", pixels.len());
        return Err(ImageProblem::Damaged { kind: "JPEG", message });
    }
    Ok((Image::of(size, channels, pixels), decoder.exif().cloned()))
}

/// Whether the segments lead to an end-of-image marker (T.81, B.1.1): a marker is a byte `ff` and one
/// that is neither 0 nor `ff`; all but a few are followed by a length that counts itself. In coded data
/// a byte `ff` is followed by 0, and restart markers stand in it.
fn has_end(bytes: &[u8]) -> bool {
    let mut at = 0;
    loop {
        let Some(marker) = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0xff))
        else {
            return false;
        };
        at += marker + 1;
        match bytes.get(at) {
            Some(0xff) => {}
            Some(0xd9) => return true,
            Some(0x00 | 0x01 | 0xd0..=0xd8) => at += 1,
            Some(_) => match bytes.get(at + 1..at + 3) {
                Some(&[high, low]) => at += 1 + usize::from(u16::from_be_bytes([high, low])),
                _ => return false,
            },
            None => return false,
        }
    }
}

fn problem(error: &DecodeErrors) -> ImageProblem {
    let message = error.to_string().replace('"', "");
    let kind = "JPEG";
    match error {
        DecodeErrors::Unsupported(_) => ImageProblem::Unsupported { kind, message },
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => {
            ImageProblem::Truncated { kind, message }
        }
        _ if message.contains("Premature end of buffer") => {
            ImageProblem::Truncated { kind, message }
        }
        _ => ImageProblem::Damaged { kind, message },
    }
}
