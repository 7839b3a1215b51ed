//! The chunk `fmt `: 16 bytes, or 18, or 40 for the extensible format.
//!
//! ```text
//! tag[2] channels[2] rate[4] bytes-a-second[4] bytes-a-frame[2] bits[2]
//!     { extension-size[2] { valid-bits[2] speakers[4] sub-format[16] } }
//! ```
//!
//! A sub-format is a GUID whose first two bytes are a tag and whose others are fixed.

use super::encoding::Encoding;
use crate::audio::{AudioProblem, MAX_RATE};

/// What the samples are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    /// In Hz, from 1 to [`MAX_RATE`].
    pub(super) rate: u32,
    /// At least 1.
    pub(super) channels: usize,
    /// The form of one sample.
    pub(super) encoding: Encoding,
}

/// The tag of the extensible format.
const EXTENSIBLE: u16 = 0xfffe;
/// What follows the tag in the GUID of a sub-format.
const GUID: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

impl Format {
    pub(super) fn parse(content: &[u8]) -> Result<Self, AudioProblem> {
        let size = content.len();
        let short = |wanted| AudioProblem::FormatSize { size, wanted };
        let number = |at: usize| {
            let bytes = content.get(at..at + 2).and_then(|b| b.first_chunk());
            bytes.map(|&b| u16::from_le_bytes(b)).ok_or(short(at + 2))
        };
        if size < 16 {
            return Err(short(16));
        }
        let (mut tag, channels, align, bits) = (number(0)?, number(2)?, number(12)?, number(14)?);
        let rate = u32::from(number(4)?) | u32::from(number(6)?) << 16;
        if tag == EXTENSIBLE {
            let guid = content.get(24..40).ok_or(short(40))?;
            if guid[2..] == GUID {
                tag = number(24)?;
            }
        }
        if channels == 0 {
            return Err(AudioProblem::NoChannels);
        }
        if !(1..=MAX_RATE).contains(&rate) {
            return Err(AudioProblem::Rate { rate });
        }
        // Integers stand on the left of a field of whole bytes, which may be wider than they are.
        let needed = u32::from(bits.div_ceil(8).max(1)) * u32::from(channels);
        let field = align / channels;
        let wide = tag == 1 && align.is_multiple_of(channels) && u32::from(align) >= needed;
        if u32::from(align) != needed && !wide {
            return Err(AudioProblem::BlockAlign { got: align, channels, bits, wanted: needed });
        }
        let encoding =
            Encoding::new(tag, bits, field).ok_or(AudioProblem::Encoding { tag, bits })?;
        Ok(Self { rate, channels: channels.into(), encoding })
    }
}
