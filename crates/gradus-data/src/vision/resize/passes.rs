//! The two passes of a weighted resize, each from bytes to bytes.

use super::taps::{BITS, Taps};
use crate::vision::{Image, Size};

/// One half, so that a shift rounds.
const HALF: i32 = 1 << (BITS - 1);

fn byte(sum: i32) -> u8 {
    (sum >> BITS).clamp(0, 255) as u8
}

/// Columns to other columns, row by row.
pub(super) fn columns(image: &Image, taps: &Taps) -> Image {
    let channels = image.channels();
    let size = Size { width: taps.len(), ..image.size() };
    let mut pixels = vec![0; size.height * size.width * channels];
    let row = match channels {
        1 => row::<1>,
        2 => row::<2>,
        3 => row::<3>,
        _ => row::<4>,
    };
    for (y, out) in pixels.chunks_exact_mut(size.width * channels).enumerate() {
        row(image.row(y), out, taps);
    }
    Image::of(size, channels, pixels)
}

fn row<const C: usize>(from: &[u8], out: &mut [u8], taps: &Taps) {
    for (out, (first, weights)) in out.chunks_exact_mut(C).zip(taps.iter()) {
        let mut sums = [HALF; C];
        let pixels = from[first * C..].chunks_exact(C);
        for (pixel, &weight) in pixels.zip(weights) {
            for c in 0..C {
                sums[c] += i32::from(pixel[c]) * weight;
            }
        }
        for c in 0..C {
            out[c] = byte(sums[c]);
        }
    }
}

/// Rows to other rows: whole rows are added up.
pub(super) fn rows(image: &Image, taps: &Taps) -> Image {
    let size = Size { height: taps.len(), ..image.size() };
    let stride = size.width * image.channels();
    let mut pixels = vec![0; size.height * stride];
    let mut sums = vec![HALF; stride];
    for (out, (first, weights)) in pixels.chunks_exact_mut(stride).zip(taps.iter()) {
        sums.fill(HALF);
        for (y, &weight) in weights.iter().enumerate() {
            let from = image.row(first + y);
            sums.iter_mut().zip(from).for_each(|(sum, &x)| *sum += i32::from(x) * weight);
        }
        out.iter_mut().zip(&sums).for_each(|(out, &sum)| *out = byte(sum));
    }
    Image::of(size, image.channels(), pixels)
}
