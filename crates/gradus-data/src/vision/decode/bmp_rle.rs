//! Runs of BMP, for 8 and 4 bits a pixel. Source: Microsoft, *Bitmap Compression*.
//!
//! | bytes | meaning |
//! |---|---|
//! | `n v`, n > 0 | n pixels of `v`; with 4 bits its upper and lower half in turn |
//! | `0 0` | go to the next row |
//! | `0 1` | the picture ends |
//! | `0 2 x y` | go on `x` to the right and `y` rows further |
//! | `0 n …`, n > 2 | n pixels as they follow, filled to an even number of bytes |
//!
//! What is jumped over has index 0, and what sticks out of a row is dropped.

use super::Decoded;
use crate::vision::{ImageProblem, Size};

/// An index for every pixel, in the order of the file's rows.
pub(super) fn unpack(runs: &[u8], size: Size, half: bool) -> Decoded<Vec<u8>> {
    let Size { height, width } = size;
    let mut out = vec![0; width * height];
    let (mut x, mut y, mut at) = (0_usize, 0_usize, 0);
    let short = || {
        let message = format!("its runs stop without an end, {} bytes in", runs.len());
        ImageProblem::Truncated { kind: "BMP", message }
    };
    let nibble = |byte: u8, i: usize| match (half, i % 2) {
        (false, _) => byte,
        (true, 0) => byte >> 4,
        (true, _) => byte & 15,
    };
    while let Some(&[count, value]) = runs.get(at..at + 2) {
        at += 2;
        let row = out.get_mut(y * width..(y + 1) * width).unwrap_or_default();
        match (usize::from(count), usize::from(value)) {
            (0, 0) => (x, y) = (0, y + 1),
            (0, 1) => return Ok(out),
            (0, 2) => {
                let &[right, on] = runs.get(at..at + 2).ok_or_else(short)? else {
                    return Err(short());
                };
                (x, y, at) = (x + usize::from(right), y + usize::from(on), at + 2);
            }
            (0, n) => {
                let bytes = if half { n.div_ceil(2) } else { n };
                let pixels = runs.get(at..at + bytes).ok_or_else(short)?;
                let to = row.iter_mut().skip(x).take(n).enumerate();
                to.for_each(|(i, p)| *p = nibble(pixels[if half { i / 2 } else { i }], i));
                (x, at) = (x + n, at + bytes.next_multiple_of(2));
            }
            (n, _) => {
                let to = row.iter_mut().skip(x).take(n).enumerate();
                to.for_each(|(i, p)| *p = nibble(value, i));
                x += n;
            }
        }
        // No picture needs a place so far out.
        if y > height {
            return Ok(out);
        }
    }
    // Writers that leave the end out have at least filled the last row.
    if y + 1 >= height && x >= width || y >= height { Ok(out) } else { Err(short()) }
}
