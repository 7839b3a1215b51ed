//! The orientation of a picture: EXIF tag `0x0112` (CIPA DC-008, *Exif 2.32*, 4.6.4), a number from 1
//! to 8 in the first directory of a TIFF structure.
//!
//! | value | row 0 is | column 0 is | to see it upright |
//! |---|---|---|---|
//! | 1 | top | left | |
//! | 2 | top | right | mirror left and right |
//! | 3 | bottom | right | turn by 180° |
//! | 4 | bottom | left | mirror top and bottom |
//! | 5 | left | top | transpose |
//! | 6 | right | top | turn clockwise by 90° |
//! | 7 | right | bottom | transpose along the other diagonal |
//! | 8 | left | bottom | turn counter-clockwise by 90° |
//!
//! What cannot be made out counts as 1: a picture is worth more than its notes.

use crate::vision::{Image, Size};

/// The orientation in a block of EXIF; 1 if it has none.
pub(super) fn orientation(exif: &[u8]) -> u8 {
    find(exif).filter(|value| (1..=8).contains(value)).unwrap_or(1)
}

fn find(exif: &[u8]) -> Option<u8> {
    // In JPEG the structure has a name before it.
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let big = match exif.get(..4)? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let u16_at = |at: usize| -> Option<u16> {
        let two = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    let four: [u8; 4] = exif.get(4..8)?.try_into().ok()?;
    let start = if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) } as usize;
    let count = u16_at(start)?;
    // An entry is a tag, a type, a count and a value: 12 bytes.
    let entries = (0..usize::from(count)).map(|i| start + 2 + 12 * i);
    let entry = entries.take_while(|at| at + 12 <= exif.len()).find(|&at| {
        // Type 3 is a number of 16 bits.
        u16_at(at) == Some(0x0112) && u16_at(at + 2) == Some(3)
    })?;
    u8::try_from(u16_at(entry + 8)?).ok()
}

/// The picture as it was seen.
pub(super) fn upright(image: Image, orientation: u8) -> Image {
    // For each: whether rows and columns change places, then whether the picture is turned upside
    // down, then whether it is mirrored.
    let (transpose, down, mirror) = match orientation {
        2 => (false, false, true),
        3 => (false, true, true),
        4 => (false, true, false),
        5 => (true, false, false),
        6 => (true, false, true),
        7 => (true, true, true),
        8 => (true, true, false),
        _ => return image,
    };
    let Size { height, width } = image.size();
    let channels = image.channels();
    let size = if transpose { Size { height: width, width: height } } else { image.size() };
    let mut pixels = Vec::with_capacity(image.pixels().len());
    for y in 0..size.height {
        let y = if down { size.height - 1 - y } else { y };
        for x in 0..size.width {
            let x = if mirror { size.width - 1 - x } else { x };
            let (from_y, from_x) = if transpose { (x, y) } else { (y, x) };
            pixels.extend_from_slice(&image.row(from_y)[from_x * channels..][..channels]);
        }
    }
    Image::of(size, channels, pixels)
}
