//! BMP: a header, perhaps a palette, and rows from the bottom up, each filled to whole words of 32
//! bits. Source: Microsoft, *Bitmap Storage* and `BITMAPV5HEADER` (wingdi.h).
//!
//! | bits | pixel |
//! |---|---|
//! | 1, 4, 8 | index into the palette, plain or as runs (`bmp_rle`) |
//! | 16, 32 | fields of bits; without masks 5-5-5, and 8-8-8 with a byte unused |
//! | 24 | blue, green, red |
//!
//! A field of `b` bits counts `v · 255 / (2ᵇ − 1)`, rounded down as Pillow does.

use super::{Decoded, ImageReader, bmp_rle};
use crate::vision::{Image, ImageProblem, Size};

const KIND: &str = "BMP";

struct Header {
    size: Size,
    top_down: bool,
    bits: u32,
    compression: u32,
    /// Where the rows begin.
    offset: usize,
    palette: Vec<[u8; 3]>,
    /// Red, green, blue and alpha.
    masks: [u32; 4],
}

fn damaged(message: impl Into<String>) -> ImageProblem {
    ImageProblem::Damaged { kind: KIND, message: message.into() }
}

fn unsupported(message: String) -> ImageProblem {
    ImageProblem::Unsupported { kind: KIND, message }
}

fn short(bytes: &[u8], wanted: usize) -> ImageProblem {
    let message = format!("{} bytes of at least {wanted}", bytes.len());
    ImageProblem::Truncated { kind: KIND, message }
}

fn word<const N: usize>(bytes: &[u8], at: usize) -> Decoded<[u8; N]> {
    let found = bytes.get(at..at + N).and_then(|word| word.try_into().ok());
    found.ok_or_else(|| short(bytes, at + N))
}

fn u16_at(bytes: &[u8], at: usize) -> Decoded<u32> {
    word(bytes, at).map(|word| u16::from_le_bytes(word).into())
}

fn u32_at(bytes: &[u8], at: usize) -> Decoded<u32> {
    word(bytes, at).map(u32::from_le_bytes)
}

fn header(bytes: &[u8], reader: &ImageReader) -> Decoded<Header> {
    let (offset, length) = (u32_at(bytes, 10)? as usize, u32_at(bytes, 14)? as usize);
    let old = length == 12;
    let (width, height, bits, compression, used) = if old {
        let (width, height) = (u16_at(bytes, 18)? as i32, u16_at(bytes, 20)? as i32);
        (width, height, u16_at(bytes, 24)?, 0, 0)
    } else {
        let (width, height) = (u32_at(bytes, 18)? as i32, u32_at(bytes, 22)? as i32);
        (width, height, u16_at(bytes, 28)?, u32_at(bytes, 30)?, u32_at(bytes, 46)? as usize)
    };
    let known = match compression {
        0 => matches!(bits, 1 | 4 | 8 | 16 | 24 | 32),
        1 => bits == 8,
        2 => bits == 4,
        3 | 6 => matches!(bits, 16 | 32) && length != 64,
        _ => false,
    };
    if !known {
        return Err(unsupported(format!("{bits} bits a pixel with compression {compression}")));
    }
    if width <= 0 || height == 0 {
        return Err(damaged(format!("{width} x {height} pixels")));
    }
    // Runs can make any number of pixels of two bytes.
    let densest = if matches!(compression, 1 | 2) { u64::MAX } else { 8 };
    let declared = [height.unsigned_abs().into(), width.unsigned_abs().into()];
    let size = reader.size(declared, bytes.len(), densest)?;
    let fields = matches!(compression, 3 | 6);
    let alpha = fields && (length >= 56 || compression == 6);
    let masks = match (fields, bits) {
        (true, _) => {
            let mask = |i: usize| u32_at(bytes, 54 + 4 * i);
            [mask(0)?, mask(1)?, mask(2)?, if alpha { mask(3)? } else { 0 }]
        }
        (false, 16) => [0x7c00, 0x03e0, 0x001f, 0],
        _ => [0xff_0000, 0xff00, 0xff, 0],
    };
    // With the oldest header that has masks they stand between it and the palette.
    let extra = if length == 40 && fields { 12 + 4 * usize::from(alpha) } else { 0 };
    let start = 14 + length + extra;
    if offset < start {
        return Err(damaged(format!("its rows begin at byte {offset}, in the header")));
    }
    let mut palette = Vec::new();
    if bits <= 8 {
        let (most, entry) = (1 << bits, if old { 3 } else { 4 });
        let count = if used == 0 { most } else { used.min(most) };
        let room = bytes.get(start..offset).ok_or_else(|| short(bytes, offset))?;
        palette.extend(room.chunks_exact(entry).take(count).map(|c| [c[2], c[1], c[0]]));
    }
    let top_down = height < 0;
    Ok(Header { size, top_down, bits, compression, offset, palette, masks })
}

pub(super) fn decode(bytes: &[u8], reader: &ImageReader) -> Decoded {
    let header = header(bytes, reader)?;
    let Size { height, width } = header.size;
    let runs = bytes.get(header.offset..).unwrap_or_default();
    let (rows, stride, bits);
    let unpacked;
    if matches!(header.compression, 1 | 2) {
        unpacked = bmp_rle::unpack(runs, header.size, header.compression == 2)?;
        (rows, stride, bits) = (&unpacked[..], width, 8);
    } else {
        stride = (width * header.bits as usize).div_ceil(32) * 4;
        let end = header.offset.saturating_add(stride * height);
        rows = bytes.get(header.offset..end).ok_or_else(|| short(bytes, end))?;
        bits = header.bits;
    }
    let channels = if header.masks[3] == 0 { 3 } else { 4 };
    let mut pixels = Vec::with_capacity(width * height * channels);
    for y in 0..height {
        let row = &rows[stride * if header.top_down { y } else { height - 1 - y }..][..stride];
        for x in 0..width {
            let at = x * bits as usize;
            let byte = at / 8;
            match bits {
                1 | 4 | 8 => {
                    let index = usize::from(row[byte] << (at % 8) >> (8 - bits));
                    let colours = header.palette.len();
                    let colour = header.palette.get(index).ok_or_else(|| {
                        damaged(format!("colour {index} of a palette of {colours} colours"))
                    })?;
                    pixels.extend_from_slice(colour);
                }
                24 => pixels.extend([row[byte + 2], row[byte + 1], row[byte]]),
                _ => {
                    let low = u32::from(u16::from_le_bytes([row[byte], row[byte + 1]]));
                    let high = if bits == 32 { [row[byte + 2], row[byte + 3]] } else { [0, 0] };
                    let value = low | u32::from(u16::from_le_bytes(high)) << 16;
                    pixels.extend(header.masks[..channels].iter().map(|&mask| field(value, mask)));
                }
            }
        }
    }
    Ok(Image::of(header.size, channels, pixels))
}

fn field(value: u32, mask: u32) -> u8 {
    let shift = mask.trailing_zeros();
    let (part, most) = match mask {
        0 => return 0,
        _ => (u64::from((value & mask) >> shift), u64::from(mask >> shift)),
    };
    (part * 255 / most) as u8
}
